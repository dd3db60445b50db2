package report

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Layout is how tables are laid out.
type Layout int

const (
	Terminal Layout = iota // columns aligned with spaces, without colours
	Styled                 // as Terminal, with headings in bold
	Markdown               // GitHub Flavored Markdown
)

// Sequences of a terminal.
const bold, plain = "\x1b[1m", "\x1b[m"

// grid is a table of plain text. A line break in a header is a space in
// Markdown, whose headers have one line.
type grid struct {
	align  tw.Alignment // one entry a column
	header []string     // may be nil
	rows   [][]string
}

func (g *grid) render(w io.Writer, format Layout) error {
	options := []tablewriter.Option{
		// Text stands as it is: no upper-case headers, no wrapping, no trimming
		// of indentation, columns kept even if empty.
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithTrimTab(tw.Off),
		tablewriter.WithAlignment(g.align),
	}
	var text bytes.Buffer
	if format == Markdown {
		options = append(options, tablewriter.WithRenderer(renderer.NewMarkdown()))
	} else {
		gap := "  "
		options = append(options,
			tablewriter.WithPadding(tw.PaddingNone),
			tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
				Borders: tw.BorderNone,
				Symbols: tw.NewSymbolCustom("columns").WithRow("─").WithColumn(gap).WithCenter(gap),
			})),
		)
	}
	table := tablewriter.NewTable(&text, options...)
	if len(g.header) > 0 {
		table.Header(headers(g.header, format))
	}
	for _, row := range g.rows {
		if err := table.Append(cells(row, format)); err != nil {
			return err
		}
	}
	if err := table.Render(); err != nil {
		return err
	}
	heading := format == Styled && len(g.header) > 0
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, " \n")
		heading = heading && strings.Trim(line, "─ ") != "" // a rule ends it
		if heading {
			line = bold + line + plain
		}
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// cells makes all text of a row printable, whatever it is and wherever it is from.
func cells(row []string, format Layout) []string {
	escaped := make([]string, len(row))
	for i, cell := range row {
		escaped[i] = Printable(cell)
		if format == Markdown {
			escaped[i] = escapeMarkdown(escaped[i])
		}
	}
	return escaped
}

// headers are cells of which line breaks are part.
func headers(row []string, format Layout) []string {
	if format == Markdown {
		row = slices.Clone(row)
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], "\n", " ")
		}
		return cells(row, format)
	}
	lines := make([]string, len(row))
	for i := range row {
		lines[i] = strings.Join(cells(strings.Split(row[i], "\n"), format), "\n")
	}
	return lines
}
