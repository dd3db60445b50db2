package evaluation

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"vs/encoder"
)

// Compute says how a model computes. It does not change what is evaluated, but may change the last
// bits of embeddings, or which pictures count.
type Compute struct {
	Precision     encoder.Precision
	Deterministic bool
	BatchSize     int // 0: the device chooses
	MaxBadShare   float64
	ExifRotate    bool
}

// fields are the values by their names in JSON, which are those of the options.
func (c *Compute) fields() map[string]any {
	return map[string]any{
		"precision":     (*string)(&c.Precision),
		"deterministic": &c.Deterministic,
		"batch-size":    &c.BatchSize,
		"max-bad-share": &c.MaxBadShare,
		"exif-rotate":   &c.ExifRotate,
	}
}

// MarshalJSON writes an object of strings, as all manifests have it.
func (c Compute) MarshalJSON() ([]byte, error) {
	texts := map[string]string{}
	for name, field := range c.fields() {
		switch field := field.(type) {
		case *string:
			texts[name] = *field
		case *bool:
			texts[name] = strconv.FormatBool(*field)
		case *int:
			if *field > 0 {
				texts[name] = strconv.Itoa(*field)
			}
		case *float64:
			texts[name] = strconv.FormatFloat(*field, 'g', -1, 64)
		}
	}
	return json.Marshal(texts)
}

// UnmarshalJSON refuses fields that this version does not know, since they may change the results.
func (c *Compute) UnmarshalJSON(text []byte) error {
	var texts map[string]string
	if err := json.Unmarshal(text, &texts); err != nil {
		return err
	}
	*c = Compute{Precision: encoder.FP32, Deterministic: true}
	fields := c.fields()
	for name, text := range texts {
		var err error
		switch field := fields[name].(type) {
		case *string:
			*field = text
		case *bool:
			*field, err = strconv.ParseBool(text)
		case *int:
			*field, err = strconv.Atoi(text)
		case *float64:
			*field, err = strconv.ParseFloat(text, 64)
		default:
			return fmt.Errorf("option %q is unknown to this version; update vs", name)
		}
		if err != nil {
			return fmt.Errorf("option %s: value %q is invalid", name, text)
		}
	}
	return c.validate()
}

func (c *Compute) validate() error {
	switch {
	case !slices.Contains(encoder.Precisions, string(c.Precision)):
		return fmt.Errorf("option precision: %q is not one of %q", c.Precision, encoder.Precisions)
	case c.BatchSize < 0:
		return fmt.Errorf("option batch-size: %d is negative", c.BatchSize)
	case !(c.MaxBadShare >= 0 && c.MaxBadShare <= 1):
		return fmt.Errorf("option max-bad-share: %v is not between 0 and 1", c.MaxBadShare)
	}
	return nil
}
