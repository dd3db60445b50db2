package search

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vs/data"
	"vs/search/calibration"
)

// temperature of the vote, as in Caron et al., Emerging properties in self-supervised vision
// transformers, ICCV 2021, and Wu et al., Unsupervised feature learning via non-parametric instance
// discrimination, CVPR 2018.
const temperature = 0.07

// votes answers a query by votes of different training parts.
type votes struct {
	neighbours int
	k          int   // classes that an answer names
	class      []int // [N] of the pictures
	order      ranking
	shares     []float64 // [C]
	shown      []float64 // [C] room for a writer
}

func newVotes(neighbours, k, classes int, class []int) *votes {
	return &votes{neighbours: neighbours, k: k, class: class, shares: make([]float64, classes), shown: make([]float64, classes)}
}

// compare begins with a query, of which these are the similarities with all pictures.
func (v *votes) compare(similarities []float32) { v.order.reset(similarities) }

// count writes the scores of the classes, [C], for a training part in which the pictures occur that
// many times; nil means once each. The most similar neighbours vote with weight exp(similarity /
// temperature), and of equal ones the lower number.
//
// A class's score is its share of the votes. A class without a vote gets what keeps it behind the
// others and in the order of its most similar picture: the similarity less noVote. It gets −∞ where
// there are enough classes before it.
func (v *votes) count(occurs []int32, scores []float32) {
	clear(v.shares)
	for c := range scores {
		scores[c] = float32(math.Inf(-1))
	}
	var first, last float32 // similarity of the best neighbour, and what a class met last would have without a vote
	var total float64
	met, left := 0, v.neighbours
	for place := range v.order.similarities {
		i := v.order.at(place)
		n := 1
		if occurs != nil {
			n = int(occurs[i])
		}
		if n == 0 {
			continue
		}
		similarity := v.order.similarities[i]
		// Classes that are equal to the last one may have to stand before it.
		if left == 0 && met >= v.k && similarity-noVote != last {
			break
		}
		if left == v.neighbours {
			first = similarity
		}
		c := v.class[i]
		if math.IsInf(float64(scores[c]), -1) {
			met++
			last = similarity - noVote
			scores[c] = last
		}
		for ; n > 0 && left > 0; n, left = n-1, left-1 {
			weight := math.Exp((float64(similarity) - float64(first)) / temperature)
			v.shares[c] += weight
			total += weight
		}
	}
	for c, share := range v.shares {
		if share > 0 {
			scores[c] = float32(share / total)
		}
	}
}

// noVote exceeds every cosine similarity, rounding included, so that the scores of classes without
// a vote are negative.
const noVote = 2

// place is where an answer belongs.
type place struct{ run, picture int }

// voteAll answers the pictures of each split's part by a vote. A picture is compared and put in
// order once with all others, and for each run those of the training part are used.
func (e *evaluation) voteAll(ctx context.Context, splits []data.Split, part string) ([]Answers, error) {
	answers := make([]Answers, len(splits))
	occurs := make([][]int32, len(splits))  // of each run, how often it trains with each picture
	places := make([][]place, len(e.class)) // for each picture
	for r, split := range splits {
		pictures, err := split.Part(part)
		if err == nil {
			_, err = e.training(split)
		}
		if err == nil {
			err = e.method.checkNeighbours(len(split.Train))
		}
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", r, err)
		}
		occurs[r] = make([]int32, len(e.class))
		for _, picture := range split.Train {
			occurs[r][picture]++
		}
		answers[r] = e.newAnswers(len(pictures))
		for i, picture := range pictures {
			places[picture] = append(places[picture], place{r, i})
		}
	}
	temperatures, err := e.voteTemperatures(ctx, occurs)
	if err != nil {
		return nil, err
	}
	for r := range answers {
		answers[r] = e.newWriter(answers[r], temperatures[r]).answers
	}
	return answers, e.compareAll(ctx, data.Indices(len(e.class)), func(v *votes, picture int, similarities, scores []float32) error {
		v.compare(similarities)
		for _, p := range places[picture] {
			if err := ctx.Err(); err != nil {
				return err
			}
			v.count(occurs[p.run], scores)
			writer{e, answers[p.run], temperatures[p.run], v.shown}.put(p.picture, picture, scores)
		}
		return nil
	})
}

// voteWithoutEach answers each picture by a vote of those of other content, of which equal lists
// the pictures.
func (e *evaluation) voteWithoutEach(ctx context.Context, answers Answers, equal [][]int) error {
	all := data.Indices(len(e.class))
	left, err := e.votesWithout(ctx, calibration.EvenlySpaced(all, calibratedOf(len(e.set.Labels))), [][]int32{nil}, equal)
	if err != nil {
		return err
	}
	temperature := left[0].calibrate().temperature()
	return e.compareAll(ctx, all, func(v *votes, picture int, similarities, scores []float32) error {
		leaveOut(similarities, equal[e.contents[picture]])
		v.compare(similarities)
		v.count(nil, scores)
		writer{e, answers, temperature, v.shown}.put(picture, picture, scores)
		return nil
	})
}

// All runs together keep at most mostBallots votes of pictures that are left out, or leastBallots
// each.
const (
	mostBallots  = 1 << 17
	leastBallots = 64
)

// voteTemperatures returns the temperature of each run, in which the pictures occur that many
// times.
func (e *evaluation) voteTemperatures(ctx context.Context, occurs [][]int32) ([]float64, error) {
	held := calibration.EvenlySpaced(data.Indices(len(e.class)), min(calibratedOf(len(e.set.Labels)), max(leastBallots, mostBallots/len(occurs))))
	left, err := e.votesWithout(ctx, held, occurs, equalPictures(e.contents))
	if err != nil {
		return nil, err
	}
	temperatures := make([]float64, len(occurs))
	for r, l := range left {
		temperatures[r] = l.calibrate().temperature()
	}
	return temperatures, nil
}

// votesWithout returns for each run the scores of those of some pictures that it trains with, by a
// vote of the others of other content. A class that has no other picture of its own says nothing.
func (e *evaluation) votesWithout(ctx context.Context, held []int, occurs [][]int32, equal [][]int) ([]leftOutScores, error) {
	contents := make([][]int, len(occurs)) // of each class, in each run
	for r := range occurs {
		contents[r] = e.trainingContents(occurs[r])
	}
	ballots := make([][]share, len(held)*len(occurs)) // a vote of each picture for each run, nil if there is none
	slot := make(map[int]int)
	for i, picture := range held {
		slot[picture] = i
	}
	err := e.compareAll(ctx, held, func(v *votes, picture int, similarities, scores []float32) error {
		leaveOut(similarities, equal[e.contents[picture]])
		v.compare(similarities)
		for r := range occurs {
			if err := ctx.Err(); err != nil {
				return err
			}
			if (occurs[r] == nil || occurs[r][picture] > 0) && contents[r][e.class[picture]] > 1 {
				v.count(occurs[r], scores)
				ballots[slot[picture]*len(occurs)+r] = sharesOf(scores)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	left := make([]leftOutScores, len(occurs))
	scores := make([]float32, len(e.set.Labels))
	for r := range left {
		left[r].method = e.method
		for i, picture := range held {
			if vote := ballots[i*len(occurs)+r]; vote != nil {
				clear(scores)
				for _, s := range vote {
					scores[s.class] = s.share
				}
				left[r].add(e.class[picture], scores)
			}
		}
	}
	return left, nil
}

// share is what a class got of a vote. Few classes get any.
type share struct {
	class int32
	share float32
}

func sharesOf(scores []float32) (shares []share) {
	for c, s := range scores {
		if s > 0 {
			shares = append(shares, share{int32(c), s})
		}
	}
	return shares
}

// trainingContents counts the different contents of each class, [C], in a training part in which
// the pictures occur that many times; nil means once each.
func (e *evaluation) trainingContents(occurs []int32) []int {
	counts := make([]int, len(e.set.Labels))
	last := slices.Repeat([]int{-1}, len(e.class)) // class in which a content has been met
	for picture, content := range e.contents {
		if c := e.class[picture]; (occurs == nil || occurs[picture] > 0) && last[content] != c {
			last[content] = c
			counts[c]++
		}
	}
	return counts
}

// leaveOut moves pictures to the end of any ranking.
func leaveOut(similarities []float32, pictures []int) {
	for _, i := range pictures {
		similarities[i] = float32(math.Inf(-1))
	}
}

// compareAll calls f for some pictures, each with its similarities to all pictures, [N], which f
// may change, and room for scores, [C]. No answer depends on another.
func (e *evaluation) compareAll(ctx context.Context, pictures []int, f func(v *votes, picture int, similarities, scores []float32) error) error {
	r, err := e.pictures()
	if err != nil {
		return err
	}
	defer r.Close()
	chunks := slices.Collect(slices.Chunk(pictures, r.rowsAtOnce()))
	return shownParallel(ctx, "comparing pictures", "parts", len(chunks), func(i int) error {
		v := newVotes(e.method.Neighbours, e.k, len(e.set.Labels), e.class)
		scores := make([]float32, len(e.set.Labels))
		return r.compare(ctx, e.queries, chunks[i], func(j int, similarities []float32) error {
			return f(v, chunks[i][j], similarities, scores)
		})
	})
}

// pictures are the training vectors of all pictures. Without augmentation they share the memory of
// the queries.
func (e *evaluation) pictures() (*classVectors, error) {
	r := &classVectors{metric: metricCosine, dim: e.set.Dim, class: e.class, repeats: findRepeats(e.set.TrainingVectors(), e.set.Dim)}
	rows := e.queries.rows
	if e.set.Training != nil {
		var err error
		if rows, err = prepared(e.queries.device, e.set.Training, e.set.Dim, metricCosine); err != nil {
			return nil, err
		}
		defer rows.Close()
	}
	var err error
	r.columns, err = rows.Transpose(0, 1)
	return r, err
}
