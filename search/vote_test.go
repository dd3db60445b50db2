package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/torch/torchtest"
)

// voteSet has three classes; the query is the last picture of the first.
var voteSet = &database.Embeddings{
	Labels: []string{"a", "b", "c"}, Counts: []int{3, 3, 1}, Dim: 2, Names: make([]string, 7),
	Vectors: []float32{1, 0, 0.9, 0.2, 1, 0.35, 0.2, 1, 0.5, 0.5, 0, 1, -1, 0.1},
}

// The shares are numpy's: w = exp(sorted(U @ u)[:K] / 0.07), summed by class and divided by
// w.sum(). The similarities are 0.9439, 0.9930 (a),
// 0.5090, 0.9010, 0.3304 (b) and −0.9063 (c).
func TestVote(t *testing.T) {
	tests := []struct {
		neighbours int
		order      []int
		shares     []float64 // of a, b and c
	}{
		{1, []int{0, 1, 2}, []float64{1, 0, 0}},
		{3, []int{0, 1, 2}, []float64{0.8477691808540491, 0.1522308191459509, 0}},
		{4, []int{0, 1, 2}, []float64{0.8472919470804772, 0.1527080529195227, 0}},
		{6, []int{0, 1, 2}, []float64{0.8472548077810906, 0.15274519221797755, 9.318510240458014e-13}},
	}
	train := &database.Embeddings{ // without the third picture of a
		Labels: voteSet.Labels, Counts: slices.Concat([]int{2}, voteSet.Counts[1:]), Dim: 2,
		Names:   slices.Concat(voteSet.Names[:2], voteSet.Names[3:]),
		Vectors: slices.Concat(voteSet.Vectors[:4], voteSet.Vectors[6:]),
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.neighbours, " neighbours"), func(t *testing.T) {
			index, err := BuildIndex(context.Background(), train, torchtest.Device(t), Method{Neighbours: tt.neighbours})
			if err != nil {
				t.Fatal(err)
			}
			defer index.Close()
			hits, err := index.Search(t.Context(), []float32{1, 0.35}, 3)
			if err != nil {
				t.Fatal(err)
			}
			for place, c := range tt.order {
				hit := hits[0][place]
				if hit.Label != train.Labels[c] {
					t.Errorf("place %d is %s, want %s", place, hit.Label, train.Labels[c])
				}
				wantNear(t, []float32{hit.Score}, []float64{tt.shares[c]})
			}
			split := data.Split{Train: []int{0, 1, 3, 4, 5, 6}, Valid: []int{2}}
			answers, err := Evaluate(context.Background(), voteSet, torchtest.Device(t), []data.Split{split}, "valid", 3, Method{Neighbours: tt.neighbours})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(answers[0].Classes[0], tt.order) || answers[0].Margins[0] != 0 {
				t.Errorf("evaluation answers %v", answers[0])
			}
		})
	}
}

// count votes with rows of similarities that are written down.
func TestVoteOrder(t *testing.T) {
	class := []int{0, 0, 1, 1, 2, 3}
	tests := []struct {
		name         string
		neighbours   int
		similarities []float32
		training     []int
		order        []int
		voted        int // classes with a share
	}{
		{"classes without a vote come by their best picture", 1, []float32{0.1, 0.2, -0.5, 0.3, 0.9, 0.4}, []int{0, 1, 2, 3, 4, 5}, []int{2, 3, 1, 0}, 1},
		{"pictures outside the training part have no say", 1, []float32{0.1, 0.2, -0.5, 0.3, 0.9, 0.4}, []int{0, 1, 2, 4, 5}, []int{2, 3, 0, 1}, 1},
		{"of equal pictures the first votes", 1, []float32{0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, []int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2, 3}, 1},
		{"many fair votes beat one good one", 3, []float32{0.80, 0.80, 0.1, 0.1, 0.82, 0.1}, []int{0, 1, 2, 3, 4, 5}, []int{0, 2, 1, 3}, 2},
		{"one very good vote beats many", 3, []float32{0.5, 0.5, 0.1, 0.1, 0.82, 0.1}, []int{0, 1, 2, 3, 4, 5}, []int{2, 0, 1, 3}, 2},
		{"a picture that is listed twice votes twice", 3, []float32{0.8, 0.1, 0.1, 0.1, 0.82, 0.1}, []int{0, 0, 2, 3, 4, 5}, []int{0, 2, 1, 3}, 2},
		{"opposite classes come last", 2, []float32{-1, -1, 0.9, -1, 0.8, -0.999}, []int{0, 1, 2, 3, 4, 5}, []int{1, 2, 3, 0}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newVotes(tt.neighbours, 4, 4, class)
			occurs := make([]int32, len(class))
			for _, i := range tt.training {
				occurs[i]++
			}
			scores := make([]float32, 4)
			for range 2 { // the second time with what the first has left
				v.compare(tt.similarities)
				v.count(occurs, scores)
				var order []int
				voted := 0
				for _, best := range bestClasses(scores, 4) {
					order = append(order, best.Row)
					if (Method{Neighbours: 1}).shown(best.Score) > 0 {
						voted++
					}
				}
				if !slices.Equal(order, tt.order) || voted != tt.voted {
					t.Errorf("order %v with %d voted, want %v with %d", order, voted, tt.order, tt.voted)
				}
			}
		})
	}
}

// Answers are those of sorting the training pictures for each run and asking all classes, to the
// bit.
func TestVotesWalkTheOrderOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	const pictures, classes = 200, 12
	class := make([]int, pictures)
	similarities := make([]float32, pictures)
	for i := range class {
		class[i] = random.IntN(classes)
		// Few values, some of which are the same only after noVote has been taken off.
		similarities[i] = float32(random.IntN(15))/15 + float32(random.IntN(3))*1e-8
	}
	for _, neighbours := range []int{1, 7, 60} {
		for k := 1; k <= classes; k++ {
			v := newVotes(neighbours, k, classes, class)
			v.compare(similarities)
			for range 20 {
				occurs := make([]int32, pictures)
				var training []int
				for range pictures {
					occurs[random.IntN(pictures)]++
				}
				want := make([]float32, classes)
				for c := range want {
					want[c] = float32(math.Inf(-1))
				}
				for i, n := range occurs {
					for range n {
						training = append(training, i)
						want[class[i]] = max(want[class[i]], similarities[i]-noVote)
					}
				}
				slices.SortStableFunc(training, func(a, b int) int { return cmp.Compare(similarities[b], similarities[a]) })
				shares := make([]float64, classes)
				var total float64
				for _, i := range training[:neighbours] {
					weight := math.Exp((float64(similarities[i]) - float64(similarities[training[0]])) / temperature)
					shares[class[i]] += weight
					total += weight
				}
				for c, share := range shares {
					if share > 0 {
						want[c] = float32(share / total)
					}
				}
				got := make([]float32, classes)
				v.count(occurs, got)
				if got, want := bestClasses(got, k), bestClasses(want, k); !slices.Equal(got, want) {
					t.Fatalf("%d neighbours, top %d: %v, want %v", neighbours, k, got, want)
				}
			}
		}
	}
}

func TestMoreNeighboursThanPictures(t *testing.T) {
	ctx := context.Background()
	method := Method{Neighbours: 7}
	split := data.Split{Train: []int{0, 1, 3, 4, 5, 6}, Valid: []int{2}}
	_, evaluateErr := Evaluate(ctx, voteSet, torchtest.Device(t), []data.Split{split}, "valid", 1, method)
	pairs := voteSet.Subset([]string{"a", "b"})
	_, leaveErr := LeaveOneOut(ctx, pairs, torchtest.Device(t), 1, Method{Neighbours: 6})
	_, indexErr := BuildIndex(ctx, pairs, torchtest.Device(t), method)
	for _, tt := range []struct {
		err  error
		want string
	}{
		{evaluateErr, "run 0: --neighbours 7: there are only 6 training pictures"},
		{leaveErr, "--neighbours 6: there are only 5 training pictures"},
		{indexErr, "--neighbours 7: there are only 6 training pictures"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("error %v, want %q", tt.err, tt.want)
		}
	}
}
