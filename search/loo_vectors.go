package search

import (
	"context"
	"math"
	"slices"

	"vs/search/database"
)

// leaver makes the vectors that represent classes without some of their pictures, for the pictures
// of one class in turn.
type leaver struct {
	method  Method
	labels  []string
	class   []int                  // [N]
	rows    [][][]float32          // [C] the training vectors of each class
	first   []int                  // [C] the first picture of each class
	classes map[int]without        // what leavingOut has returned
	made    map[[2]int][][]float32 // of a class and several pictures, of which this is the first
	left    map[int]float32        // scores of the classes without the pictures that are left out
}

func newLeaver(m Method, labels []string, class []int, rows [][][]float32, first []int) *leaver {
	l := &leaver{method: m, labels: labels, class: class, rows: rows, first: first, left: map[int]float32{}}
	l.forget()
	return l
}

// forget frees what is kept of the classes.
func (l *leaver) forget() { l.classes, l.made = map[int]without{}, map[[2]int][][]float32{} }

// scores writes the scores of the classes, [C], for a query of these similarities to the vectors,
// which it may change. The classes that have some equal pictures, ascending, are compared without
// them.
func (l *leaver) scores(ctx context.Context, r *classVectors, query []float32, equal []int, similarities, scores []float32) error {
	clear(l.left)
	for _, i := range equal {
		class := l.class[i]
		if _, known := l.left[class]; known {
			continue
		}
		vectors, err := l.without(ctx, class, equal)
		if err != nil {
			return err
		}
		score, near := bestOf(l.method.metric(), query, vectors)
		r.settleTies(query, similarities, score, near)
		l.left[class] = score
	}
	r.classScores(similarities, scores)
	for class, score := range l.left {
		scores[class] = score
	}
	return nil
}

// without returns what represents a class without those of some equal pictures, ascending, that it
// has.
func (l *leaver) without(ctx context.Context, c int, equal []int) (vectors [][]float32, err error) {
	if l.classes[c] == nil {
		if l.classes[c], err = l.method.leavingOut(ctx, l.rows[c], l.labels[c]); err != nil {
			return nil, err
		}
	}
	if len(equal) == 1 {
		return l.classes[c](equal[0] - l.first[c])
	}
	key := [2]int{c, equal[0]}
	if l.made[key] == nil {
		var out []int
		for _, i := range equal {
			if l.class[i] == c {
				out = append(out, i-l.first[c])
			}
		}
		if l.made[key], err = l.classes[c](out...); err != nil {
			return nil, err
		}
	}
	return l.made[key], nil
}

// without makes the vectors that represent a class without some of its pictures, given in ascending
// order.
type without func(out ...int) ([][]float32, error)

// leavingOut returns what makes the vectors that represent a class without some of its pictures. It
// is what represent makes of the other rows, but what the pictures have in common is computed once.
func (m Method) leavingOut(ctx context.Context, rows [][]float32, label string) (without, error) {
	if m.Prototypes > 0 {
		all := newClusters(rows)
		return func(out ...int) ([][]float32, error) {
			return all.without(out...).find(ctx, m.Prototypes, m.Seed, label)
		}, nil
	}
	switch m.pool() {
	case poolMedian:
		columns := sortedColumns(rows)
		return func(out ...int) ([][]float32, error) {
			if len(out) > 1 {
				return [][]float32{median(rowsWithout(rows, out))}, nil
			}
			return [][]float32{medianWithout(columns, rows[out[0]])}, nil
		}, nil
	case poolMedoid:
		all, err := newMedoids(ctx, rows, m.metric())
		return func(out ...int) ([][]float32, error) {
			if len(out) > 1 {
				return m.represent(ctx, rowsWithout(rows, out), label)
			}
			row, err := all.without(ctx, out[0])
			return [][]float32{row}, err
		}, err
	}
	sum := m.sum(rows)
	return func(out ...int) ([][]float32, error) {
		left := slices.Clone(sum)
		for _, i := range out {
			m.addTo(left, -1, rows[i])
		}
		return [][]float32{database.Mean(left, len(rows)-len(out))}, nil
	}, nil
}

// rowsWithout returns the rows but some, whose numbers are ascending.
func rowsWithout(rows [][]float32, out []int) [][]float32 {
	rest := make([][]float32, 0, len(rows)-len(out))
	for i, row := range rows {
		if len(out) > 0 && out[0] == i {
			out = out[1:]
			continue
		}
		rest = append(rest, row)
	}
	return rest
}

// sortedColumns returns the components of the rows, [D][N], each in ascending order.
func sortedColumns(rows [][]float32) [][]float32 {
	columns := make([][]float32, len(rows[0]))
	for i := range columns {
		columns[i] = make([]float32, len(rows))
		for r, row := range rows {
			columns[i][r] = row[i]
		}
		slices.Sort(columns[i])
	}
	return columns
}

// medianWithout is the median of the rows that the columns were made of, without one of them.
func medianWithout(columns [][]float32, row []float32) []float32 {
	result := make([]float32, len(columns))
	for i, column := range columns {
		place, _ := slices.BinarySearch(column, row[i])
		at := func(j int) float32 {
			if j >= place {
				j++
			}
			return column[j]
		}
		left := len(column) - 1
		result[i] = between(at((left-1)/2), at(left/2))
	}
	return result
}

// medoids finds the medoid of a class without one of its rows.
type medoids struct {
	rows   [][]float32
	metric string
	norms  []float64 // of the rows for the cosine, 1 where that is 0; else nil
	scores []float64 // see closeness
	size   float64
}

func newMedoids(ctx context.Context, rows [][]float32, metric string) (*medoids, error) {
	m := &medoids{rows: rows, metric: metric}
	var err error
	m.scores, m.size, err = closeness(ctx, rows, metric)
	if metric == metricCosine {
		for _, row := range rows {
			m.norms = append(m.norms, 1/perLength(1, row))
		}
	}
	return m, err
}

// cancellation is the share of what is added up that must be left without a row: of less, rounding
// would take too much.
const cancellation = 1e-3

// without takes the row's part out of the sums of the others.
func (m *medoids) without(ctx context.Context, i int) ([]float32, error) {
	own := m.pair(i, i)
	if m.metric == metricL2 {
		own = -m.scores[i]
	}
	rest := slices.Concat(m.rows[:i], m.rows[i+1:])
	size := m.size - own
	if size < cancellation*m.size {
		best, err := medoid(ctx, rest, m.metric)
		return rest[best], err
	}
	scores := make([]float64, 0, len(rest))
	for r, score := range m.scores {
		if r != i {
			scores = append(scores, score-m.pair(r, i))
		}
	}
	return rest[firstLargest(scores, tieTolerance*size)], nil
}

// pair is the similarity of two rows as closeness adds it up.
func (m *medoids) pair(a, b int) float64 {
	switch m.metric {
	case metricL2:
		return -math.Sqrt(squaredDistance(m.rows[a], m.rows[b]))
	case metricDot:
		return dot(m.rows[a], m.rows[b])
	}
	return dot(m.rows[a], m.rows[b]) / m.norms[a] / m.norms[b]
}
