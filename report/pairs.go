package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/olekukonko/tablewriter/tw"
)

// Pair is two pictures that are equal or look alike, both as "label/name".
type Pair struct {
	First      string  `json:"first"`
	Second     string  `json:"second"`
	Similarity float64 `json:"similarity"` // cosine of the embeddings; 1 of equal content
	Equal      bool    `json:"equal"`      // they have the same content
	Across     bool    `json:"across"`     // they are of different classes, so that at least one label may be wrong
}

// Pairs are those found among the pictures of a data set.
type Pairs struct {
	Threshold float64 // similarity from which pictures of other content are alike
	Pairs     []Pair  // across classes first, then the more similar ones
	Across    int     // all that there are across classes
	Total     int     // all that there are, also those for which Pairs has no room
}

// WritePairsTable writes a line a pair, for the terminal or in Markdown, and a note of what has no
// place.
func WritePairsTable(w io.Writer, p *Pairs, format Layout) error {
	d := document{format: format}
	d.heading(fmt.Sprintf("Pictures that are equal or alike, similarity %v and more", p.Threshold))
	g := grid{
		align:  tw.Alignment{tw.AlignLeft, tw.AlignLeft, tw.AlignRight, tw.AlignLeft},
		header: []string{"Picture", "Is like", "Similarity", "Classes"},
	}
	for _, pair := range p.Pairs {
		similarity := strconv.FormatFloat(pair.Similarity, 'f', 4, 64)
		if pair.Equal {
			similarity = "equal"
		}
		classes := "the same"
		if pair.Across {
			classes = "different"
		}
		g.rows = append(g.rows, []string{Printable(pair.First), Printable(pair.Second), similarity, classes})
	}
	d.tableOrNone(g)
	if p.Total > 0 {
		text := fmt.Sprintf("%s, %d across classes.", count(p.Total, "pair", "pairs"), p.Across)
		if n := len(p.Pairs); n < p.Total {
			text += fmt.Sprintf(" These are the first %d: those across classes, then the most similar.", n)
		}
		d.note(wrap(text)...)
	}
	if d.err != nil {
		return fmt.Errorf("write pairs: %w", d.err)
	}
	if _, err := w.Write(d.text.Bytes()); err != nil {
		return fmt.Errorf("write pairs: %w", err)
	}
	return nil
}

// WritePairsCSV writes one row per pair. Similarities have all their digits.
func WritePairsCSV(w io.Writer, p *Pairs) error {
	records := [][]string{{"first", "second", "similarity", "equal", "across"}}
	for _, pair := range p.Pairs {
		records = append(records, []string{
			pair.First, pair.Second, Exact(pair.Similarity), strconv.FormatBool(pair.Equal), strconv.FormatBool(pair.Across),
		})
	}
	return WriteRecords(w, records)
}

// WritePairsJSON writes
// {"schema":2,"threshold","total","across","pairs":[{"first","second","similarity","equal","across"}]}.
func WritePairsJSON(w io.Writer, p *Pairs) error {
	file := struct {
		Schema    int     `json:"schema"`
		Threshold float64 `json:"threshold"`
		Total     int     `json:"total"`
		Across    int     `json:"across"`
		Pairs     []Pair  `json:"pairs"`
	}{schema, p.Threshold, p.Total, p.Across, p.Pairs}
	if file.Pairs == nil {
		file.Pairs = []Pair{}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(file)
	if err == nil {
		_, err = w.Write(text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write pairs: %w", err)
	}
	return nil
}
