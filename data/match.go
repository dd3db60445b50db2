package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Matched says where the pictures of a split file are in a set of pictures.
type Matched struct {
	Pictures []int // the pictures that the file names, as indices into the set, ascending
	Split    Split // as indices into Pictures
	Unnamed  int   // pictures of the set that the file does not name
}

// MismatchError lists, as "label/name", the pictures because of which a split cannot be used.
type MismatchError struct {
	Changed []string // their content is another one
	Missing []string
}

// Error names the first pictures of each kind and counts the others.
func (e *MismatchError) Error() string {
	var kinds []string
	for _, kind := range []struct {
		files []string
		what  string
	}{{e.Changed, "changed"}, {e.Missing, "missing"}} {
		if len(kind.files) > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s: %s", len(kind.files), kind.what, some(kind.files)))
		}
	}
	remedy := "restore them, or make a new split"
	if slices.ContainsFunc(e.Missing, func(file string) bool { return strings.Count(file, "/") > 1 }) {
		remedy = "list nested folders, too, with --nested; restore them, or make a new split"
	}
	return "the pictures are not those of the split, " + strings.Join(kinds, "; ") + ": " + remedy
}

// some lists the first of many.
func some(files []string) string {
	const shown = 10
	if len(files) <= shown {
		return strings.Join(files, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(files[:shown], ", "), len(files)-shown)
}

// Match finds the file's pictures in a set, by label and name, and compares their contents. Of the
// set are given the labels, how many pictures each has, and the names, [N], and content hashes,
// [N], of the pictures in label order. The error is a *MismatchError when a picture is missing or
// its content has changed. Where the set's root folder lies does not matter.
func (f *SplitFile) Match(labels []string, counts []int, names []string, hashes [][32]byte) (*Matched, error) {
	total := 0
	for _, n := range counts {
		total += n
	}
	if len(counts) != len(labels) || len(names) != total || len(hashes) != total {
		return nil, fmt.Errorf("match split: %d labels with %d counts, %d pictures with %d names and %d hashes; give one of each",
			len(labels), len(counts), total, len(names), len(hashes))
	}
	at := make(map[string]int, total)
	next := 0
	for c, label := range labels {
		for range counts[c] {
			at[label+"/"+names[next]] = next
			next++
		}
	}
	if len(at) != total {
		return nil, errors.New("match split: a picture stands twice in the set; name each once")
	}

	var mismatch MismatchError
	var parts [3][]int // of Parts, as indices into the set
	place := make([]int, total)
	for i := range place {
		place[i] = -1 // not named by the file
	}
	for _, class := range f.Active {
		for _, p := range class.Pictures {
			file := class.Label + "/" + p.Name
			part, err := partIndex(p.Part)
			if err != nil {
				return nil, fmt.Errorf("match split: picture %s: %w", file, err)
			}
			switch i, found := at[file]; {
			case !found:
				mismatch.Missing = append(mismatch.Missing, file)
			case p.Hash != hashes[i]:
				mismatch.Changed = append(mismatch.Changed, file)
			default:
				parts[part] = append(parts[part], i)
				place[i] = 0
			}
		}
	}
	if len(mismatch.Changed)+len(mismatch.Missing) > 0 {
		return nil, &mismatch
	}

	m := &Matched{}
	for i := range place {
		if place[i] < 0 {
			m.Unnamed++
			continue
		}
		place[i] = len(m.Pictures)
		m.Pictures = append(m.Pictures, i)
	}
	for _, pictures := range parts {
		for j, i := range pictures {
			pictures[j] = place[i]
		}
	}
	m.Split = Split{Train: parts[0], Valid: parts[1], Test: parts[2]}
	return m, nil
}
