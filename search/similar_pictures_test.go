package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/torch/torchtest"
)

// likeSet has pictures many of which are almost alike, and some of equal content.
func likeSet(counts []int, dim int, seed uint64) *database.Embeddings {
	r := rand.New(rand.NewPCG(seed, 4))
	set := noisySet(counts, dim, false)
	n := len(set.Names)
	set.Hashes = make([][32]byte, n)
	for i := range n {
		set.Hashes[i] = [32]byte{1, byte(i), byte(i >> 8)}
		from := set.Vectors[i*dim : (i+1)*dim]
		for j := range from {
			from[j] = float32(r.NormFloat64())
		}
		if i == 0 || r.IntN(3) > 0 {
			continue
		}
		other := r.IntN(i)
		copy(from, set.Vectors[other*dim:(other+1)*dim])
		if r.IntN(4) == 0 {
			set.Hashes[i] = set.Hashes[other]
			continue
		}
		noise := []float64{0, 1e-8, 0.01, 0.2}[r.IntN(4)]
		for j := range from {
			from[j] = 3 * (from[j] + float32(noise*r.NormFloat64())) // another length is the same direction
		}
	}
	return set
}

// brutePairs compares everything with everything in float64.
func brutePairs(set *database.Embeddings, threshold float64) []PicturePair {
	class, contents := set.Classes(), data.Contents(set.Hashes)
	var pairs []PicturePair
	type place struct{ class, content int }
	met, first := map[place]bool{}, make([]bool, len(class))
	for i, content := range contents {
		at := place{class[i], content}
		first[i], met[at] = !met[at], true
	}
	for b := range class {
		if contents[b] != b {
			pairs = append(pairs, PicturePair{contents[b], b, 1, true, class[contents[b]] != class[b]})
		}
		for a := range b {
			if contents[a] == contents[b] || !first[a] || !first[b] {
				continue
			}
			s := min(1, similarity(metricCosine, set.Vectors[a*set.Dim:(a+1)*set.Dim], set.Vectors[b*set.Dim:(b+1)*set.Dim]))
			if s >= threshold {
				pairs = append(pairs, PicturePair{a, b, s, false, class[a] != class[b]})
			}
		}
	}
	slices.SortFunc(pairs, comparePairs)
	return pairs
}

func TestSimilarPicturesAreThoseOfComparingAllPairs(t *testing.T) {
	for _, counts := range [][]int{{1}, {2, 1}, {60, 50, 90}, {pairTileRows, 1}, {pairTileRows + 3, 40}, {700, pairTileColumns}} {
		dim := 6
		if counts[0] < 100 {
			dim = 33
		}
		set := likeSet(counts, dim, uint64(counts[0]))
		for _, threshold := range []float64{0.97, 0.9999, 1} {
			if len(set.Names) > 2000 && threshold != 0.9999 {
				continue // many pairs
			}
			want := brutePairs(set, threshold)
			across := 0
			for _, p := range want {
				if p.Across {
					across++
				}
			}
			for _, limit := range []int{1, 7, len(want) + 1} {
				got, err := FindSimilarPictures(context.Background(), set, torchtest.Device(t), threshold, limit)
				if err != nil {
					t.Fatal(err)
				}
				if got.Total != len(want) || got.Across != across {
					t.Errorf("%v at %v: %d pairs, %d across, want %d and %d", counts, threshold, got.Total, got.Across, len(want), across)
				}
				if first := want[:min(limit, len(want))]; !slices.Equal(got.Pairs, first) {
					t.Errorf("%v at %v: the first %d are\n%v, want\n%v", counts, threshold, limit, got.Pairs[:min(len(got.Pairs), 5)], first[:min(len(first), 5)])
				}
			}
		}
	}
}

func TestSimilarPicturesDoNotDependOnTheWorkers(t *testing.T) {
	set := likeSet([]int{900, 800, 1500}, 5, 1)
	var want string
	for _, workers := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(workers)
		got, err := FindSimilarPictures(context.Background(), set, torchtest.Device(t), 0.9, 50)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("%+v", *got); want == "" {
			want = text
		} else if text != want {
			t.Errorf("%d workers give\n%s, 1 gives\n%s", workers, text, want)
		}
	}
}

// Where everything is alike there are as many pairs as can be, and no more memory than the limit
// says.
func TestSimilarPicturesThatAreAllAlike(t *testing.T) {
	set := noisySet([]int{1500, 1500}, 4, false)
	set.Vectors = slices.Repeat([]float32{0.1, 0.2, 0.3, 0.4}, 3000)
	set.Hashes = nil
	got, err := FindSimilarPictures(context.Background(), set, torchtest.Device(t), 0.98, 10)
	if err != nil {
		t.Fatal(err)
	}
	if got.Total != 3000*2999/2 || got.Across != 1500*1500 || len(got.Pairs) != 10 || !got.Pairs[9].Across {
		t.Errorf("%d pairs, %d across, %v", got.Total, got.Across, got.Pairs)
	}
}

func TestSimilarPicturesErrors(t *testing.T) {
	set := noisySet([]int{3, 3}, 4, false)
	for _, row := range []struct {
		threshold float64
		limit     int
		want      string
	}{{0, 1, "similarity 0 is not above 0"}, {1.1, 1, "similarity 1.1"}, {0.9, 0, "keep at least 1"}} {
		if _, err := FindSimilarPictures(context.Background(), set, torchtest.Device(t), row.threshold, row.limit); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("error %v, want one with %q", err, row.want)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := FindSimilarPictures(cancelled, set, torchtest.Device(t), 0.9, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt gives error %v", err)
	}
	if got, err := FindSimilarPictures(context.Background(), &database.Embeddings{Dim: 4}, torchtest.Device(t), 0.9, 5); err != nil || got.Total != 0 {
		t.Errorf("of no pictures: %v, %v", got, err)
	}
}
