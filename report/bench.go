package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/tw"
)

// Bench is what a benchmark measured, with what it was measured on.
type Bench struct {
	Model        string       `json:"model"`
	NumParams    int64        `json:"num_params"`
	GMACs        float64      `json:"gmacs,omitempty"`        // of one picture
	MActivations float64      `json:"mactivations,omitempty"` // of one picture
	Device       string       `json:"device"`
	Versions     string       `json:"versions"` // of vs, libtorch and BLAS
	Pictures     int          `json:"num_pictures"`
	Stages       []BenchStage `json:"stages"`
}

// BenchStage is one stage, measured several times.
type BenchStage struct {
	Name     string    `json:"name"`
	Workers  int       `json:"workers"`
	Pictures int       `json:"num_pictures"` // in each measurement
	Seconds  []float64 `json:"seconds"`
}

// Median returns the median of the measured times, in seconds.
func (s BenchStage) Median() float64 {
	sorted := slices.Sorted(slices.Values(s.Seconds))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// WriteBenchTable writes a benchmark for the terminal: medians, and the range of the rates.
func WriteBenchTable(w io.Writer, b *Bench) error {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight},
		header: []string{"Stage", "Workers", "Pictures/s", "ms a picture", "Range (pictures/s)"},
	}
	for _, s := range b.Stages {
		if len(s.Seconds) == 0 || s.Pictures == 0 {
			return fmt.Errorf("write benchmark: stage %s was not measured", s.Name)
		}
		rate := func(seconds float64) string { return strconv.FormatFloat(float64(s.Pictures)/seconds, 'f', 1, 64) }
		g.rows = append(g.rows, []string{
			s.Name, strconv.Itoa(s.Workers), rate(s.Median()),
			strconv.FormatFloat(1000*s.Median()/float64(s.Pictures), 'f', 2, 64),
			rate(slices.Max(s.Seconds)) + "–" + rate(slices.Min(s.Seconds)),
		})
	}
	about := []string{Printable(b.Model), Millions(b.NumParams) + " M parameters"}
	if b.GMACs > 0 {
		about = append(about, strconv.FormatFloat(b.GMACs, 'g', 3, 64)+" GMACs")
	}
	about = append(about, b.Device, Printable(b.Versions))
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s\n\n", strings.Join(about, ", "))
	if err := g.render(&text, Terminal); err != nil {
		return fmt.Errorf("write benchmark: %w", err)
	}
	fmt.Fprintf(&text, "\nMedians of %d measurements, the stages in turn.\n", len(b.Stages[0].Seconds))
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write benchmark: %w", err)
	}
	return nil
}

// WriteBenchJSON writes a benchmark with all its measurements, under "schema":2.
func WriteBenchJSON(w io.Writer, b *Bench) error {
	return json.NewEncoder(w).Encode(struct {
		Schema int `json:"schema"`
		*Bench
	}{schema, b})
}
