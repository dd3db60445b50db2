package page

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"vs/report"
)

// pictures are those of all models, in the order of labels and names, so that each has one index.
type pictures struct {
	files   []string // "label/name"
	targets []int
	index   map[string]int
	names   [][]string // of each label, as they are shown
}

// listPictures collects the pictures that are evaluated or on a map.
func listPictures(models []Model) (*pictures, error) {
	labels := models[0].Evaluation.Labels
	p := &pictures{index: map[string]int{}, names: make([][]string, len(labels))}
	targets := map[string]int{}
	for _, m := range models {
		for _, run := range m.Evaluation.Runs {
			for i, file := range run.Files {
				targets[file] = run.Targets[i]
			}
		}
	}
	for _, m := range models {
		if m.Projection != nil && len(m.Files) != len(m.Projection.Points) {
			return nil, fmt.Errorf("model %q: %d files for %d points of its map, must be as many", m.Evaluation.Model, len(m.Files), len(m.Projection.Points))
		}
		for _, file := range m.Files {
			if _, known := targets[file]; known {
				continue
			}
			target := targetOf(file, labels)
			if target < 0 {
				return nil, fmt.Errorf("%s: it is on the map of model %q, but its folder is not a label", file, m.Evaluation.Model)
			}
			targets[file] = target
		}
	}
	for file := range targets {
		p.files = append(p.files, file)
	}
	slices.SortFunc(p.files, func(a, b string) int {
		if d := targets[a] - targets[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for i, file := range p.files {
		target := targets[file]
		p.index[file] = i
		p.targets = append(p.targets, target)
		p.names[target] = append(p.names[target], report.Printable(strings.TrimPrefix(file, labels[target]+"/")))
	}
	for c := range p.names {
		if p.names[c] == nil {
			p.names[c] = []string{} // not null in JSON
		}
	}
	return p, nil
}

// targetOf finds the label that a file's path begins with, −1 if there is none.
func targetOf(file string, labels []string) int {
	return slices.IndexFunc(labels, func(label string) bool { return strings.HasPrefix(file, label+"/") })
}

// alike are pictures that are equal or look alike.
type alike struct {
	Threshold number      `json:"threshold"`
	Across    int         `json:"across"` // of all that there are
	Total     int         `json:"total"`
	List      [][4]number `json:"list"` // two pictures, their similarity, and 1 for equal content
}

// pairs names the pictures of pairs by their index.
func (p *pictures) pairs(pairs *report.Pairs) (*alike, error) {
	if pairs == nil {
		return &alike{List: [][4]number{}}, nil
	}
	out := &alike{Threshold: number(pairs.Threshold), Across: pairs.Across, Total: pairs.Total, List: [][4]number{}}
	for _, pair := range pairs.Pairs {
		first, knowsFirst := p.index[pair.First]
		second, knowsSecond := p.index[pair.Second]
		if !knowsFirst || !knowsSecond {
			return nil, fmt.Errorf("%s and %s are alike, but no model has both of them", pair.First, pair.Second)
		}
		equal := number(0)
		if pair.Equal {
			equal = 1
		}
		out.List = append(out.List, [4]number{number(first), number(second), number(pair.Similarity), equal})
	}
	return out, nil
}

// thumbnailPayload is the second block of data. A JPEG is a head and a scan; heads are few.
type thumbnailPayload struct {
	Heads []string `json:"heads"` // base64
	Head  []int    `json:"head"`  // of each picture
	Scans []string `json:"scans"` // base64 of each picture, "" where there is none
}

func (p *pictures) thumbnails(byFile map[string][]byte) thumbnailPayload {
	out := thumbnailPayload{Heads: []string{}, Head: make([]int, len(p.files)), Scans: make([]string, len(p.files))}
	index := map[string]int{}
	for i, name := range p.files {
		file := byFile[name]
		if len(file) == 0 {
			continue
		}
		n := headLength(file)
		head := string(file[:n])
		k, known := index[head]
		if !known {
			k = len(out.Heads)
			index[head] = k
			out.Heads = append(out.Heads, base64.StdEncoding.EncodeToString(file[:n]))
		}
		out.Head[i], out.Scans[i] = k, base64.StdEncoding.EncodeToString(file[n:])
	}
	return out
}
