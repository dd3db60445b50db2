package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DisplayNames names evaluations so that no two names are equal: by the model, by its method if
// that is not the usual one, and with a number where that does not do.
func DisplayNames(evals []*Evaluation) []string {
	names := make([]string, len(evals))
	for i, e := range evals {
		names[i] = e.Model
		if e.Method != "" {
			names[i] += ", " + e.Method
		}
	}
	return numbered(names, func(name string) string { return name }, func(name string, n int) string { return fmt.Sprintf("%s (%d)", name, n) })
}

// FileNames makes the names of evaluations fit for files, different even where large and small
// letters are the same.
func FileNames(evals []*Evaluation) []string {
	names := DisplayNames(evals)
	for i := range names {
		names[i] = fileName(names[i])
	}
	return numbered(names, strings.ToLower, func(name string, n int) string { return fmt.Sprintf("%s-%d", name, n) })
}

// numbered gives the second and further of equal names a number.
func numbered(names []string, key func(string) string, number func(name string, n int) string) []string {
	unique := make([]string, len(names))
	taken := map[string]bool{}
	for i, name := range names {
		unique[i] = name
		for n := 2; taken[key(unique[i])]; n++ {
			unique[i] = number(name, n)
		}
		taken[key(unique[i])] = true
	}
	return unique
}

// fileName replaces all but letters, digits, dots, dashes and underscores, and keeps the name short
// enough for every file system, whatever is appended.
func fileName(name string) string {
	const longest = 100 // bytes
	var b strings.Builder
	for _, r := range name {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N) && !strings.ContainsRune(".-_", r) || r == utf8.RuneError {
			r = '_'
		}
		if r == '_' && strings.HasSuffix(b.String(), "_") {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > longest {
			break
		}
		b.WriteRune(r)
	}
	// A leading dot would hide the file, a leading dash looks like an option.
	if safe := strings.TrimRight(strings.TrimLeft(b.String(), ".-_"), "._"); safe != "" {
		return safe
	}
	return "model"
}
