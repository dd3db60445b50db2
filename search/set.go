package search

import (
	"context"
	"fmt"
	"slices"

	"vs/data"
)

// Set is embeddings in memory, in label, then name order.
type Set struct {
	Labels     []string
	Counts     []int      // [C] pictures of each label
	Names      []string   // [N] file names within the class folders
	Hashes     [][32]byte // [N] SHA-256 of the files' contents; nil where they are not known
	Embeddings []float32  // [N, D]
	Dim        int        // D

	// Training, [N, D], are the vectors by which the pictures stand for their classes: the means over their augmented
	// instances. Nil says that they are the Embeddings, which is so without augmentation.
	Training []float32
}

// TrainingEmbeddings returns the vectors, [N, D], by which the pictures stand for their classes.
func (s *Set) TrainingEmbeddings() []float32 {
	if s.Training != nil {
		return s.Training
	}
	return s.Embeddings
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

// Means returns the means, [C, D], of the vectors that stand for the classes.
func (s *Set) Means() []float32 {
	vectors := s.TrainingEmbeddings()
	means := make([]float32, 0, len(s.Labels)*s.Dim)
	sum := make([]float64, s.Dim)
	for _, n := range s.Counts {
		clear(sum)
		for range n {
			addTo(sum, vectors[:s.Dim])
			vectors = vectors[s.Dim:]
		}
		means = append(means, meanOf(sum, n)...)
	}
	return means
}

// add puts a picture behind the others. The pictures of a label come one after another. Training is nil for all of them or none.
func (s *Set) add(label, name string, hash [32]byte, embedding, training []float32) {
	if n := len(s.Labels); n == 0 || s.Labels[n-1] != label {
		s.Labels = append(s.Labels, label)
		s.Counts = append(s.Counts, 0)
	}
	s.Names = append(s.Names, name)
	s.Hashes = append(s.Hashes, hash)
	s.Counts[len(s.Counts)-1]++
	s.Embeddings = append(s.Embeddings, embedding...)
	s.Training = append(s.Training, training...)
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
		for i := range s.Counts[c] {
			if keep(label, i) {
				from, to := next*s.Dim, (next+1)*s.Dim
				var training []float32
				if s.Training != nil {
					training = s.Training[from:to]
				}
				var hash [32]byte
				if s.Hashes != nil {
					hash = s.Hashes[next]
				}
				out.add(label, s.Names[next], hash, s.Embeddings[from:to], training)
			}
			next++
		}
	}
	if s.Hashes == nil {
		out.Hashes = nil
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
	wanted := func(class, name string) bool { return true }
	if folder != nil {
		listed := listedIn(folder)
		wanted = func(class, name string) bool { return listed[picture{class, name}] }
	}
	set := &Set{}
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		set.Dim = m.EmbeddingDim
		classes, err := allClasses(ctx, q, m)
		if err != nil {
			return err
		}
		for _, c := range classes {
			err := picturesOf(ctx, q, c, m, func(p *pictureRow) {
				if wanted(c.name, p.name) {
					set.add(c.name, p.name, [32]byte(p.hash), p.embedding, p.training)
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return set, nil
}
