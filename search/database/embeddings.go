package database

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"vs/data"

	"vs/data/progress"
)

// Embeddings are those of pictures in memory, in label order and within a label in that of
// [data.CompareNames].
type Embeddings struct {
	Labels  []string
	Counts  []int      // [C] pictures of each label
	Names   []string   // [N] as [data.Picture].Name
	Hashes  [][32]byte // [N] SHA-256 of the files' contents; nil where they are not known
	Vectors []float32  // [N, D]
	Dim     int        // D

	// Training, [N, D], are the vectors by which the pictures represent their classes: the means
	// over their augmented instances. Nil says that they are the Vectors, which is so without
	// augmentation.
	Training []float32

	// Examples, [N, I, D], are what the pictures count as where a classifier is fitted: the
	// embeddings of each picture and its augmented instances. Nil says that they are the training
	// vectors, which is so without augmentation, and in databases that keep the means alone.
	Examples []float32

	indexOnce sync.Once
	index     []int // what Classes returns
}

// TrainingVectors returns the vectors, [N, D], by which the pictures represent their classes.
func (e *Embeddings) TrainingVectors() []float32 {
	if e.Training != nil {
		return e.Training
	}
	return e.Vectors
}

// ExamplesEach is how many examples a picture has.
func (e *Embeddings) ExamplesEach() int {
	if e.Examples == nil {
		return 1
	}
	return len(e.Examples) / len(e.Vectors)
}

// Classes returns the label index of each picture, [N]. All callers get the same slice, made from
// the Counts at the first call: change neither afterwards.
func (e *Embeddings) Classes() []int {
	e.indexOnce.Do(func() {
		e.index = make([]int, 0, len(e.Names))
		for c, n := range e.Counts {
			for range n {
				e.index = append(e.index, c)
			}
		}
	})
	return e.index
}

// Contents returns for each picture the first of its content, [N], as [data.Contents] does. Where
// the hashes are not known each is of its own.
func (e *Embeddings) Contents() []int {
	if e.Hashes == nil {
		return data.Indices(len(e.Names))
	}
	return data.Contents(e.Hashes)
}

// Files returns the path of each picture relative to the data folder, [N].
func (e *Embeddings) Files() []string {
	files := make([]string, len(e.Names))
	for i, c := range e.Classes() {
		files[i] = e.Labels[c] + "/" + e.Names[i]
	}
	return files
}

// Means returns the means, [C, D], of the vectors that represent the classes.
func (e *Embeddings) Means() []float32 {
	vectors := e.TrainingVectors()
	means := make([]float32, 0, len(e.Labels)*e.Dim)
	sum := make([]float64, e.Dim)
	for _, n := range e.Counts {
		clear(sum)
		for range n {
			addTo(sum, vectors[:e.Dim])
			vectors = vectors[e.Dim:]
		}
		means = append(means, Mean(sum, n)...)
	}
	return means
}

// add appends a picture. The pictures of a label come one after another. Training
// and examples are nil for all of them or none.
func (e *Embeddings) add(label, name string, hash [32]byte, embedding, training, examples []float32) {
	if n := len(e.Labels); n == 0 || e.Labels[n-1] != label {
		e.Labels = append(e.Labels, label)
		e.Counts = append(e.Counts, 0)
	}
	e.Names = append(e.Names, name)
	e.Hashes = append(e.Hashes, hash)
	e.Counts[len(e.Counts)-1]++
	e.Vectors = append(e.Vectors, embedding...)
	e.Training = append(e.Training, training...)
	e.Examples = append(e.Examples, examples...)
}

func (e *Embeddings) addRow(label string, p *pictureRow) {
	var examples []float32
	if p.instances != nil {
		examples = p.examples()
	}
	e.add(label, p.name, [32]byte(p.hash), p.embedding, p.training, examples)
}

// Limit returns the first n pictures of each label, for quick trials.
func (e *Embeddings) Limit(n int) *Embeddings {
	return e.filter(func(_ string, i int) bool { return i < n })
}

// Subset returns the pictures of some labels.
func (e *Embeddings) Subset(labels []string) *Embeddings {
	return e.filter(func(label string, _ int) bool { return slices.Contains(labels, label) })
}

// Without returns the pictures but some, whose numbers are ascending. A label all of whose pictures
// go, goes too.
func (e *Embeddings) Without(pictures []int) *Embeddings {
	next := 0
	return e.filter(func(string, int) bool { // asked once for each picture, in order
		next++
		_, out := slices.BinarySearch(pictures, next-1)
		return !out
	})
}

// filter returns the pictures that keep accepts by their label and their number within it.
func (e *Embeddings) filter(keep func(label string, i int) bool) *Embeddings {
	out := &Embeddings{Dim: e.Dim}
	next := 0
	for c, label := range e.Labels {
		for i := range e.Counts[c] {
			if keep(label, i) {
				from, to := next*e.Dim, (next+1)*e.Dim
				var training, examples []float32
				if e.Training != nil {
					training = e.Training[from:to]
				}
				if e.Examples != nil {
					each := e.ExamplesEach()
					examples = e.Examples[from*each : to*each]
				}
				var hash [32]byte
				if e.Hashes != nil {
					hash = e.Hashes[next]
				}
				out.add(label, e.Names[next], hash, e.Vectors[from:to], training, examples)
			}
			next++
		}
	}
	if e.Hashes == nil {
		out.Hashes = nil
	}
	return out
}

// Load reads all pictures of the database.
func (d *DB) Load(ctx context.Context) (*Embeddings, error) {
	return d.load(ctx, nil)
}

// LoadFolder reads the pictures of a folder, leaving out what else the database has. Pictures of
// the folder that the database lacks are left out as well: after [DB.Ingest] these are the bad
// ones.
func (d *DB) LoadFolder(ctx context.Context, folder *data.Folder) (*Embeddings, error) {
	return d.load(ctx, folder)
}

func (d *DB) load(ctx context.Context, folder *data.Folder) (*Embeddings, error) {
	wanted := func(class, name string) bool { return true }
	if folder != nil {
		listed := listedIn(folder)
		wanted = func(class, name string) bool { return listed[picture{class, name}] }
	}
	set := &Embeddings{}
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		set.Dim = m.EmbeddingDim
		classes, err := allClasses(ctx, q, m)
		if err != nil {
			return err
		}
		task := progress.Begin(ctx, "reading", "pictures", pictures(classes))
		defer task.End()
		for _, c := range classes {
			err := picturesOf(ctx, q, c, m, func(p *pictureRow) {
				if wanted(c.name, p.name) {
					set.addRow(c.name, p)
				}
			})
			if err != nil {
				return err
			}
			set.sortLast()
			task.Add(c.count)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return set, nil
}

// sortLast puts the pictures of the last label into the order in which data.Folder lists them, from
// the byte order of the table, where nested folders make a difference: seeded splits take pictures
// by their places.
func (e *Embeddings) sortLast() {
	if len(e.Counts) == 0 {
		return
	}
	n := e.Counts[len(e.Counts)-1]
	first := len(e.Names) - n
	names, hashes := e.Names[first:], e.Hashes[first:]
	if slices.IsSortedFunc(names, data.CompareNames) {
		return
	}
	order := data.Indices(n)
	oldNames, oldHashes := slices.Clone(names), slices.Clone(hashes)
	slices.SortFunc(order, func(a, b int) int { return data.CompareNames(oldNames[a], oldNames[b]) })
	for to, from := range order {
		names[to], hashes[to] = oldNames[from], oldHashes[from]
	}
	for _, all := range [][]float32{e.Vectors, e.Training, e.Examples} {
		if all == nil {
			continue
		}
		size := len(all) / len(e.Names)
		vectors := all[first*size:]
		old := slices.Clone(vectors)
		for to, from := range order {
			copy(vectors[to*size:(to+1)*size], old[from*size:])
		}
	}
}
