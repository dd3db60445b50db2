package search

import (
	"cmp"
	"context"
	"math"
	"slices"

	"vs/data"
	"vs/search/database"
	"vs/torch"
)

// similaritiesAtOnce bounds the similarities that one product makes, to 8 MiB.
const similaritiesAtOnce = 2 << 20

// onDevice copies values to the device.
func onDevice[T torch.Element](device torch.Device, values []T, shape ...int) (*torch.Tensor, error) {
	host, err := torch.FromSlice(values, shape...)
	if err != nil {
		return nil, err
	}
	defer host.Close()
	return host.To(device)
}

// queries are embeddings on a device, ready to be compared by a metric.
type queries struct {
	metric string
	dim    int
	device torch.Device
	host   []float32     // [N, D]
	rows   *torch.Tensor // [N, D], of length one for the cosine; nil for l2
}

func newQueries(device torch.Device, embeddings []float32, dim int, metric string) (*queries, error) {
	q := &queries{metric: metric, dim: dim, device: device, host: embeddings}
	if metric == metricL2 {
		return q, nil
	}
	var err error
	q.rows, err = prepared(device, embeddings, dim, metric)
	return q, err
}

func (q *queries) Close() error { return q.rows.Close() }

// prepared copies vectors, [M, D], to the device, for the cosine scaled to length one.
func prepared(device torch.Device, vectors []float32, dim int, metric string) (*torch.Tensor, error) {
	rows, err := onDevice(device, vectors, len(vectors)/dim, dim)
	if err != nil || metric != metricCosine {
		return rows, err
	}
	defer rows.Close()
	return rows.Normalize()
}

// classVectors are the vectors that represent the classes, ready to be compared with queries.
type classVectors struct {
	metric  string
	dim     int
	class   []int         // [M] of each vector, ascending
	host    []float32     // [M, D] as they were given
	columns *torch.Tensor // [D, M], of length one for the cosine; nil for l2
	repeats []repeat
}

// repeat says that a vector is the same as another one. A product may round the two in different
// ways, depending on where they stand.
type repeat struct{ first, again int }

// findRepeats lists the vectors, [M, D], that stand before.
func findRepeats(vectors []float32, dim int) []repeat {
	row := func(i int) []float32 { return vectors[i*dim : (i+1)*dim] }
	order := data.Indices(len(vectors) / dim)
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(slices.Compare(row(a), row(b)), cmp.Compare(a, b)) })
	var list []repeat
	first := 0
	for n := 1; n < len(order); n++ {
		if slices.Equal(row(order[n]), row(order[first])) {
			list = append(list, repeat{order[first], order[n]})
		} else {
			first = n
		}
	}
	return list
}

// newClassVectors copies the vectors of each class to the device.
func newClassVectors(device torch.Device, byClass [][][]float32, dim int, metric string) (*classVectors, error) {
	r := &classVectors{metric: metric, dim: dim}
	for class, list := range byClass {
		for _, v := range list {
			r.class = append(r.class, class)
			r.host = append(r.host, v...)
		}
	}
	if metric == metricL2 {
		return r, nil
	}
	r.repeats = findRepeats(r.host, dim)
	rows, err := prepared(device, r.host, dim, metric)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	r.columns, err = rows.Transpose(0, 1)
	return r, err
}

func (r *classVectors) Close() error { return r.columns.Close() }

// compare calls f for the queries that index lists, each with its similarities to the vectors, [M],
// which f may change. It ends with the context or an error of f.
func (r *classVectors) compare(ctx context.Context, q *queries, index []int, f func(i int, similarities []float32) error) error {
	m := len(r.class)
	next := 0
	for some := range slices.Chunk(index, r.rowsAtOnce()) {
		similarities, err := r.product(q, some)
		if err != nil {
			return err
		}
		for i := range some {
			if err := ctx.Err(); err != nil {
				return err
			}
			row := similarities[i*m : (i+1)*m]
			for _, same := range r.repeats {
				row[same.again] = row[same.first]
			}
			if err := f(next, row); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

// rowsAtOnce is how many queries one product compares.
func (r *classVectors) rowsAtOnce() int { return max(1, similaritiesAtOnce/len(r.class)) }

// product returns the similarities of some queries, [len(index), M].
func (r *classVectors) product(q *queries, index []int) ([]float32, error) {
	if r.metric == metricL2 {
		return r.distances(q, index), nil
	}
	rows := make([]int64, len(index))
	for i, n := range index {
		rows[i] = int64(n)
	}
	numbers, err := onDevice(q.device, rows, len(rows))
	if err != nil {
		return nil, err
	}
	defer numbers.Close()
	selected, err := q.rows.IndexSelect(numbers)
	if err != nil {
		return nil, err
	}
	defer selected.Close()
	similarities, err := torch.MatMul(selected, r.columns)
	if err != nil {
		return nil, err
	}
	defer similarities.Close()
	return torch.ToSlice[float32](similarities)
}

// distances are not made of products, whose difference would be mostly rounding where a query is
// close to a vector.
func (r *classVectors) distances(q *queries, index []int) []float32 {
	similarities := make([]float32, 0, len(index)*len(r.class))
	for _, i := range index {
		query := q.host[i*q.dim : (i+1)*q.dim]
		for j := range r.class {
			similarities = append(similarities, float32(-squaredDistance(query, r.host[j*r.dim:(j+1)*r.dim])))
		}
	}
	return similarities
}

// classScores writes the similarity of the best vector of each class to scores, [C].
func (r *classVectors) classScores(similarities, scores []float32) {
	for c := range scores {
		scores[c] = float32(math.Inf(-1))
	}
	for j, s := range similarities {
		c := r.class[j]
		scores[c] = max(scores[c], s)
	}
}

// byClass returns the training vectors of the pictures that index lists, in ascending order, for
// each class; one that is listed twice counts twice.
func byClass(set *database.Embeddings, index, class []int) [][][]float32 {
	vectors := set.TrainingVectors()
	rows := make([][][]float32, len(set.Labels))
	for _, i := range index {
		rows[class[i]] = append(rows[class[i]], vectors[i*set.Dim:(i+1)*set.Dim])
	}
	return rows
}

// represent makes the class vectors from all pictures of a set.
func represent(ctx context.Context, set *database.Embeddings, device torch.Device, m Method) (*classVectors, error) {
	class := set.Classes()
	rows := byClass(set, data.Indices(len(class)), class)
	err := parallel(ctx, len(rows), func(c int) error {
		var err error
		rows[c], err = m.represent(ctx, rows[c], set.Labels[c])
		return err
	})
	if err != nil {
		return nil, err
	}
	return newClassVectors(device, rows, set.Dim, m.metric())
}
