package search

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"vs/data"
)

// Set is embeddings in memory, in label, then name order.
type Set struct {
	Labels     []string
	Counts     []int     // [C] pictures of each label
	Names      []string  // [N] file names within the class folders
	Embeddings []float32 // [N, D]
	Dim        int       // D
}

// Classes returns the label index of each picture, [N].
func (s *Set) Classes() []int {
	classes := make([]int, 0, len(s.Names))
	for c, n := range s.Counts {
		for range n {
			classes = append(classes, c)
		}
	}
	return classes
}

// Files returns the path of each picture relative to the data folder, [N].
func (s *Set) Files() []string {
	files := make([]string, len(s.Names))
	for i, c := range s.Classes() {
		files[i] = s.Labels[c] + "/" + s.Names[i]
	}
	return files
}

func (s *Set) add(name string, embedding []float32) {
	s.Names = append(s.Names, name)
	s.Counts[len(s.Counts)-1]++
	s.Embeddings = append(s.Embeddings, embedding...)
}

func (s *Set) addLabel(label string) {
	s.Labels = append(s.Labels, label)
	s.Counts = append(s.Counts, 0)
}

// Limit returns the first n pictures of each label, for quick trials.
func (s *Set) Limit(n int) *Set {
	return s.filter(func(_ string, i int) bool { return i < n })
}

// Subset returns the pictures of some labels.
func (s *Set) Subset(labels []string) *Set {
	return s.filter(func(label string, _ int) bool { return slices.Contains(labels, label) })
}

// filter returns the pictures that keep accepts by their label and their number within it.
func (s *Set) filter(keep func(label string, i int) bool) *Set {
	out := &Set{Dim: s.Dim}
	next := 0
	for c, label := range s.Labels {
		first := true
		for i := range s.Counts[c] {
			if keep(label, i) {
				if first {
					out.addLabel(label)
					first = false
				}
				out.add(s.Names[next], s.Embeddings[next*s.Dim:(next+1)*s.Dim])
			}
			next++
		}
	}
	return out
}

// Load reads all pictures of the database.
func (d *DB) Load(ctx context.Context) (*Set, error) {
	return d.load(ctx, nil)
}

// LoadFolder reads the pictures of a folder, leaving out what the database has besides. Pictures of the folder that the
// database lacks are left out as well: after [DB.Ingest] these are the bad ones.
func (d *DB) LoadFolder(ctx context.Context, folder *data.Folder) (*Set, error) {
	return d.load(ctx, folder)
}

func (d *DB) load(ctx context.Context, folder *data.Folder) (*Set, error) {
	model, ok, err := d.Model(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("database %s: it is empty; fill it with: vs encode", d.path)
	}
	set := &Set{Dim: model.EmbeddingDim}
	wanted := func(class, name string) bool { return true }
	if folder != nil {
		type key struct{ class, name string }
		listed := make(map[key]bool, len(folder.Pictures))
		for _, p := range folder.Pictures {
			listed[key{folder.Labels[p.Label], p.Name}] = true
		}
		wanted = func(class, name string) bool { return listed[key{class, name}] }
	}
	rows, err := d.sql.QueryContext(ctx, `SELECT class.name, picture.name, embedding, picture.crc
		FROM picture JOIN class ON class.id = class_id ORDER BY class.name, picture.name`)
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
	}
	defer rows.Close()
	embedding := make([]float32, model.EmbeddingDim)
	for rows.Next() {
		var (
			class, name string
			blob        sql.RawBytes
			crc         int64
		)
		if err := rows.Scan(&class, &name, &blob, &crc); err != nil {
			return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
		}
		if !wanted(class, name) {
			continue
		}
		if err := decodeFloat32(embedding, blob, crc); err != nil {
			return nil, fmt.Errorf("read database %s: picture %s/%s: %w", d.path, class, name, err)
		}
		if n := len(set.Labels); n == 0 || set.Labels[n-1] != class {
			set.addLabel(class)
		}
		set.add(name, embedding)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, explain(err))
	}
	return set, nil
}
