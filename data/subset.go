package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vs/data/text"
)

// ChooseLabels returns the wanted labels in the order of all. From names where they are looked for,
// for the error about one that is not there.
func ChooseLabels(all, wanted []string, from string) ([]string, error) {
	if len(wanted) == 0 {
		return nil, errors.New("choose classes: no label given: name at least one")
	}
	chosen := make(map[string]bool, len(wanted))
	for _, label := range wanted {
		if chosen[label] {
			return nil, fmt.Errorf("choose classes: %q is given twice; name each class once", label)
		}
		if !slices.Contains(all, label) {
			return nil, fmt.Errorf("choose classes: no class %q among the %d of %s%s", label, len(all), from, text.Suggestion(label, all))
		}
		chosen[label] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(label string) bool { return !chosen[label] }), nil
}

// with returns the folder with other labels and pictures. LeftOut stays that of the whole folder.
func (f *Folder) with(labels []string, pictures []Picture, bad []BadPicture) *Folder {
	out := *f
	out.Labels, out.Pictures, out.Bad = labels, pictures, bad
	return &out
}

// Subset returns the folder with only the given labels, in the folder's order. LeftOut stays that
// of the whole folder.
func (f *Folder) Subset(labels []string) (*Folder, error) {
	chosen, err := ChooseLabels(f.Labels, labels, f.Dir)
	if err != nil {
		return nil, err
	}
	var pictures []Picture
	for _, p := range f.Pictures {
		if i := slices.Index(chosen, f.Labels[p.Label]); i >= 0 {
			pictures = append(pictures, Picture{Label: i, Name: p.Name})
		}
	}
	var bad []BadPicture
	for _, b := range f.Bad {
		if label, _, _ := strings.Cut(b.File, "/"); slices.Contains(chosen, label) {
			bad = append(bad, b)
		}
	}
	return f.with(chosen, pictures, bad), nil
}

// Limit returns the folder with only the first n pictures of each class, and all of Bad, for quick
// trials. It panics when n is not positive.
func (f *Folder) Limit(n int) *Folder {
	if n <= 0 {
		panic("data: limit is not positive")
	}
	var pictures []Picture
	taken := make([]int, len(f.Labels))
	for _, p := range f.Pictures {
		if taken[p.Label] < n {
			taken[p.Label]++
			pictures = append(pictures, p)
		}
	}
	return f.with(f.Labels, pictures, f.Bad)
}

// Without returns the folder without some pictures, which are given by their indices, and without
// those of Bad.
func (f *Folder) Without(pictures []int) *Folder {
	out := make([]bool, len(f.Pictures))
	for _, i := range pictures {
		out[i] = true
	}
	var kept []Picture
	for i, p := range f.Pictures {
		if !out[i] {
			kept = append(kept, p)
		}
	}
	return f.with(f.Labels, kept, nil)
}

// ShareOfLabels draws int(len(labels) × share) of the labels at random and returns them in their
// given order. The share lies in (0, 1]. The draw is the beginning of one permutation of all
// labels, so with one seed a smaller share is a part of a larger one.
func ShareOfLabels(labels []string, share float64, g Generator) ([]string, error) {
	if math.IsNaN(share) || share <= 0 || share > 1 {
		return nil, fmt.Errorf("choose classes: share %v is outside (0, 1]; give for instance 0.5", share)
	}
	n := int(float64(len(labels)) * share)
	if n == 0 {
		return nil, fmt.Errorf("choose classes: share %v of %d classes leaves none; give a larger share", share, len(labels))
	}
	perm, err := permute(g, len(labels))
	if err != nil {
		return nil, fmt.Errorf("choose classes: %w", err)
	}
	chosen := perm[:n]
	slices.Sort(chosen)
	out := make([]string, n)
	for i, c := range chosen {
		out[i] = labels[c]
	}
	return out, nil
}
