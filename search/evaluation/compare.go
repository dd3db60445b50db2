package evaluation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Differences names the inputs in which two manifests differ.
func (m *Manifest) Differences(now *Manifest) []string {
	var list []string
	compare := func(what, then, now string) {
		if then != now {
			list = append(list, fmt.Sprintf("%s: %s then, %s now", what, orNone(then), orNone(now)))
		}
	}
	compare("vs", m.Program.VS, now.Program.VS)
	compare("Go", m.Program.Go, now.Program.Go)
	compare("platform", m.Program.Platform, now.Program.Platform)
	compare("libtorch", m.Program.LibTorch, now.Program.LibTorch)
	if m.Program.Build != "" {
		compare("build of libtorch", m.Program.Build, now.Program.Build)
	}
	compare("BLAS", m.Program.BLAS, now.Program.BLAS)
	compare("split file", m.Settings.SplitHash, now.Settings.SplitHash)
	for i, then := range m.Models {
		now := now.Models[i]
		of := " of " + then.Name
		compare("model "+then.Name, then.Hash, now.Hash)
		compare("transform"+of, then.Transform, now.Transform)
		compare("augmentation"+of, then.Augmentation, now.Augmentation)
		compare("device"+of, then.Device, now.Device)
		list = append(list, differentClasses(then, now)...)
	}
	return list
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// differentClasses names the classes whose pictures or embeddings are not those of then.
func differentClasses(then, now manifestModel) []string {
	var pictures, embeddings []string
	for _, c := range then.Classes {
		i := slices.IndexFunc(now.Classes, func(n manifestClass) bool { return n.Label == c.Label })
		switch {
		case i < 0:
			pictures = append(pictures, fmt.Sprintf("%q (gone)", c.Label))
		case now.Classes[i].Pictures != c.Pictures:
			pictures = append(pictures, fmt.Sprintf("%q (%d then, %d now)", c.Label, c.Pictures, now.Classes[i].Pictures))
		case now.Classes[i].Contents != c.Contents:
			pictures = append(pictures, fmt.Sprintf("%q", c.Label))
		case now.Classes[i].Embeddings != c.Embeddings:
			embeddings = append(embeddings, fmt.Sprintf("%q", c.Label))
		}
	}
	var list []string
	if len(pictures) > 0 {
		list = append(list, "pictures of the "+enumerate(pictures))
	}
	if len(embeddings) > 0 {
		list = append(list, fmt.Sprintf("embeddings by %s of the same pictures of the %s", then.Name, enumerate(embeddings)))
	}
	return list
}

// enumerate lists the first few classes and counts the rest.
func enumerate(names []string) string {
	const most = 5
	what := "class "
	if len(names) > 1 {
		what = "classes "
	}
	if len(names) <= most {
		return what + strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s%s and %d more", what, strings.Join(names[:most], ", "), len(names)-most)
}

// DifferentResults names the results that are not the same, to the last prediction.
func (m *Manifest) DifferentResults(other *Manifest) []string {
	then, now := m.Results, other.Results
	if len(then) != len(now) {
		return []string{fmt.Sprintf("%d results then, %d now", len(then), len(now))}
	}
	var list []string
	for i, t := range then {
		n := now[i]
		name := t.Model
		if t.Method != "" {
			name += ", " + t.Method
		}
		switch {
		case t.Accuracy != n.Accuracy:
			list = append(list, fmt.Sprintf("%s: accuracy %v then, %v now", name, t.Accuracy, n.Accuracy))
		case t.TopKAccuracy != n.TopKAccuracy:
			list = append(list, fmt.Sprintf("%s: top-k accuracy %v then, %v now", name, t.TopKAccuracy, n.TopKAccuracy))
		case !slices.Equal(t.RunAccuracies, n.RunAccuracies) || t.Predictions != n.Predictions:
			list = append(list, name+": the same accuracy from other predictions")
		case t.LogLoss != nil && (n.LogLoss == nil || !same(*t.LogLoss, *n.LogLoss)):
			list = append(list, name+": the same predictions with other probabilities")
		}
		for _, score := range slices.Sorted(maps.Keys(t.AUROC)) {
			if then, now := t.AUROC[score], n.AUROC[score]; !same(then, now) {
				list = append(list, fmt.Sprintf("%s: AUROC of %s %v then, %v now", name, score, then, now))
			}
		}
	}
	return list
}

// same reports whether two numbers differ by rounding at most, which other libraries do otherwise
// though they predict the same.
func same(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(math.Abs(a), math.Abs(b)) }
