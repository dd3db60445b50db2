package text

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Suggestion returns ": did you mean "x" or "y"?" with up to three names that differ from the wrong
// one in a third of its letters at most, the nearest first. It is empty when there are none.
func Suggestion(wrong string, names []string) string {
	type near struct {
		name     string
		distance int
	}
	limit := max(1, len([]rune(wrong))/3)
	var found []near
	for _, name := range names {
		if d := editDistance(strings.ToLower(wrong), strings.ToLower(name)); d <= limit {
			found = append(found, near{name, d})
		}
	}
	if len(found) == 0 {
		return ""
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	quoted := make([]string, 0, 3)
	for _, n := range found[:min(3, len(found))] {
		quoted = append(quoted, fmt.Sprintf("%q", n.name))
	}
	return ": did you mean " + strings.Join(quoted, " or ") + "?"
}

// editDistance is Levenshtein's: the least number of letters to insert, delete or replace.
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			replace := diagonal
			if r != s {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}
