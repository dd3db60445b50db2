package search

import (
	"context"
	"fmt"

	"vs/data"
	"vs/torch"
)

// Answers are those of one run, with pictures in the order of the evaluated part.
type Answers struct {
	Classes [][]int // [P][k] label indices, the most similar class first

	// Margins, [P], say by how much a picture is more similar to the class that it was taken for than to its own: 0
	// where the answer is right.
	Margins []float32
}

// Evaluate answers every picture of a part of each split from the class means of the split's training part, and names the
// k best classes for each.
//
// The embeddings stay on the device. The means of a class are one matrix product for many runs, [R, n] by [n, D]; the
// similarities of R runs are one batch of products, [R, P, D] by [R, D, C].
func Evaluate(ctx context.Context, set *Set, device torch.Device, splits []data.Split, part string, k int, m Method) ([]Answers, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	if err := checkTopK(k, len(set.Labels)); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	e := &evaluation{set: set, device: device, k: k}
	defer e.close()
	if err := e.load(); err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	var answers []Answers
	for len(answers) < len(splits) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := len(answers)
		to := min(from+e.chunk(splits[from], part), len(splits))
		some, err := e.run(splits[from:to], part)
		if err != nil {
			return nil, fmt.Errorf("evaluate runs %d to %d of %d: %w", from, to-1, len(splits), err)
		}
		answers = append(answers, some...)
	}
	return answers, nil
}

type evaluation struct {
	set     *Set
	device  torch.Device
	k       int
	classes []*torch.Tensor // for each class [n, D]
	queries *torch.Tensor   // [N, D], normalised
}

func (e *evaluation) close() {
	e.queries.Close()
	for _, t := range e.classes {
		t.Close()
	}
}

// onDevice copies values to the device.
func onDevice[T torch.Element](device torch.Device, values []T, shape ...int) (*torch.Tensor, error) {
	host, err := torch.FromSlice(values, shape...)
	if err != nil {
		return nil, err
	}
	defer host.Close()
	return host.To(device)
}

func (e *evaluation) load() error {
	d, n := e.set.Dim, len(e.set.Names)
	all, err := onDevice(e.device, e.set.Embeddings, n, d)
	if err != nil {
		return err
	}
	defer all.Close()
	if e.queries, err = all.Normalize(); err != nil {
		return err
	}
	from := 0
	for _, count := range e.set.Counts {
		t, err := onDevice(e.device, e.set.Embeddings[from*d:(from+count)*d], count, d)
		if err != nil {
			return err
		}
		e.classes = append(e.classes, t)
		from += count
	}
	return nil
}

// chunk is how many runs are computed at once: as many as keep the largest tensor within 64 MiB.
func (e *evaluation) chunk(split data.Split, part string) int {
	pictures, _ := split.Part(part) // run reports a part that does not exist
	c, d := len(e.set.Labels), e.set.Dim
	floats := max(c*d, len(pictures)*d, len(pictures)*c, len(e.set.Names))
	return max(1, (16<<20)/max(floats, 1))
}

// run computes some runs, whose parts have the same sizes.
func (e *evaluation) run(splits []data.Split, part string) ([]Answers, error) {
	means, err := e.means(splits)
	if err != nil {
		return nil, err
	}
	defer means.Close()
	var index []int64
	for _, split := range splits {
		pictures, err := split.Part(part)
		if err != nil {
			return nil, err
		}
		for _, i := range pictures {
			index = append(index, int64(i))
		}
	}
	r, p := len(splits), len(index)/len(splits)
	best, err := e.search(means, index, r, p)
	if err != nil {
		return nil, err
	}
	answers := make([]Answers, r)
	for run := range answers {
		answers[run].Classes = make([][]int, p)
		answers[run].Margins = make([]float32, p)
		for i := range answers[run].Classes {
			row := make([]int, e.k)
			for j := range row {
				row[j] = int(best[(run*p+i)*e.k+j])
			}
			answers[run].Classes[i] = row
		}
	}
	return answers, nil
}

// means returns the normalised class means of each run, [R, D, C].
func (e *evaluation) means(splits []data.Split) (*torch.Tensor, error) {
	weights := make([][]float32, len(e.classes)) // for each class [R, n]: 1/count for its training pictures
	for c, count := range e.set.Counts {
		weights[c] = make([]float32, len(splits)*count)
	}
	class := e.set.Classes()
	offset := make([]int, len(e.set.Counts))
	for c := 1; c < len(offset); c++ {
		offset[c] = offset[c-1] + e.set.Counts[c-1]
	}
	for r, split := range splits {
		size := make([]int, len(e.set.Counts))
		for _, i := range split.Train {
			size[class[i]]++
		}
		for _, i := range split.Train {
			c := class[i]
			weights[c][r*e.set.Counts[c]+i-offset[c]] = 1 / float32(size[c])
		}
	}
	var byClass []*torch.Tensor
	defer func() {
		for _, t := range byClass {
			t.Close()
		}
	}()
	for c, t := range e.classes {
		w, err := onDevice(e.device, weights[c], len(splits), e.set.Counts[c])
		if err != nil {
			return nil, err
		}
		m, err := torch.MatMul(w, t) // [R, D]
		w.Close()
		if err != nil {
			return nil, err
		}
		byClass = append(byClass, m)
	}
	stacked, err := torch.Stack(byClass) // [C, R, D]
	if err != nil {
		return nil, err
	}
	defer stacked.Close()
	unit, err := stacked.Normalize()
	if err != nil {
		return nil, err
	}
	defer unit.Close()
	runsFirst, err := unit.Transpose(0, 1) // [R, C, D]
	if err != nil {
		return nil, err
	}
	defer runsFirst.Close()
	return runsFirst.Transpose(1, 2)
}

// search returns the best classes, [R, P, k], of the pictures that index lists, [R, P].
func (e *evaluation) search(means *torch.Tensor, index []int64, r, p int) ([]int64, error) {
	rows, err := onDevice(e.device, index, len(index))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	selected, err := e.queries.IndexSelect(rows)
	if err != nil {
		return nil, err
	}
	defer selected.Close()
	queries, err := selected.Reshape(r, p, e.set.Dim)
	if err != nil {
		return nil, err
	}
	defer queries.Close()
	similarities, err := torch.MatMul(queries, means)
	if err != nil {
		return nil, err
	}
	defer similarities.Close()
	values, indices, err := similarities.TopK(e.k)
	if err != nil {
		return nil, err
	}
	defer values.Close()
	defer indices.Close()
	return torch.ToSlice[int64](indices)
}
