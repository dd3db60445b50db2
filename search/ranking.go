package search

// ranking brings numbers into the order of their similarities, the largest first and of equal ones the lower number, as far as it is asked for.
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
