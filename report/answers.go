package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Answer is what a search says about one picture.
type Answer struct {
	File string `json:"file"`

	// Unknown reports whether the picture is unlike all classes; nil where that was not asked.
	Unknown *bool `json:"unknown,omitempty"`

	Hits []Candidate `json:"hits"` // best first
}

// unknown reports whether the answer is that the picture is unlike all classes.
func (a *Answer) unknown() bool { return a.Unknown != nil && *a.Unknown }

// Candidate is one class or picture of an answer.
type Candidate struct {
	Label       string   `json:"label"`
	Score       float32  `json:"score"`                 // by the metric; of neighbours the share of the votes
	Probability *float64 `json:"probability,omitempty"` // nil where there is none
}

// probability prints it in percent, or nothing where the score is the probability.
func (h Candidate) probability() string {
	if h.Probability == nil || float32(*h.Probability) == h.Score {
		return ""
	}
	return fmt.Sprintf("%5.1f %%", 100**h.Probability)
}

// exact prints the fewest digits of the score that read back as the same number.
func (h Candidate) exact() string { return strconv.FormatFloat(float64(h.Score), 'g', -1, 32) }

// WriteAnswersTable writes a line a hit for the terminal: the file, which stands before its first
// one, the score, the probability and the label. The first line of a picture unlike all classes
// says so.
func WriteAnswersTable(w io.Writer, answers []Answer) error {
	probabilities := slices.ContainsFunc(answers, func(a Answer) bool {
		return slices.ContainsFunc(a.Hits, func(h Candidate) bool { return h.probability() != "" })
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		if !probabilities {
			cells = slices.Delete(cells, 2, 3)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	for _, a := range answers {
		file := Printable(a.File)
		if a.unknown() {
			line(file, "", "", "unknown")
			file = ""
		}
		for _, h := range a.Hits {
			line(file, fmt.Sprintf("%.4f", h.Score), h.probability(), Printable(h.Label))
			file = ""
		}
	}
	return t.Flush() // reports the first error of any write
}

// WriteAnswersCSV writes one row per hit: file, rank (from 1), label, score, probability, unknown.
// What was not asked is empty.
func WriteAnswersCSV(w io.Writer, answers []Answer) error {
	records := [][]string{{"file", "rank", "label", "score", "probability", "unknown"}}
	for _, a := range answers {
		unknown := ""
		if a.Unknown != nil {
			unknown = strconv.FormatBool(*a.Unknown)
		}
		for i, h := range a.Hits {
			probability := ""
			if h.Probability != nil {
				probability = Exact(*h.Probability)
			}
			records = append(records, []string{a.File, strconv.Itoa(i + 1), h.Label, h.exact(), probability, unknown})
		}
	}
	return WriteRecords(w, records)
}

// WriteAnswersJSON writes
// {"schema":2,"answers":[{"file","unknown","hits":[{"label","score","probability"}]}]}.
func WriteAnswersJSON(w io.Writer, answers []Answer) error {
	if answers == nil {
		answers = []Answer{}
	}
	return json.NewEncoder(w).Encode(struct {
		Schema  int      `json:"schema"`
		Answers []Answer `json:"answers"`
	}{schema, answers})
}
