package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"vs/search"
)

func classesCommand() *cli.Command {
	return &cli.Command{
		Name:  "classes",
		Usage: "list the classes, each with the one that it is most easily taken for",
		Description: "The similarity is that of the two classes' mean embeddings: their cosine, at most 1.\n\n" +
			"Example: vs db classes --db animals-5m.db",
		Flags: []cli.Flag{
			dbFlag(),
			&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORMAT` of the result: table, markdown, csv or json"},
		},
		Action: classes,
	}
}

func classes(c *cli.Context) error {
	if err := cmp.Or(needFlag(c, "db"), oneOf(c, "format", "table", "markdown", "csv", "json")); err != nil {
		return err
	}
	var all []search.Class
	err := readDB(c, func(db *search.DB) (err error) {
		all, err = db.Classes(c.Context)
		return err
	})
	if err != nil {
		return err
	}
	switch out := c.App.Writer; c.String("format") {
	case "markdown":
		return writeClassesMarkdown(out, all)
	case "csv":
		return writeClassesCSV(out, all)
	case "json":
		return writeClassesJSON(out, all)
	default:
		return writeClassesTable(out, all)
	}
}

var classesHeader = []string{"class", "pictures", "last change (UTC)", "most similar class", "similarity"}

// classCells are a class's cells in tables for people.
func classCells(class search.Class) []string {
	label, score := "–", "–"
	if class.Nearest != nil {
		label, score = class.Nearest.Label, fmt.Sprintf("%.4f", class.Nearest.Score)
	}
	changed := strings.NewReplacer("T", " ", "Z", "").Replace(class.Updated)
	return []string{class.Label, strconv.Itoa(class.Pictures), changed, label, score}
}

func writeClassesTable(w io.Writer, all []search.Class) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(classesHeader, "\t"))
	for _, class := range all {
		fmt.Fprintln(t, strings.Join(classCells(class), "\t"))
	}
	return t.Flush() // reports the first error of any write
}

// markdownEscaper keeps a label from being taken for markup, or for the end of a cell.
var markdownEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `*`, `\*`, `_`, `\_`, "`", "\\`", `<`, `\<`, `[`, `\[`, `~`, `\~`, `&`, `\&`, `$`, `\$`)

func writeClassesMarkdown(w io.Writer, all []search.Class) error {
	var text strings.Builder
	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	line(classesHeader)
	line([]string{":---", "---:", ":---", ":---", "---:"})
	for _, class := range all {
		cells := classCells(class)
		for i := range cells {
			cells[i] = markdownEscaper.Replace(cells[i])
		}
		line(cells)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// writeClassesCSV writes similarities with all their digits; those that do not exist are empty.
func writeClassesCSV(w io.Writer, all []search.Class) error {
	out := csv.NewWriter(w)
	out.Write([]string{"label", "pictures", "updated", "nearest", "similarity"})
	for _, class := range all {
		record := []string{class.Label, strconv.Itoa(class.Pictures), class.Updated, "", ""}
		if n := class.Nearest; n != nil {
			record[3], record[4] = n.Label, strconv.FormatFloat(float64(n.Score), 'g', -1, 32)
		}
		out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// writeClassesJSON writes {"schema":1,"classes":[{"label","pictures","updated","nearest":{"label","score"}}]}.
func writeClassesJSON(w io.Writer, all []search.Class) error {
	type nearest struct {
		Label string  `json:"label"`
		Score float32 `json:"score"`
	}
	type entry struct {
		Label    string   `json:"label"`
		Pictures int      `json:"pictures"`
		Updated  string   `json:"updated"`
		Nearest  *nearest `json:"nearest"`
	}
	entries := make([]entry, len(all))
	for i, class := range all {
		entries[i] = entry{Label: class.Label, Pictures: class.Pictures, Updated: class.Updated}
		if n := class.Nearest; n != nil {
			entries[i].Nearest = &nearest{n.Label, n.Score}
		}
	}
	return json.NewEncoder(w).Encode(struct {
		Schema  int     `json:"schema"`
		Classes []entry `json:"classes"`
	}{1, entries})
}
