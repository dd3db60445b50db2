package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"vs/data"
	"vs/search/database"
	"vs/torch"
)

// PicturePair is two pictures that are equal or look alike.
type PicturePair struct {
	First, Second int     // numbers in the set, the first the lower one
	Similarity    float64 // cosine of the embeddings; 1 of equal content
	Equal         bool    // they have the same content
	Across        bool    // they are of different classes
}

// comparePairs puts pairs across classes first, then the more similar ones, then the lower numbers.
func comparePairs(a, b PicturePair) int {
	if a.Across != b.Across {
		if a.Across {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
}

// SimilarPictures are the pairs found in a set.
type SimilarPictures struct {
	Pairs         []PicturePair // across classes first, then the more similar ones
	Across, Total int           // all that there are, also those for which Pairs has no room
}

// FindSimilarPictures finds the pictures of equal content, and the pairs of other pictures whose
// embeddings have at least that cosine similarity. Of n pictures of one content it lists n − 1
// pairs, each with the first of them; of a class only the first picture of a content is compared
// with others. At most limit pairs are kept.
//
// The similarities are products of tiles, so that memory does not grow with the square of the
// pictures; those that are kept or near the threshold are computed once more in float64. So the
// result depends neither on the number of workers nor on the device.
func FindSimilarPictures(ctx context.Context, set *database.Embeddings, device torch.Device, threshold float64, limit int) (*SimilarPictures, error) {
	found, err := findSimilarPictures(ctx, set, device, threshold, limit)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("find similar pictures: %w", err)
	}
	return found, nil
}

func findSimilarPictures(ctx context.Context, set *database.Embeddings, device torch.Device, threshold float64, limit int) (*SimilarPictures, error) {
	switch {
	case !(threshold > 0 && threshold <= 1):
		return nil, fmt.Errorf("similarity %v is not above 0 and at most 1", threshold)
	case limit < 1:
		return nil, fmt.Errorf("%d pairs: keep at least 1", limit)
	case len(set.Names) == 0:
		return &SimilarPictures{}, nil
	}
	hashes := set.Hashes
	if hashes == nil {
		hashes = make([][32]byte, len(set.Names))
	}
	s := &pairSearch{set: set, class: set.Classes(), contents: data.Contents(hashes), threshold: threshold, kept: keptPairs{limit: limit}}
	s.findEqual()
	rows, err := prepared(device, set.Vectors, set.Dim, metricCosine)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tiles := (len(s.compared) + pairTileRows - 1) / pairTileRows
	err = shownParallel(ctx, "comparing pictures", "parts", tiles, func(t int) error { return s.compareTile(ctx, device, rows, t*pairTileRows) })
	if err != nil {
		return nil, err
	}
	return &SimilarPictures{Pairs: s.kept.take(), Across: s.kept.across, Total: s.kept.total}, nil
}

// A tile of similarities is of that many pictures with that many that come after them, 8 MiB.
const (
	pairTileRows    = 512
	pairTileColumns = 4096
)

type pairSearch struct {
	set       *database.Embeddings
	class     []int // [N]
	contents  []int // [N], see data.Contents
	compared  []int // the first picture of each content in each class, ascending
	threshold float64

	mutex sync.Mutex
	kept  keptPairs
}

// findEqual keeps the pairs of equal content, and lists what is to be compared.
func (s *pairSearch) findEqual() {
	last := slices.Repeat([]int{-1}, len(s.contents)) // class in which a content was met last
	for i, first := range s.contents {
		if i != first {
			s.kept.add(PicturePair{First: first, Second: i, Similarity: 1, Equal: true, Across: s.class[first] != s.class[i]})
		}
		if last[first] != s.class[i] {
			last[first] = s.class[i]
			s.compared = append(s.compared, i)
		}
	}
}

// compareTile compares the pictures of a tile with each other and with all after them.
func (s *pairSearch) compareTile(ctx context.Context, device torch.Device, rows *torch.Tensor, from int) error {
	first := s.compared[from:min(from+pairTileRows, len(s.compared))]
	left, err := selectRows(device, rows, first)
	if err != nil {
		return err
	}
	defer left.Close()
	kept := keptPairs{limit: s.kept.limit}
	similarities := make([]float32, pairTileRows*pairTileColumns)
	for at := from; at < len(s.compared); at += pairTileColumns {
		if err := ctx.Err(); err != nil {
			return err
		}
		second := s.compared[at:min(at+pairTileColumns, len(s.compared))]
		product := similarities[:len(first)*len(second)]
		if err := multiply(device, rows, left, second, product); err != nil {
			return err
		}
		for i, a := range first {
			row := product[i*len(second) : (i+1)*len(second)]
			for j := max(0, from+i+1-at); j < len(second); j++ {
				if float64(row[j]) >= s.threshold-tieTrust {
					s.consider(&kept, a, second[j], float64(row[j]))
				}
			}
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.kept.merge(&kept)
	return nil
}

// consider keeps a pair whose similarity is known up to rounding, if it is at least the threshold.
func (s *pairSearch) consider(kept *keptPairs, a, b int, about float64) {
	if s.contents[a] == s.contents[b] {
		return // kept already
	}
	p := PicturePair{First: a, Second: b, Similarity: about + tieTrust, Across: s.class[a] != s.class[b]}
	if about-tieTrust >= s.threshold && !kept.hasRoomFor(p) {
		kept.count(p)
		return
	}
	dim := s.set.Dim
	p.Similarity = min(1, similarity(metricCosine, s.set.Vectors[a*dim:(a+1)*dim], s.set.Vectors[b*dim:(b+1)*dim]))
	if p.Similarity >= s.threshold {
		kept.add(p)
	}
}

// selectRows copies some rows of a matrix on the device.
func selectRows(device torch.Device, rows *torch.Tensor, index []int) (*torch.Tensor, error) {
	numbers := make([]int64, len(index))
	for i, n := range index {
		numbers[i] = int64(n)
	}
	wanted, err := onDevice(device, numbers, len(numbers))
	if err != nil {
		return nil, err
	}
	defer wanted.Close()
	return rows.IndexSelect(wanted)
}

// multiply writes the products of rows, [len(left), len(index)].
func multiply(device torch.Device, rows, left *torch.Tensor, index []int, product []float32) error {
	right, err := selectRows(device, rows, index)
	if err != nil {
		return err
	}
	defer right.Close()
	columns, err := right.Transpose(0, 1)
	if err != nil {
		return err
	}
	defer columns.Close()
	result, err := torch.MatMul(left, columns)
	if err != nil {
		return err
	}
	defer result.Close()
	return torch.CopyTo(product, result)
}

// keptPairs are the first pairs of all that were added, up to a limit, in whatever order they came.
type keptPairs struct {
	limit         int
	pairs         []PicturePair // at most twice the limit
	full          bool
	last          PicturePair // when full: what comes after it has no room
	across, total int
}

func (k *keptPairs) count(p PicturePair) {
	k.total++
	if p.Across {
		k.across++
	}
}

func (k *keptPairs) hasRoomFor(p PicturePair) bool { return !k.full || comparePairs(p, k.last) < 0 }

func (k *keptPairs) add(p PicturePair) {
	k.count(p)
	k.put(p)
}

func (k *keptPairs) put(p PicturePair) {
	if !k.hasRoomFor(p) {
		return
	}
	if k.pairs = append(k.pairs, p); len(k.pairs) == 2*k.limit {
		k.cut()
	}
}

func (k *keptPairs) cut() {
	slices.SortFunc(k.pairs, comparePairs)
	if len(k.pairs) >= k.limit {
		k.pairs = k.pairs[:k.limit]
		k.full, k.last = true, k.pairs[k.limit-1]
	}
}

func (k *keptPairs) merge(other *keptPairs) {
	for _, p := range other.pairs {
		k.put(p)
	}
	k.total += other.total
	k.across += other.across
}

// take returns the pairs in order.
func (k *keptPairs) take() []PicturePair {
	k.cut()
	return k.pairs
}
