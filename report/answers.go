package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Answer is what a search says about one picture.
type Answer struct {
	File string      `json:"file"`
	Hits []Candidate `json:"hits"` // best first
}

// Candidate is one class of an answer.
type Candidate struct {
	Label string  `json:"label"`
	Score float32 `json:"score"` // by the metric; of neighbours the share of the votes
}

// exact prints the fewest digits of the score that read back as the same number.
func (h Candidate) exact() string { return strconv.FormatFloat(float64(h.Score), 'g', -1, 32) }

// WriteAnswersTable writes a line a hit for the terminal; the file stands before its first one.
func WriteAnswersTable(w io.Writer, answers []Answer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range answers {
		file := a.File
		for _, h := range a.Hits {
			fmt.Fprintf(t, "%s\t%.4f\t%s\n", Printable(file), h.Score, Printable(h.Label))
			file = ""
		}
	}
	return t.Flush() // reports the first error of any write
}

// WriteAnswersCSV writes one row per hit: file, rank (from 1), label, score.
func WriteAnswersCSV(w io.Writer, answers []Answer) error {
	records := [][]string{{"file", "rank", "label", "score"}}
	for _, a := range answers {
		for i, h := range a.Hits {
			records = append(records, []string{a.File, strconv.Itoa(i + 1), h.Label, h.exact()})
		}
	}
	return WriteRecords(w, records)
}

// WriteAnswersJSON writes {"schema":2,"answers":[{"file","hits":[{"label","score"}]}]}.
func WriteAnswersJSON(w io.Writer, answers []Answer) error {
	if answers == nil {
		answers = []Answer{}
	}
	return json.NewEncoder(w).Encode(struct {
		Schema  int      `json:"schema"`
		Answers []Answer `json:"answers"`
	}{schema, answers})
}
