package search

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/data"
	"vs/search/calibration"
	"vs/search/database"
)

// Of many training pictures, this many are left out to find out what scores say: at most
// mostCalibrated, and of many classes fewer, down to leastCalibrated, as long as they have more
// than mostScores scores.
const (
	mostCalibrated  = 1024
	leastCalibrated = 256
	mostScores      = 1 << 20
)

// calibratedOf is how many training pictures of that many classes are left out.
func calibratedOf(classes int) int {
	return min(max(mostScores/max(1, classes), leastCalibrated), mostCalibrated)
}

// leftOutScores are the scores of training pictures that were left out.
type leftOutScores struct {
	method Method
	class  []int     // [N]
	scores []float64 // [N, C]
}

func (l *leftOutScores) add(class int, scores []float32) {
	l.class = append(l.class, class)
	for _, s := range scores {
		l.scores = append(l.scores, float64(l.method.shown(s)))
	}
}

// calibrate returns what the scores say of other scores.
func (l *leftOutScores) calibrate() *calibrated {
	c := &calibrated{Temperature: calibration.Temperature(l.scores, l.class)}
	if len(l.class) == 0 {
		return c
	}
	for row := range slices.Chunk(l.scores, len(l.scores)/len(l.class)) {
		c.Best = append(c.Best, slices.Max(row))
	}
	slices.Sort(c.Best)
	return c
}

// calibrated is what training pictures, each left out, say of scores.
type calibrated struct {
	Temperature float64   `json:"temperature"`
	Best        []float64 `json:"best"` // the best score of each, ascending
}

// temperature is 0 where no picture could be left out, and so nothing is known.
func (c *calibrated) temperature() float64 {
	if len(c.Best) == 0 {
		return 0
	}
	return c.Temperature
}

// sound reports whether it can be what [leftOutScores.calibrate] returns.
func (c *calibrated) sound() bool {
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	return c.Temperature > 0 && finite(c.Temperature) && slices.IsSorted(c.Best) && !slices.ContainsFunc(c.Best, func(v float64) bool { return !finite(v) })
}

// calibration returns what is kept of a state of a database, or else what calibrate finds, and
// keeps it.
func (c *cache) calibration(ctx context.Context, db *database.DB, before *database.State, calibrate func() (*calibrated, error)) (*calibrated, error) {
	if kept := c.findCalibration(before.Digest); kept != nil {
		return kept, nil
	}
	found, err := calibrate()
	if err != nil {
		return nil, err
	}
	// What was read meanwhile may be of another state.
	if after, err := db.State(ctx); err == nil && after.Digest == before.Digest {
		c.keepCalibration(before.Digest, found)
	}
	return found, nil
}

// calibrateMeans leaves some pictures of a database out of the means of their classes.
func (x *Index) calibrateMeans(ctx context.Context, db *database.DB) (*calibrated, error) {
	sample, err := db.Sample(ctx, func(counts []int) []int { return calibration.HeldOut(counts, calibratedOf(len(counts))) })
	switch {
	case err != nil:
		return nil, err
	case !slices.Equal(sample.Labels, x.labels):
		return nil, fmt.Errorf("database %s: another process is changing it; try again", db.Path())
	}
	out := &leftOutScores{}
	if len(sample.Class) == 0 {
		return out.calibrate(), nil
	}
	chosen := sample.Chosen
	q, err := newQueries(x.device, chosen.Vectors, x.dim, metricCosine)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	scores := make([]float32, len(x.labels))
	err = x.vectors.compare(ctx, q, data.Indices(len(sample.Class)), func(i int, similarities []float32) error {
		c := sample.Class[i]
		vector := func(of []float32) []float32 { return of[i*x.dim : (i+1)*x.dim] }
		left := slices.Clone(sample.Sums[c])
		Method{}.addTo(left, -1, vector(chosen.TrainingVectors()))
		score, near := bestOf(metricCosine, vector(chosen.Vectors), [][]float32{database.Mean(left, sample.Counts[c]-1)})
		x.vectors.settleTies(vector(chosen.Vectors), similarities, score, near)
		x.vectors.classScores(similarities, scores)
		scores[c] = score
		out.add(c, scores)
		return nil
	})
	return out.calibrate(), err
}
