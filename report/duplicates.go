package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Duplicates says which pictures of an evaluation have equal content, and what became of them.
type Duplicates struct {
	Policy string // "keep", "group" (on one side of each split) or "drop"; "" for keep

	// Copies names the first picture with the same content of every picture that is not the first
	// itself, both as "label/name". It tells what different pictures are: a copy adds nothing to
	// what an interval may rest on.
	Copies map[string]string

	// LeftOut is how many pictures were dropped because an earlier one of their class has their
	// content, Contradictory how many because pictures of several classes have it.
	LeftOut, Contradictory int

	// Crossing is how many of the pictures evaluated in a run have a content that is trained on in
	// the same run, the mean over the runs. It is 0 for the part "train".
	Crossing float64
}

// content is the first picture with the file's content.
func (d *Duplicates) content(file string) string {
	if first, known := d.Copies[file]; known {
		return first
	}
	return file
}

// Counts says how many pictures have a content that another picture of their class has, and how
// many one that a picture of another class has.
func (d *Duplicates) Counts() (within, across int) {
	equal := map[string]map[string]int{} // pictures by content, then by label
	add := func(content, file string) {
		if equal[content] == nil {
			equal[content] = map[string]int{}
		}
		label, _, _ := strings.Cut(file, "/")
		equal[content][label]++
	}
	for file, first := range d.Copies {
		if equal[first] == nil {
			add(first, first)
		}
		add(first, file)
	}
	for _, labels := range equal {
		for _, n := range labels {
			if n > 1 {
				within += n
			}
			if len(labels) > 1 {
				across += n
			}
		}
	}
	return within, across
}

// DuplicatesText says in a few sentences what readers should know of pictures of equal content; ""
// where there is nothing.
func (e *Evaluation) DuplicatesText() string {
	d := &e.Duplicates
	within, across := d.Counts()
	var text []string
	if within+across > 0 {
		text = append(text, EqualContents(within, across)+".")
	}
	if d.LeftOut+d.Contradictory > 0 {
		text = append(text, fmt.Sprintf("Left out: %s whose content an earlier one of the class has, %d whose content stands in several classes.",
			count(d.LeftOut, "picture", "pictures"), d.Contradictory))
	}
	switch {
	case d.Policy == "group" && within+across > 0:
		text = append(text, "Equal pictures stay on one side of each split.")
	case d.Crossing > 0:
		evaluated := 0
		for _, run := range e.Runs {
			evaluated += len(run.Targets)
		}
		text = append(text, fmt.Sprintf("Of %s evaluated per run, %s have a content that is trained on as well: accuracy looks better than it is.",
			short(float64(evaluated)/float64(len(e.Runs))), short(d.Crossing)))
	}
	return strings.Join(text, " ")
}

// short writes a number of pictures per run.
func short(x float64) string { return strings.TrimSuffix(fixed(x, 1), ".0") }

// EqualContents says how many pictures have equal content.
func EqualContents(within, across int) string {
	return fmt.Sprintf("Equal content: %s equal another of their class, %d one of another class",
		count(within, "picture", "pictures"), across)
}

// checkCopies refuses copies that do not name the first picture of each content.
func (d *Duplicates) checkCopies() error {
	for _, file := range slices.Sorted(maps.Keys(d.Copies)) {
		first := d.Copies[file]
		if _, copied := d.Copies[first]; copied || first == file {
			return fmt.Errorf("%s is said to be a copy of %s, which is not the first of its content", file, first)
		}
	}
	return nil
}

// differentPictures counts the contents evaluated in all runs together.
func (e *Evaluation) differentPictures() int {
	seen := map[string]bool{}
	for _, run := range e.Runs {
		for _, file := range run.Files {
			seen[e.Duplicates.content(file)] = true
		}
	}
	return len(seen)
}
