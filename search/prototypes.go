package search

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// maxIterations bounds the k-means. It nearly always ends before, when no row changes its cluster.
const maxIterations = 50

// prototypes returns at most k centroids of a class's training vectors, found by spherical k-means (Dhillon and Modha, Concept
// decompositions for large sparse text data using clustering, Machine Learning 42, 2001): rows and centroids have length one, and a row
// belongs to the centroid with the largest cosine similarity. The first centroids are drawn as in k-means++ (Arthur and Vassilvitskii,
// k-means++: the advantages of careful seeding, SODA 2007) by a PCG generator seeded with the seed and the class. Where there are
// fewer distinct rows than k there are as many centroids.
func prototypes(rows [][]float32, k int, seed uint64, class int) [][]float32 {
	c := newClusters(rows)
	c.choose(min(k, len(c.rows)), rand.NewPCG(seed, uint64(class)))
	for range maxIterations {
		if !c.assign() {
			break
		}
		c.fillEmpty()
		c.update()
	}
	result := make([][]float32, len(c.centroids))
	for i, centroid := range c.centroids {
		result[i] = make([]float32, len(centroid))
		for j, v := range centroid {
			result[i][j] = float32(v)
		}
	}
	return result
}

// clusters is the state of a k-means.
type clusters struct {
	rows      [][]float64 // distinct, of length one
	weights   []float64   // how often each occurs
	centroids [][]float64
	member    []int     // centroid of each row, −1 at first
	closeness []float64 // similarity of each row to its centroid
}

func newClusters(rows [][]float32) *clusters {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, slices.Compare[[]float32])
	c := &clusters{}
	for i, row := range sorted {
		if i > 0 && slices.Equal(row, sorted[i-1]) {
			c.weights[len(c.weights)-1]++
			continue
		}
		unit := make([]float64, len(row))
		for j, v := range row {
			unit[j] = float64(v)
		}
		scaleToLengthOne(unit)
		c.rows = append(c.rows, unit)
		c.weights = append(c.weights, 1)
		c.member = append(c.member, -1)
	}
	c.closeness = make([]float64, len(c.rows))
	return c
}

// scaleToLengthOne leaves zeros as they are.
func scaleToLengthOne(v []float64) {
	if norm := floats.Norm(v, 2); norm > 0 {
		floats.Scale(1/norm, v)
	}
}

// choose makes k of the rows the centroids: the first at random, each other with a probability that grows with the squared distance from
// the nearest centroid so far, which on the unit sphere is 2 − 2 cos.
func (c *clusters) choose(k int, random *rand.PCG) {
	chosen := make([]bool, len(c.rows))
	distances := slices.Repeat([]float64{1}, len(c.rows)) // at first all alike
	for range k {
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

// assign gives each row to the most similar centroid, of equal ones the first, and tells whether any row has changed.
func (c *clusters) assign() (changed bool) {
	for i, row := range c.rows {
		best, closeness := 0, floats.Dot(row, c.centroids[0])
		for j, centroid := range c.centroids[1:] {
			if s := floats.Dot(row, centroid); s > closeness {
				best, closeness = j+1, s
			}
		}
		changed = changed || c.member[i] != best
		c.member[i], c.closeness[i] = best, closeness
	}
	return changed
}

// fillEmpty gives each centroid without rows the row that is least similar to its own, from a cluster that keeps others.
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
