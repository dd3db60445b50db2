package classifier

import (
	"fmt"
	"strconv"
)

// Choice is a parameter that is given, or chosen on the training part. The zero value is "auto".
type Choice struct {
	given bool
	value float64
}

// auto is how a parameter that is chosen reads.
const auto = "auto"

// Given is a parameter that is not chosen.
func Given(value float64) Choice { return Choice{true, value} }

// Value returns the value that was given, if one was.
func (c Choice) Value() (value float64, given bool) { return c.value, c.given }

// String returns "auto" or the number.
func (c Choice) String() string {
	if !c.given {
		return auto
	}
	return strconv.FormatFloat(c.value, 'g', -1, 64)
}

// MarshalText writes what [Choice.UnmarshalText] reads.
func (c Choice) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads "auto" or a number.
func (c *Choice) UnmarshalText(text []byte) error {
	if string(text) == auto {
		*c = Choice{}
		return nil
	}
	value, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("%q is neither auto nor a number", text)
	}
	*c = Given(value)
	return nil
}

// or returns the value that was given as the only candidate, else all of them.
func (c Choice) or(candidates []float64) []float64 {
	if c.given {
		return []float64{c.value}
	}
	return candidates
}
