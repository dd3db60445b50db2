package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// SafeCSV returns a writer to which the functions of this package write CSV for spreadsheets: a
// cell that one would take for a formula gets an apostrophe in front, as OWASP recommends
// (https://owasp.org/www-community/attacks/CSV_Injection). Numbers stay. Nothing takes the
// apostrophe away again: other programs should read the plain CSV.
func SafeCSV(w io.Writer) io.Writer { return safeCSV{w} }

type safeCSV struct{ io.Writer }

// formulaStarts begin what spreadsheets take for a formula, and what they leave out before one.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

var plainNumber = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$`)

func safeCell(cell string) string {
	if strings.IndexAny(cell, formulaStarts) == 0 && !plainNumber.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

// WriteRecords writes rows of CSV.
func WriteRecords(w io.Writer, records [][]string) error {
	if _, ok := w.(safeCSV); ok {
		safe := make([][]string, len(records))
		for i, record := range records {
			for _, cell := range record {
				safe[i] = append(safe[i], safeCell(cell))
			}
		}
		records = safe
	}
	if err := csv.NewWriter(w).WriteAll(records); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}
