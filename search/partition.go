package search

import (
	"fmt"

	"vs/data"
)

// Partition finds the pictures that a split file names and returns them, their split, and how many pictures of the set the
// file does not name. Like [data.SplitFile.Match] it refuses a set in which one is missing or has another content.
func (s *Set) Partition(file *data.SplitFile) (part *Set, split data.Split, unnamed int, err error) {
	m, err := file.Match(s.Labels, s.Counts, s.Names, s.Hashes)
	if err != nil {
		return nil, data.Split{}, 0, fmt.Errorf("apply split: %w", err)
	}
	named := make([]bool, len(s.Names))
	for _, i := range m.Pictures {
		named[i] = true
	}
	next := 0
	part = s.filter(func(string, int) bool { // asked once for each picture, in order
		next++
		return named[next-1]
	})
	return part, m.Split, m.Unnamed, nil
}
