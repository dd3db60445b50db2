package classifier

import (
	"fmt"
	"slices"

	"vs/search/moments"
	"vs/torch"
)

// Examples are the pictures that a classifier is fitted to.
type Examples struct {
	Embeddings []float32 // [M, I, D]
	Instances  int       // I, examples of each picture, which are left out together; 0 is 1
	Queries    []float32 // [M, D] by which pictures are asked about when they are left out; nil: Embeddings, with I = 1
	Dim        int       // D
	Classes    int       // C
	Class      []int     // [M], 0 to C−1
	Rows       []int     // [N] the pictures that count; one that is listed twice counts twice

	// Sums are those of all examples under each power, and Counts, [C], the pictures of each class,
	// where a classifier is to be made of sums: see [Spec.OfSums]. The embeddings are then only
	// those of some pictures, by which parameters are chosen: see [HeldOut].
	Sums   []*moments.Sums
	Counts []int
}

// check refuses examples of which a class has fewer than some.
func (x *Examples) check(least int) error {
	if len(x.Embeddings) != len(x.Class)*x.each()*x.Dim || len(x.queries()) != len(x.Class)*x.Dim {
		panic(fmt.Sprintf("classifier: %d and %d numbers for %d pictures of size %d", len(x.Embeddings), len(x.queries()), len(x.Class), x.Dim))
	}
	for c, n := range x.counts() {
		if n < least {
			return fmt.Errorf("class %d has %d training pictures and needs %d", c, n, least)
		}
	}
	return nil
}

// each is how many examples a picture has.
func (x *Examples) each() int { return max(1, x.Instances) }

// of lists the examples of some pictures.
func (x *Examples) of(rows []int) []int {
	n := x.each()
	if n == 1 {
		return rows
	}
	all := make([]int, 0, n*len(rows))
	for _, row := range rows {
		for i := range n {
			all = append(all, row*n+i)
		}
	}
	return all
}

// classOf is the class of an example.
func (x *Examples) classOf(example int) int { return x.Class[example/x.each()] }

// queries are the embeddings by which pictures are asked about.
func (x *Examples) queries() []float32 {
	if x.Queries == nil {
		return x.Embeddings
	}
	return x.Queries
}

// counts returns the pictures of each class, [C].
func (x *Examples) counts() []int {
	if x.Sums != nil {
		return x.Counts
	}
	counts := make([]int, x.Classes)
	for _, row := range x.Rows {
		counts[x.Class[row]]++
	}
	return counts
}

// Size is the number of examples.
func (x *Examples) Size() int { return x.Pictures() * x.each() }

// Pictures is the number of pictures.
func (x *Examples) Pictures() int {
	if x.Sums == nil {
		return len(x.Rows)
	}
	size := 0
	for _, n := range x.Counts {
		size += n
	}
	return size
}

// sumsUnder returns the sums that are known of features, nil if none are.
func (x *Examples) sumsUnder(lift *features) *moments.Sums {
	for _, s := range x.Sums {
		if s.Power == lift.power {
			return s
		}
	}
	if x.Sums != nil {
		panic(fmt.Sprintf("classifier: no sums under the power %v", lift.power))
	}
	return nil
}

// rowsAtOnce is how many examples a matrix product takes, which bounds memory. The blocks are the
// same for any number of workers, and so are the sums of their products.
const rowsAtOnce = 4096

// blocks calls f for the features of the examples, [n, F], a block at a time, with the class of
// each. f may change them.
func (x *Examples) blocks(device torch.Device, lift *features, f func(class []int, block matrix) error) error {
	for examples := range slices.Chunk(x.of(x.Rows), rowsAtOnce) {
		block, err := lift.of(device, x.Embeddings, examples)
		if err != nil {
			return err
		}
		class := make([]int, len(examples))
		for i, example := range examples {
			class[i] = x.classOf(example)
		}
		if err := f(class, block); err != nil {
			return err
		}
	}
	return nil
}

// sums adds up the features of each class, [C, F].
func (x *Examples) sums(device torch.Device, lift *features) (matrix, error) {
	sums := newMatrix(x.Classes, lift.size)
	if known := x.sumsUnder(lift); known != nil {
		for c, sum := range known.Classes {
			for j, v := range sum {
				sums.row(c)[j] = moments.Float(v)
			}
		}
		return sums, nil
	}
	err := x.blocks(device, lift, func(class []int, block matrix) error {
		for i, c := range class {
			sum := sums.row(c)
			for j, v := range block.row(i) {
				sum[j] += v
			}
		}
		return nil
	})
	return sums, err
}
