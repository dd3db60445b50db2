package data

import (
	"slices"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// SimilarLabels returns the groups of labels that differ only in case or in Unicode normalisation,
// as they arise where one class was named on two systems: "é" is one letter on Linux, a letter and
// an accent on macOS. Groups and their labels are in the order of the labels.
func SimilarLabels(labels []string) [][]string {
	fold := cases.Fold()
	byKey := map[string][]string{}
	var keys []string
	for _, label := range labels {
		key := norm.NFC.String(fold.String(norm.NFC.String(label)))
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], label)
	}
	var groups [][]string
	for _, key := range keys {
		if group := slices.Compact(byKey[key]); len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups
}
