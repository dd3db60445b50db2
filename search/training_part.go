package search

import (
	"context"

	"vs/data"
	"vs/search/calibration"
	"vs/search/database"
	"vs/torch"
)

// trainingPart is what the vectors of the classes are made of. Its members are numbered class by
// class; a picture that counts twice is two of them.
type trainingPart struct {
	method Method
	labels []string
	dim    int
	device torch.Device
	class  []int                      // [M] of each member
	first  []int                      // [C] the first member of each class
	rows   [][][]float32              // [C] the training vectors of each class
	query  func(member int) []float32 // what is asked about it

	// equal lists the members, ascending, that are left out together with one, itself among them.
	equal func(member int) []int
}

// newTrainingPart numbers some pictures, which are in ascending order. Those of one content are
// left out together.
func newTrainingPart(set *database.Embeddings, class, pictures, contents []int, device torch.Device, m Method) *trainingPart {
	t := &trainingPart{method: m, labels: set.Labels, dim: set.Dim, device: device, rows: byClass(set, pictures, class)}
	equal := make(map[int][]int)
	for member, picture := range pictures {
		t.class = append(t.class, class[picture])
		equal[contents[picture]] = append(equal[contents[picture]], member)
	}
	t.first = firsts(t.rows)
	t.query = func(member int) []float32 {
		return set.Vectors[pictures[member]*set.Dim : (pictures[member]+1)*set.Dim]
	}
	t.equal = func(member int) []int { return equal[contents[pictures[member]]] }
	return t
}

// vectors makes what represents the classes.
func (t *trainingPart) vectors(ctx context.Context) (*classVectors, error) {
	vectors := make([][][]float32, len(t.rows))
	for c, rows := range t.rows {
		var err error
		if vectors[c], err = t.method.represent(ctx, rows, t.labels[c]); err != nil {
			return nil, err
		}
	}
	return newClassVectors(t.device, vectors, t.dim, t.method.metric())
}

// firsts returns the number of the first row of each class.
func firsts(rows [][][]float32) []int {
	first := make([]int, len(rows))
	for c := 1; c < len(first); c++ {
		first[c] = first[c-1] + len(rows[c-1])
	}
	return first
}

// calibrate leaves training pictures out of the vectors of their classes, which are those of r.
func (t *trainingPart) calibrate(ctx context.Context, r *classVectors) (*calibrated, error) {
	scores := &leftOutScores{method: t.method}
	var err error
	switch {
	case t.method.Prototypes > 0:
		err = t.leaveFoldsOut(ctx, scores)
	case t.method.Neighbours > 0:
		err = t.leaveVotesOut(ctx, r, scores)
	default:
		err = t.leaveMembersOut(ctx, r, scores)
	}
	return scores.calibrate(), err
}

// leaveMembersOut leaves members out one at a time.
func (t *trainingPart) leaveMembersOut(ctx context.Context, r *classVectors, out *leftOutScores) error {
	held := t.replaceable(calibratedOf(len(t.labels)))
	if len(held) == 0 {
		return nil
	}
	q, err := t.ask(held)
	if err != nil {
		return err
	}
	defer q.Close()
	l := newLeaver(t.method, t.labels, t.class, t.rows, t.first)
	scores := make([]float32, len(t.labels))
	last := -1
	return r.compare(ctx, q, data.Indices(len(held)), func(i int, similarities []float32) error {
		if c := t.class[held[i]]; c != last {
			l.forget() // what another class has in common
			last = c
		}
		if err := l.scores(ctx, r, t.query(held[i]), t.equal(held[i]), similarities, scores); err != nil {
			return err
		}
		out.add(t.class[held[i]], scores)
		return nil
	})
}

// replaceable lists members at most, whose class has another of other content.
func (t *trainingPart) replaceable(most int) (held []int) {
	for member, c := range t.class {
		if own := t.ownEqual(member); own[0] == member && len(own) < len(t.rows[c]) {
			held = append(held, member)
		}
	}
	return calibration.EvenlySpaced(held, most)
}

// mostVoters bounds the pictures that all votes together look at.
const mostVoters = 1 << 25

// leaveVotesOut takes members out of the vote about them, one at a time.
func (t *trainingPart) leaveVotesOut(ctx context.Context, r *classVectors, out *leftOutScores) error {
	held := t.replaceable(min(calibratedOf(len(t.labels)), max(leastBallots, mostVoters/len(t.class))))
	if len(held) == 0 {
		return nil
	}
	q, err := t.ask(held)
	if err != nil {
		return err
	}
	defer q.Close()
	v := newVotes(t.method.Neighbours, 1, len(t.labels), t.class)
	scores := make([]float32, len(t.labels))
	return r.compare(ctx, q, data.Indices(len(held)), func(i int, similarities []float32) error {
		leaveOut(similarities, t.equal(held[i]))
		v.compare(similarities)
		v.count(nil, scores)
		out.add(t.class[held[i]], scores)
		return nil
	})
}

// ownEqual lists the members of a member's class that are left out with it.
func (t *trainingPart) ownEqual(member int) (own []int) {
	for _, i := range t.equal(member) {
		if t.class[i] == t.class[member] {
			own = append(own, i)
		}
	}
	return own
}

// prototypeFolds is how many folds the k-means of prototypes is run for, since running it for each
// picture takes too long.
const prototypeFolds = 3

// leaveFoldsOut leaves a part of each class out at a time. Classes that would have too few pictures
// left stay whole, and none of theirs are left out.
func (t *trainingPart) leaveFoldsOut(ctx context.Context, out *leftOutScores) error {
	fold := t.folds()
	for f := range prototypeFolds {
		vectors := make([][][]float32, len(t.rows))
		var held []int
		for c, rows := range t.rows {
			var rest [][]float32
			var left []int
			for i, row := range rows {
				if fold[t.first[c]+i] != f {
					rest = append(rest, row)
				} else {
					left = append(left, t.first[c]+i)
				}
			}
			if len(rest) >= t.method.Prototypes {
				held = append(held, left...)
			} else {
				rest = rows
			}
			var err error
			if vectors[c], err = t.method.represent(ctx, rest, t.labels[c]); err != nil {
				return err
			}
		}
		if held = calibration.EvenlySpaced(held, calibratedOf(len(t.labels))/prototypeFolds); len(held) == 0 {
			continue
		}
		if err := t.compareFold(ctx, vectors, held, out); err != nil {
			return err
		}
	}
	return nil
}

// folds deals the members of each class in turn, [M]; equal ones stay together.
func (t *trainingPart) folds() []int {
	fold := make([]int, len(t.class))
	dealt := make([]int, len(t.labels))
	for member, c := range t.class {
		if first := t.equal(member)[0]; first < member {
			fold[member] = fold[first]
			continue
		}
		fold[member] = dealt[c] % prototypeFolds
		dealt[c]++
	}
	return fold
}

func (t *trainingPart) compareFold(ctx context.Context, vectors [][][]float32, held []int, out *leftOutScores) error {
	r, err := newClassVectors(t.device, vectors, t.dim, t.method.metric())
	if err != nil {
		return err
	}
	defer r.Close()
	q, err := t.ask(held)
	if err != nil {
		return err
	}
	defer q.Close()
	scores := make([]float32, len(t.labels))
	return r.compare(ctx, q, data.Indices(len(held)), func(i int, similarities []float32) error {
		r.classScores(similarities, scores)
		out.add(t.class[held[i]], scores)
		return nil
	})
}

// ask makes queries of some members.
func (t *trainingPart) ask(members []int) (*queries, error) {
	vectors := make([]float32, 0, len(members)*t.dim)
	for _, member := range members {
		vectors = append(vectors, t.query(member)...)
	}
	return newQueries(t.device, vectors, t.dim, t.method.metric())
}
