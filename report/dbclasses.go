package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// DatabaseClass is a class as a database lists it.
type DatabaseClass struct {
	Label    string     `json:"label"`
	Pictures int        `json:"num_pictures"`
	Updated  string     `json:"updated"` // UTC, RFC 3339
	Nearest  *Candidate `json:"nearest"` // the most similar other class; nil where there is none
}

var databaseClassHeader = []string{"class", "pictures", "last change (UTC)", "most similar class", "similarity"}

// cells are the class's cells in tables for people.
func (c DatabaseClass) cells() []string {
	label, score := undefined, undefined
	if c.Nearest != nil {
		label, score = Printable(c.Nearest.Label), fixed(float64(c.Nearest.Score), 4)
	}
	changed := Printable(strings.NewReplacer("T", " ", "Z", "").Replace(c.Updated))
	return []string{Printable(c.Label), strconv.Itoa(c.Pictures), changed, label, score}
}

// WriteDatabaseClassesTable writes a line a class, for the terminal or in Markdown.
func WriteDatabaseClassesTable(w io.Writer, classes []DatabaseClass, format Layout) error {
	if format == Markdown {
		return writeDatabaseClassesMarkdown(w, classes)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(databaseClassHeader, "\t"))
	for _, c := range classes {
		fmt.Fprintln(t, strings.Join(c.cells(), "\t"))
	}
	return t.Flush() // reports the first error of any write
}

func writeDatabaseClassesMarkdown(w io.Writer, classes []DatabaseClass) error {
	var text strings.Builder
	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	line(databaseClassHeader)
	line([]string{":---", "---:", ":---", ":---", "---:"})
	for _, c := range classes {
		cells := c.cells()
		for i := range cells {
			cells[i] = escapeMarkdown(cells[i])
		}
		line(cells)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteDatabaseClassesCSV writes one row per class. Similarities have all their digits; those that
// do not exist are empty.
func WriteDatabaseClassesCSV(w io.Writer, classes []DatabaseClass) error {
	records := [][]string{{"label", "num_pictures", "updated", "nearest", "similarity"}}
	for _, c := range classes {
		record := []string{Printable(c.Label), strconv.Itoa(c.Pictures), c.Updated, "", ""}
		if c.Nearest != nil {
			record[3], record[4] = c.Nearest.Label, c.Nearest.exact()
		}
		records = append(records, record)
	}
	return WriteRecords(w, records)
}

// WriteDatabaseClassesJSON writes
// {"schema":2,"classes":[{"label","num_pictures","updated","nearest":{"label","score"}}]}.
func WriteDatabaseClassesJSON(w io.Writer, classes []DatabaseClass) error {
	if classes == nil {
		classes = []DatabaseClass{}
	}
	return json.NewEncoder(w).Encode(struct {
		Schema  int             `json:"schema"`
		Classes []DatabaseClass `json:"classes"`
	}{schema, classes})
}
