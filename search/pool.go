package search

import (
	"context"
	"math"
	"slices"

	"vs/search/database"
)

// represent returns the vectors that represent a class, of which rows are the training vectors, in
// the order of the pictures.
func (m Method) represent(ctx context.Context, rows [][]float32, label string) ([][]float32, error) {
	switch {
	case m.Neighbours > 0:
		return rows, nil
	case m.Prototypes > 0:
		return newClusters(rows).find(ctx, m.Prototypes, m.Seed, label)
	}
	switch m.pool() {
	case poolMedian:
		return [][]float32{median(rows)}, nil
	case poolMedoid:
		i, err := medoid(ctx, rows, m.metric())
		return [][]float32{rows[i]}, err
	}
	return [][]float32{database.Mean(m.sum(rows), len(rows))}, nil
}

// sum adds up the rows, or for the normalised mean the rows divided by their lengths.
func (m Method) sum(rows [][]float32) []float64 {
	sum := make([]float64, len(rows[0]))
	for _, row := range rows {
		m.addTo(sum, 1, row)
	}
	return sum
}

// addTo adds sign times what a row counts for in a sum.
func (m Method) addTo(sum []float64, sign float64, row []float32) {
	if m.pool() == poolNormalizedMean {
		sign = perLength(sign, row)
	}
	for i, v := range row {
		sum[i] += sign * float64(v)
	}
}

// perLength returns a value divided by the length of a row, or for a row of zeros the value.
func perLength(value float64, row []float32) float64 {
	if norm := math.Sqrt(dot(row, row)); norm > 0 {
		return value / norm
	}
	return value
}

// median is taken for each component by itself; of an even number of rows it is the mean of the two
// in the middle.
func median(rows [][]float32) []float32 {
	result := make([]float32, len(rows[0]))
	column := make([]float32, len(rows))
	for i := range result {
		for r, row := range rows {
			column[r] = row[i]
		}
		slices.Sort(column)
		result[i] = between(column[(len(column)-1)/2], column[len(column)/2])
	}
	return result
}

// between is the mean of two numbers.
func between(low, high float32) float32 { return float32((float64(low) + float64(high)) / 2) }

// tieTolerance is the difference of two sums of similarities, relative to the size of what is added
// up, below which it is rounding.
const tieTolerance = 1e-12

// medoid returns the number of the row with the largest sum of similarities to the other rows, for
// the metric l2 the smallest sum of Euclidean distances; of equal ones the first.
func medoid(ctx context.Context, rows [][]float32, metric string) (int, error) {
	scores, size, err := closeness(ctx, rows, metric)
	return firstLargest(scores, tieTolerance*size), err
}

// firstLargest returns the number of the largest score, and of those that are closer to it than the
// tolerance the first.
func firstLargest(scores []float64, tolerance float64) int {
	best := 0
	for i, score := range scores {
		if score > scores[best]+tolerance {
			best = i
		}
	}
	return best
}

// closeness returns for each row the sum of its similarities to the others, and the size of what
// was added up. Only distances need all pairs: the sum of the products of a row x with the others
// is x · Σy − x · x, and so it is for the cosine with rows of length one.
func closeness(ctx context.Context, rows [][]float32, metric string) (scores []float64, size float64, err error) {
	scores = make([]float64, len(rows))
	if metric == metricL2 {
		for i, a := range rows {
			if err := ctx.Err(); err != nil {
				return scores, size, err
			}
			for j, b := range rows[:i] {
				distance := math.Sqrt(squaredDistance(a, b))
				scores[i] -= distance
				scores[j] -= distance
				size += distance
			}
		}
		return scores, size, nil
	}
	unit := Method{Pool: poolMean}
	if metric == metricCosine {
		unit.Pool = poolNormalizedMean
	}
	sum := unit.sum(rows)
	for r, row := range rows {
		var product float64
		for i, v := range row {
			product += float64(v) * sum[i]
		}
		self := dot(row, row)
		if metric == metricCosine {
			product, self = perLength(product, row), perLength(perLength(self, row), row)
		}
		scores[r] = product - self
		size += self
	}
	return scores, size, nil
}

// similarity compares a query with a vector in float64.
func similarity(metric string, query, vector []float32) float64 {
	switch metric {
	case metricL2:
		return -squaredDistance(query, vector)
	case metricDot:
		return dot(query, vector)
	}
	return perLength(perLength(dot(query, vector), vector), query)
}

// dot adds up in four lanes, which the processor works on at the same time.
func dot(a, b []float32) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += float64(a[i]) * float64(b[i])
		s[1] += float64(a[i+1]) * float64(b[i+1])
		s[2] += float64(a[i+2]) * float64(b[i+2])
		s[3] += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		s[0] += float64(a[i]) * float64(b[i])
	}
	return s[0] + s[1] + s[2] + s[3]
}

// squaredDistance adds up in four lanes, as dot does.
func squaredDistance(a, b []float32) float64 {
	var s [4]float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0, d1 := float64(a[i])-float64(b[i]), float64(a[i+1])-float64(b[i+1])
		d2, d3 := float64(a[i+2])-float64(b[i+2]), float64(a[i+3])-float64(b[i+3])
		s[0] += d0 * d0
		s[1] += d1 * d1
		s[2] += d2 * d2
		s[3] += d3 * d3
	}
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		s[0] += d * d
	}
	return s[0] + s[1] + s[2] + s[3]
}
