package search

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"vs/data"

	"gonum.org/v1/gonum/floats"
)

// maxIterations bounds the k-means. It nearly always ends before, when no row changes its cluster.
const maxIterations = 50

// clusters is the state of a spherical k-means of a class's training vectors (Dhillon and Modha,
// Concept decompositions for large sparse text data using clustering, Machine Learning 42, 2001):
// rows and centroids have length one, and a row belongs to the centroid with the largest cosine
// similarity. The first centroids are drawn as in k-means++ (Arthur and Vassilvitskii, k-means++:
// the advantages of careful seeding, SODA 2007) by a PCG generator seeded with the seed and the
// class's label. Where there are no more distinct rows than centroids these are the centroids.
type clusters struct {
	rows      [][]float64 // distinct, of length one
	weights   []float64   // how often each occurs
	number    []int       // of each training vector, that of its row
	centroids [][]float64
	member    []int     // centroid of each row, −1 at first
	closeness []float64 // similarity of each row to its centroid
}

func newClusters(rows [][]float32) *clusters {
	order := data.Indices(len(rows))
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(rows[a], rows[b]) })
	c := &clusters{number: make([]int, len(rows))}
	for i, n := range order {
		if i == 0 || !slices.Equal(rows[n], rows[order[i-1]]) {
			unit := make([]float64, len(rows[n]))
			for j, v := range rows[n] {
				unit[j] = float64(v)
			}
			scaleToLengthOne(unit)
			c.rows = append(c.rows, unit)
			c.weights = append(c.weights, 0)
		}
		c.number[n] = len(c.rows) - 1
		c.weights[len(c.weights)-1]++
	}
	return c
}

// without returns the state without some training vectors, before the k-means has begun.
func (c *clusters) without(out ...int) *clusters {
	left := &clusters{rows: c.rows, weights: slices.Clone(c.weights)}
	var gone []int
	for _, i := range out {
		row := c.number[i]
		if left.weights[row]--; left.weights[row] == 0 {
			gone = append(gone, row)
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		left.rows = slices.Clone(c.rows)
		for _, row := range slices.Backward(gone) {
			left.rows = slices.Delete(left.rows, row, row+1)
			left.weights = slices.Delete(left.weights, row, row+1)
		}
	}
	return left
}

// find runs the k-means and returns at most k centroids.
func (c *clusters) find(ctx context.Context, k int, seed uint64, label string) ([][]float32, error) {
	if k < len(c.rows) {
		if err := c.choose(ctx, k, rand.NewPCG(seed, hashOf(label))); err != nil {
			return nil, err
		}
		if err := c.iterate(ctx); err != nil {
			return nil, err
		}
	} else {
		c.centroids = c.rows
	}
	result := make([][]float32, len(c.centroids))
	for i, centroid := range c.centroids {
		result[i] = make([]float32, len(centroid))
		for j, v := range centroid {
			result[i][j] = float32(v)
		}
	}
	return result, nil
}

// hashOf makes a seed of a label, so that other labels have no influence on it.
func hashOf(label string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(label))
	return h.Sum64()
}

func (c *clusters) iterate(ctx context.Context) error {
	c.member = slices.Repeat([]int{-1}, len(c.rows))
	c.closeness = make([]float64, len(c.rows))
	for range maxIterations {
		if changed, err := c.assign(ctx); err != nil || !changed {
			return err
		}
		c.fillEmpty()
		c.update()
	}
	return nil
}

// scaleToLengthOne leaves zeros as they are.
func scaleToLengthOne(v []float64) {
	if norm := floats.Norm(v, 2); norm > 0 {
		floats.Scale(1/norm, v)
	}
}

// choose makes k of the rows the centroids: the first at random, each other with a probability that
// grows with the squared distance from the nearest centroid so far, which on the unit sphere is 2 −
// 2 cos.
func (c *clusters) choose(ctx context.Context, k int, random *rand.PCG) error {
	chosen := make([]bool, len(c.rows))
	distances := slices.Repeat([]float64{1}, len(c.rows)) // at first all alike
	for range k {
		if err := ctx.Err(); err != nil {
			return err
		}
		probabilities := make([]float64, len(c.rows))
		for i := range c.rows {
			if !chosen[i] {
				probabilities[i] = c.weights[i] * distances[i]
			}
		}
		next := pick(probabilities, random)
		if next < 0 { // all others point the same way as a centroid
			next = slices.Index(chosen, false)
		}
		chosen[next] = true
		c.centroids = append(c.centroids, slices.Clone(c.rows[next]))
		for i, row := range c.rows {
			distance := max(0, 2-2*floats.Dot(row, c.rows[next]))
			if len(c.centroids) == 1 || distance < distances[i] {
				distances[i] = distance
			}
		}
	}
	return nil
}

// pick draws a number with a probability in proportion to its weight; −1 where all weights are 0.
func pick(weights []float64, random *rand.PCG) int {
	const bits = 53 // of a float64
	rest := float64(random.Uint64()>>(64-bits)) / (1 << bits) * floats.Sum(weights)
	last := -1
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if last = i; rest < w {
			break
		}
		rest -= w
	}
	return last
}

// assign gives each row to the most similar centroid, of equal ones the first, and reports whether
// any row has changed.
func (c *clusters) assign(ctx context.Context) (changed bool, err error) {
	for i, row := range c.rows {
		if err := ctx.Err(); err != nil {
			return changed, err
		}
		best, closeness := 0, floats.Dot(row, c.centroids[0])
		for j, centroid := range c.centroids[1:] {
			if s := floats.Dot(row, centroid); s > closeness {
				best, closeness = j+1, s
			}
		}
		changed = changed || c.member[i] != best
		c.member[i], c.closeness[i] = best, closeness
	}
	return changed, nil
}

// fillEmpty gives each centroid without rows the row that is least similar to its own, from a
// cluster that keeps others.
func (c *clusters) fillEmpty() {
	sizes := make([]int, len(c.centroids))
	for _, m := range c.member {
		sizes[m]++
	}
	for empty, size := range sizes {
		if size > 0 {
			continue
		}
		least := -1
		for i, m := range c.member {
			if sizes[m] > 1 && (least < 0 || c.closeness[i] < c.closeness[least]) {
				least = i
			}
		}
		sizes[c.member[least]]--
		sizes[empty] = 1
		c.member[least], c.closeness[least] = empty, 1
	}
}

// update moves each centroid to the direction of the sum of its rows.
func (c *clusters) update() {
	for _, centroid := range c.centroids {
		clear(centroid)
	}
	for i, row := range c.rows {
		floats.AddScaled(c.centroids[c.member[i]], c.weights[i], row)
	}
	for _, centroid := range c.centroids {
		scaleToLengthOne(centroid)
	}
}
