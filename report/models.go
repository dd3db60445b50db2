package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/olekukonko/tablewriter/tw"
)

// ModelRow is a model as its file describes it.
type ModelRow struct {
	Model        string
	File         string  // path
	NumParams    int64   // of the encoder
	GMACs        float64 // multiply-accumulates of one picture, 1e9; 0: not known
	MActivations float64 // activations of one picture, 1e6; 0: not known
	InputSize    [3]int  // channels, height, width
	EmbeddingDim int
	Size         int64  // of the file, in bytes
	SHA256       string // of the file, 64 hexadecimal digits
}

// WriteModelsTable writes one row per model, for the terminal or in Markdown, with the beginning of
// the hash.
func WriteModelsTable(w io.Writer, models []ModelRow, format Layout) error {
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignLeft},
		header: []string{"Model", "Encoder\nparameters\n(M)", "GMACs", "Activations\n(M)", "Input", "Embedding", "File\n(MB)", "SHA-256"},
	}
	for _, m := range models {
		g.rows = append(g.rows, []string{
			m.Model, Millions(m.NumParams), significant(m.GMACs), significant(m.MActivations),
			fmt.Sprintf("%d×%d", m.InputSize[1], m.InputSize[2]), strconv.Itoa(m.EmbeddingDim),
			significant(float64(m.Size) / 1e6), m.SHA256[:min(len(m.SHA256), 12)],
		})
	}
	var text bytes.Buffer
	if err := g.render(&text, format); err != nil {
		return fmt.Errorf("write models: %w", err)
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write models: %w", err)
	}
	return nil
}

// significant writes three digits, without an exponent, or all those before the point. What is not
// positive is not known.
func significant(x float64) string {
	if !(x > 0) || math.IsInf(x, 1) {
		return undefined
	}
	places := 2 - int(math.Floor(math.Log10(x)))
	return strconv.FormatFloat(x, 'f', max(places, 0), 64)
}

// WriteModelsCSV writes one row per model, with a header row. Numbers have all their digits; those
// that are not known are empty.
func WriteModelsCSV(w io.Writer, models []ModelRow) error {
	records := [][]string{{
		"model", "file", "num_params", "gmacs", "mactivations", "channels", "height", "width", "embedding_dim", "file_size", "sha256",
	}}
	for _, m := range models {
		records = append(records, []string{
			m.Model, m.File, strconv.FormatInt(m.NumParams, 10), Exact(known(m.GMACs)), Exact(known(m.MActivations)),
			strconv.Itoa(m.InputSize[0]), strconv.Itoa(m.InputSize[1]), strconv.Itoa(m.InputSize[2]),
			strconv.Itoa(m.EmbeddingDim), strconv.FormatInt(m.Size, 10), m.SHA256,
		})
	}
	return WriteRecords(w, records)
}

// known is the number, or NaN for one that is not known.
func known(x float64) float64 {
	if x > 0 {
		return x
	}
	return math.NaN()
}

// WriteModelsJSON writes the models under "schema":2. Numbers that are not known are null.
func WriteModelsJSON(w io.Writer, models []ModelRow) error {
	type model struct {
		Model        string   `json:"model"`
		File         string   `json:"file"`
		NumParams    int64    `json:"num_params"`
		GMACs        *float64 `json:"gmacs"`
		MActivations *float64 `json:"mactivations"`
		InputSize    [3]int   `json:"input_size"`
		EmbeddingDim int      `json:"embedding_dim"`
		FileSize     int64    `json:"file_size"`
		SHA256       string   `json:"sha256"`
	}
	file := struct {
		Schema int     `json:"schema"`
		Models []model `json:"models"`
	}{schema, []model{}}
	for _, m := range models {
		file.Models = append(file.Models, model{
			m.Model, m.File, m.NumParams, orNull(known(m.GMACs)), orNull(known(m.MActivations)),
			m.InputSize, m.EmbeddingDim, m.Size, m.SHA256,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(file); err != nil {
		return fmt.Errorf("write models: %w", err)
	}
	return nil
}
