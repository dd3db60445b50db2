package data

import (
	"fmt"
	"slices"
)

// deal gives each content a place: a part of a split, or a fold.
type deal struct {
	units *units
	place []int   // of each content; −1 before it has one
	sizes [][]int // [C][places] how many pictures of a class a place should get
	have  [][]int // [C][places] how many it has
}

func newDeal(u *units, classes, places int) *deal {
	d := &deal{units: u, place: slices.Repeat([]int{-1}, len(u.content))}
	for range classes {
		d.sizes = append(d.sizes, make([]int, places))
		d.have = append(d.have, make([]int, places))
	}
	return d
}

// put places a content, or moves it.
func (d *deal) put(content, place int) {
	for _, i := range d.units.pictures[content] {
		have := d.have[d.units.class[i]]
		if from := d.place[content]; from >= 0 {
			have[from]--
		}
		have[place]++
	}
	d.place[content] = place
}

// roomiest returns the first place, beginning with one of them, in which all pictures of a content
// find room in their classes, or if there is none the one that would be exceeded least. A place of
// which a class has no share is chosen only if it is the first one, which for parts is training.
func (d *deal) roomiest(content, first int) int {
	best, most := 0, 0
	places := len(d.sizes[0])
	for k := range places {
		place := (first + k) % places
		room, possible := d.room(content, place)
		if !possible && k > 0 {
			continue
		}
		if room >= 0 {
			return place
		}
		if k == 0 || room > most {
			best, most = place, room
		}
	}
	return best
}

// room returns how many pictures more would fit into the place than the content has, in the class
// where that is least, and whether all its classes have a share of the place.
func (d *deal) room(content, place int) (least int, possible bool) {
	least, possible = len(d.units.content), true
	for class, own := range d.units.byClass(content) {
		least = min(least, d.sizes[class][place]-d.have[class][place]-len(own))
		possible = possible && d.sizes[class][place] > 0
	}
	return least, possible
}

// fill gives each class that should have something in a part, and has nothing, its smallest content
// that can be spared, of equal ones the last in the order. For training one can always be found.
func (d *deal) fill(part int, order []int) {
	for c := range d.have {
		if d.have[c][part] > 0 || d.sizes[c][part] == 0 {
			continue
		}
		best := -1
		for _, spare := range []bool{true, false} {
			for _, i := range order {
				content := d.units.content[i]
				if d.units.class[i] != c || spare && !d.canSpare(content) {
					continue
				}
				if _, possible := d.room(content, part); !possible {
					continue
				}
				if best < 0 || len(d.units.pictures[content]) <= len(d.units.pictures[best]) {
					best = content
				}
			}
			if best >= 0 || part > 0 {
				break
			}
		}
		if best >= 0 {
			d.put(best, part)
		}
	}
}

// canSpare reports whether all classes of a content would still have something where it is.
func (d *deal) canSpare(content int) bool {
	place := d.place[content]
	for class, own := range d.units.byClass(content) {
		if d.have[class][place] <= len(own) {
			return false
		}
	}
	return true
}

// checkFolds refuses folds that hold all pictures of a class, or none of any.
func (d *deal) checkFolds(counts []int, labels []string) error {
	for fold := range d.have[0] {
		total := 0
		for c, n := range counts {
			if d.have[c][fold] == n {
				return fmt.Errorf("split: fold %d has all pictures of class %q, since equal pictures stay together; give another seed or fewer folds", fold, labels[c])
			}
			total += d.have[c][fold]
		}
		if total == 0 {
			return fmt.Errorf("split: fold %d has no pictures, since equal pictures stay together; give another seed or fewer folds", fold)
		}
	}
	return nil
}
