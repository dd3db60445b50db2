package page

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"vs/report"
)

// visibleJSON does what [report.Printable] does in JSON and keeps its meaning: there such
// characters stand in strings alone, as \u and four digits.
func visibleJSON(text []byte) string {
	var b strings.Builder
	for _, r := range string(text) {
		if unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r == 0x7f || r >= 0x80 && r < 0xa0 {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func allVisible(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = report.Printable(name)
	}
	return out
}

// encode gives JSON that can stand in a script element: <, > and & are escaped.
func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

// number is a float64 whose JSON has at most six decimals, and null for NaN.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	x := float64(n)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, math.Round(x*1e6)/1e6, 'f', -1, 64), nil
}

// coarse is a float64 with four decimals, for what there is much of and only a plot shows.
type coarse float64

func (n coarse) MarshalJSON() ([]byte, error) {
	return number(math.Round(float64(n)*1e4) / 1e4).MarshalJSON()
}

func numbers(values []float64) []number {
	out := make([]number, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}
