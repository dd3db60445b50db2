package database

import (
	"fmt"

	"vs/data"
)

// Partition finds the pictures that a split file names and returns them, their split, and how many
// pictures of the set the file does not name. Like [data.SplitFile.Match] it refuses a set in which
// one is missing or has another content.
func (e *Embeddings) Partition(file *data.SplitFile) (part *Embeddings, split data.Split, unnamed int, err error) {
	m, err := file.Match(e.Labels, e.Counts, e.Names, e.Hashes)
	if err != nil {
		return nil, data.Split{}, 0, fmt.Errorf("apply split: %w", err)
	}
	named := make([]bool, len(e.Names))
	for _, i := range m.Pictures {
		named[i] = true
	}
	next := 0
	part = e.filter(func(string, int) bool { // asked once for each picture, in order
		next++
		return named[next-1]
	})
	return part, m.Split, m.Unnamed, nil
}
