package search

import (
	"context"
	"errors"
	"fmt"
	"math"

	"vs/data"
	"vs/search/calibration"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

// Index holds the vectors that represent the classes on a device, ready for queries.
type Index struct {
	labels     []string
	dim        int
	device     torch.Device
	method     Method
	vectors    *classVectors      // nil for a classifier that is fitted
	linear     *classifier.Linear // else nil
	calibrated *calibrated
}

// Hit is one answer to a query.
type Hit struct {
	Label       string
	Score       float32 // by the metric, such as the cosine similarity, −1 to 1; of a vote the share of the votes; of a classifier that is fitted the probability
	Probability float64 // NaN where no picture could be left out to find it
}

// Open makes an index of all pictures of a database. What takes long, the classifier or what makes
// probabilities of scores, stays in a folder, one file for each database and method, as long as the
// classes stay as they are; "" keeps nothing. A folder that cannot be read or written costs time
// and no more.
//
// The default method reads the sums of the classes and some pictures, and so do classifiers that
// are made of sums; other methods read all pictures.
func Open(ctx context.Context, db *database.DB, device torch.Device, m Method, folder string) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	state, err := db.State(ctx)
	if err != nil {
		return nil, err
	}
	if len(state.Classes) == 0 {
		return nil, fmt.Errorf("database %s: it has no classes; fill it with: vs encode", db.Path())
	}
	c, err := newCache(folder, db, m, device)
	switch {
	case err != nil:
		return nil, fmt.Errorf("make index: %w", err)
	case m.fitted():
		return fittedIndex(ctx, db, state, device, m, c)
	case m.IsDefault():
		return meanIndex(ctx, db, state, device, c)
	}
	set, err := db.Load(ctx)
	if err != nil {
		return nil, err
	}
	return buildIndex(ctx, set, device, m, func(calibrate func() (*calibrated, error)) (*calibrated, error) {
		return c.calibration(ctx, db, state, calibrate)
	})
}

// meanIndex loads the class means of a database in a state onto a device.
func meanIndex(ctx context.Context, db *database.DB, state *database.State, device torch.Device, c *cache) (*Index, error) {
	x := &Index{labels: state.Labels(), device: device, dim: state.Model.EmbeddingDim}
	var means [][][]float32
	for _, mean := range state.Means {
		means = append(means, [][]float32{mean})
	}
	err := alone(func() (err error) {
		if x.vectors, err = newClassVectors(device, means, x.dim, metricCosine); err != nil {
			return err
		}
		x.calibrated, err = c.calibration(ctx, db, state, func() (*calibrated, error) { return x.calibrateMeans(ctx, db) })
		return err
	})
	if err != nil {
		x.Close()
		return nil, fmt.Errorf("load class means: %w", err)
	}
	return x, nil
}

// BuildIndex makes what represents the classes from all pictures of a set, and loads it onto a
// device.
func BuildIndex(ctx context.Context, set *database.Embeddings, device torch.Device, m Method) (*Index, error) {
	return buildIndex(ctx, set, device, m, func(calibrate func() (*calibrated, error)) (*calibrated, error) { return calibrate() })
}

// buildIndex is BuildIndex, where keep may know the calibration.
func buildIndex(ctx context.Context, set *database.Embeddings, device torch.Device, m Method, keep func(calibrate func() (*calibrated, error)) (*calibrated, error)) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	if len(set.Labels) == 0 {
		return nil, errors.New("make index: there are no classes; give at least one picture")
	}
	if err := m.checkNeighbours(len(set.Names)); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	x := &Index{labels: set.Labels, dim: set.Dim, device: device, method: m}
	err := alone(func() (err error) {
		if m.fitted() {
			if x.linear, err = fitLinear(ctx, set, device, m); err == nil {
				x.calibrated = calibrationOf(x.linear)
			}
			return err
		}
		if x.vectors, err = represent(ctx, set, device, m); err != nil {
			return err
		}
		x.calibrated, err = keep(func() (*calibrated, error) {
			class := set.Classes()
			return newTrainingPart(set, class, data.Indices(len(class)), set.Contents(), device, m).calibrate(ctx, x.vectors)
		})
		return err
	})
	if err != nil {
		x.Close()
		return nil, fmt.Errorf("make index: %w", err)
	}
	return x, nil
}

// Labels returns the classes in the order of their names.
func (x *Index) Labels() []string { return x.labels }

// Close frees the vectors. It may be called more than once.
func (x *Index) Close() error {
	if x.vectors == nil {
		return nil
	}
	return x.vectors.Close()
}

// Search returns the k most similar classes, best first, for each of the embeddings, [N, D]. Of
// equal scores the class whose name comes first is first.
func (x *Index) Search(ctx context.Context, embeddings []float32, k int) ([][]Hit, error) {
	if err := checkTopK(k, len(x.labels)); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	hits := make([][]Hit, len(embeddings)/x.dim)
	if x.linear != nil {
		return hits, alone(func() error { return x.searchLinear(embeddings, k, hits) })
	}
	if err := alone(func() error { return x.search(ctx, embeddings, k, hits) }); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}

func (x *Index) search(ctx context.Context, embeddings []float32, k int, hits [][]Hit) error {
	q, err := newQueries(x.device, embeddings, x.dim, x.method.metric())
	if err != nil {
		return err
	}
	defer q.Close()
	scores, probabilities := make([]float32, len(x.labels)), make([]float64, len(x.labels))
	v := newVotes(x.method.Neighbours, k, len(x.labels), x.vectors.class)
	return x.vectors.compare(ctx, q, data.Indices(len(hits)), func(i int, similarities []float32) error {
		if x.method.Neighbours > 0 {
			v.compare(similarities)
			v.count(nil, scores)
		} else {
			x.vectors.classScores(similarities, scores)
		}
		for c, s := range scores {
			probabilities[c] = float64(x.method.shown(s))
		}
		calibration.Probabilities(probabilities, x.calibrated.temperature())
		for _, best := range bestClasses(scores, k) {
			hits[i] = append(hits[i], Hit{x.labels[best.Row], x.method.shown(best.Score), probabilities[best.Row]})
		}
		return nil
	})
}

// Level returns the score that the best scores of a share of the classes' own pictures, each left
// out, stay below: a picture whose best score is below it is unlike all classes. No score is below
// the level of the share 0, and all are below that of 1.
func (x *Index) Level(share float64) (float64, error) {
	best := x.calibrated.Best
	n := int(share * float64(len(best)))
	switch {
	case !(share >= 0 && share <= 1):
		return 0, fmt.Errorf("a share of %v of the pictures: use 0 to 1", share)
	case len(best) == 0:
		return 0, errors.New("no class has two pictures, so nothing is known of pictures of its classes; add pictures")
	case n == len(best):
		return math.Inf(1), nil
	case n == 0:
		return math.Inf(-1), nil
	}
	return best[n], nil
}

// Below reports whether the best hit of an answer stays below a level.
func (x *Index) Below(best Hit, level float64) bool {
	if x.method.fitted() {
		return best.Probability < level
	}
	return float64(best.Score) < level
}

func checkTopK(k, classes int) error {
	if k < 1 || k > classes {
		return fmt.Errorf("top %d of %d classes; use 1 to %d", k, classes, classes)
	}
	return nil
}
