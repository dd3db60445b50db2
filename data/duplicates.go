package data

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Duplicates says what becomes of pictures of equal content when pictures are divided.
type Duplicates string

// What may become of them.
const (
	KeepDuplicates  Duplicates = "keep"  // each is a picture like others, so that one may be evaluated and its copy trained on
	GroupDuplicates Duplicates = "group" // they stay on one side of each split
	DropDuplicates  Duplicates = "drop"  // only the first is used, and none where labels contradict each other; see [Surplus]
)

// DuplicatesPolicies are all of them.
var DuplicatesPolicies = []Duplicates{KeepDuplicates, GroupDuplicates, DropDuplicates}

// Validate reports whether d is one of them; "" is to keep.
func (d Duplicates) Validate() error {
	if d == "" || slices.Contains(DuplicatesPolicies, d) {
		return nil
	}
	var names []string
	for _, policy := range DuplicatesPolicies {
		names = append(names, string(policy))
	}
	return fmt.Errorf("duplicates %q: choose %s", d, strings.Join(names, ", "))
}

// Contents returns for each picture the number of the first that has its content, [N]. Hashes, [N],
// are of the contents; pictures whose hash is zero are of unknown content, equal to no other.
func Contents(hashes [][32]byte) []int {
	first := make(map[[32]byte]int, len(hashes))
	contents := make([]int, len(hashes))
	for i, hash := range hashes {
		at, known := first[hash]
		if !known || hash == [32]byte{} {
			first[hash], at = i, i
		}
		contents[i] = at
	}
	return contents
}

// DuplicateCount counts pictures whose content other pictures have, too.
type DuplicateCount struct {
	Within int // those whose content another picture of their class has
	Across int // those whose content a picture of another class has, so that at least one of the two labels is wrong
}

// CountDuplicates counts among pictures of counts[c] for each class c, which have these contents,
// see [Contents].
func CountDuplicates(counts, contents []int) DuplicateCount {
	var found DuplicateCount
	u := newUnits(counts, contents)
	for content, pictures := range u.pictures {
		for _, own := range u.byClass(content) {
			if len(own) > 1 {
				found.Within += len(own)
			}
			if len(own) < len(pictures) {
				found.Across += len(own)
			}
		}
	}
	return found
}

// Surplus returns the pictures to leave out so that every content is used once. Copies, ascending,
// are those whose content an earlier picture of their class has. Contradictory, ascending, are all
// pictures whose content stands in several classes: which of the labels is right cannot be known,
// and the first would be chosen by its spelling alone.
func Surplus(counts, contents []int) (copies, contradictory []int) {
	u := newUnits(counts, contents)
	for i, content := range contents {
		pictures := u.pictures[content]
		switch {
		case u.class[pictures[0]] != u.class[pictures[len(pictures)-1]]:
			contradictory = append(contradictory, i)
		case content != i:
			copies = append(copies, i)
		}
	}
	return copies, contradictory
}

// units are pictures that stay together because they have the same content.
type units struct {
	class    []int   // [N] of each picture, ascending
	content  []int   // [N]
	pictures [][]int // of the content whose first picture this is, ascending; nil for other pictures
}

func newUnits(counts, contents []int) *units {
	u := &units{content: contents, pictures: make([][]int, len(contents))}
	for c, n := range counts {
		u.class = append(u.class, slices.Repeat([]int{c}, n)...)
	}
	for i, content := range contents {
		u.pictures[content] = append(u.pictures[content], i)
	}
	return u
}

// byClass goes through the classes that have a content, with the pictures that have it there.
func (u *units) byClass(content int) iter.Seq2[int, []int] {
	return func(yield func(int, []int) bool) {
		for rest := u.pictures[content]; len(rest) > 0; {
			n := 1
			for n < len(rest) && u.class[rest[n]] == u.class[rest[0]] {
				n++
			}
			if !yield(u.class[rest[0]], rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// perClass counts the different contents of each class.
func (u *units) perClass(classes int) []int {
	different := make([]int, classes)
	for content := range u.pictures {
		for class := range u.byClass(content) {
			different[class]++
		}
	}
	return different
}
