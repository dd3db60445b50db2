package search

import (
	"cmp"
	"slices"
)

// compareNeighbours orders by similarity, the largest first, then by row.
func compareNeighbours(a, b Neighbour) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Row, b.Row))
}

// heap keeps the best neighbours, up to its capacity, with the worst of them in front.
type heap struct {
	best []Neighbour
}

// offer takes in the rows from, from+1, … with their similarities.
func (h *heap) offer(scores []float32, from int) {
	i := 0
	for ; i < len(scores) && len(h.best) < cap(h.best); i++ {
		h.best = append(h.best, Neighbour{from + i, scores[i]})
		if len(h.best) == cap(h.best) {
			// Worst first is a heap already.
			slices.SortFunc(h.best, func(a, b Neighbour) int { return compareNeighbours(b, a) })
		}
	}
	if i == len(scores) {
		return
	}
	worst := h.best[0].Score
	for ; i < len(scores); i++ {
		// Rows come in ascending order, so that an equal one is never better.
		if scores[i] > worst {
			h.replaceWorst(Neighbour{from + i, scores[i]})
			worst = h.best[0].Score
		}
	}
}

// replaceWorst puts a neighbour in the place of the worst one and sinks it.
func (h *heap) replaceWorst(n Neighbour) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h.best) {
			break
		}
		if child+1 < len(h.best) && compareNeighbours(h.best[child+1], h.best[child]) > 0 {
			child++
		}
		if compareNeighbours(h.best[child], n) <= 0 {
			break
		}
		h.best[i] = h.best[child]
		i = child
	}
	h.best[i] = n
}

// ranking brings numbers into the order of their similarities, the largest first and of equal ones
// the lower number, as far as it is asked for.
type ranking struct {
	similarities []float32
	sorted       []int32 // the first of the order
	rest         []int32 // the others, a heap with the next of the order in front
}

// reset begins with other similarities, which must not change while the order is in use.
func (r *ranking) reset(similarities []float32) {
	r.similarities, r.sorted, r.rest = similarities, r.sorted[:0], r.rest[:0]
	for i := range similarities {
		r.rest = append(r.rest, int32(i))
	}
	for i := len(r.rest)/2 - 1; i >= 0; i-- {
		r.sink(i)
	}
}

// at returns the number in a place of the order.
func (r *ranking) at(place int) int {
	for place >= len(r.sorted) {
		last := len(r.rest) - 1
		r.sorted = append(r.sorted, r.rest[0])
		r.rest[0] = r.rest[last]
		r.rest = r.rest[:last]
		r.sink(0)
	}
	return int(r.sorted[place])
}

func (r *ranking) before(a, b int32) bool {
	x, y := r.similarities[a], r.similarities[b]
	return x > y || x == y && a < b
}

// sink moves the number in a place of the heap to where it belongs.
func (r *ranking) sink(i int) {
	if i >= len(r.rest) {
		return
	}
	moved := r.rest[i]
	for {
		child := 2*i + 1
		if child >= len(r.rest) {
			break
		}
		if child+1 < len(r.rest) && r.before(r.rest[child+1], r.rest[child]) {
			child++
		}
		if !r.before(r.rest[child], moved) {
			break
		}
		r.rest[i] = r.rest[child]
		i = child
	}
	r.rest[i] = moved
}
