package evaluation

import (
	"fmt"
	"slices"
	"strings"

	"vs/data"
	"vs/report"
	"vs/search/database"
)

// Surplus is what --duplicates drop leaves out.
type Surplus struct {
	Pictures []int    // ascending
	Remarks  []string // lines for people

	copies, contradictory int
}

// FindSurplus finds it among pictures, counts[c] of labels[c], whose equal contents are contents
// (see [data.Contents]) and whose names files returns.
func FindSurplus(labels []string, counts, contents []int, files func(i int) string) (Surplus, error) {
	copies, contradictory := data.Surplus(counts, contents)
	s := Surplus{Pictures: slices.Concat(copies, contradictory), copies: len(copies), contradictory: len(contradictory)}
	slices.Sort(s.Pictures)
	left := slices.Clone(counts)
	c, next := 0, counts[0]
	for _, i := range s.Pictures {
		for i >= next {
			c++
			next += counts[c]
		}
		left[c]--
	}
	if c := slices.Index(left, 0); c >= 0 {
		return s, fmt.Errorf("--duplicates drop: class %q has no pictures left, since all %d have a content that other classes have, too; "+
			"see vs db duplicates, and leave one of the classes out", labels[c], counts[c])
	}
	s.say(copies, "whose content an earlier one of the class has", func(i int) string { return files(i) + " (as " + files(contents[i]) + ")" })
	s.say(contradictory, "whose content stands in several classes, so that the labels contradict each other", files)
	return s, nil
}

// say adds a remark that names the first of some pictures.
func (s *Surplus) say(pictures []int, why string, name func(i int) string) {
	if len(pictures) == 0 {
		return
	}
	const shown = 10
	var names []string
	for _, i := range pictures[:min(len(pictures), shown)] {
		names = append(names, report.Printable(name(i)))
	}
	more := ""
	if n := len(pictures) - shown; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	s.Remarks = append(s.Remarks, fmt.Sprintf("left out: pictures %s: %d: %s%s", why, len(pictures), strings.Join(names, ", "), more))
}

// dropDuplicates leaves the surplus out where the settings say so.
func (s *Settings) dropDuplicates(set *database.Embeddings) (*database.Embeddings, Surplus, error) {
	if s.Split != "" || s.Duplicates != data.DropDuplicates {
		return set, Surplus{}, nil
	}
	files := set.Files()
	left, err := FindSurplus(set.Labels, set.Counts, set.Contents(), func(i int) string { return files[i] })
	if err != nil || len(left.Pictures) == 0 {
		return set, left, err
	}
	return set.Without(left.Pictures), left, nil
}

// duplicates says what readers should know of equal pictures in an evaluation of the set, from
// which a surplus has been left out.
func (s *Settings) duplicates(set *database.Embeddings, splits []data.Split, left Surplus) (report.Duplicates, error) {
	d := report.Duplicates{Policy: string(s.policy()), LeftOut: left.copies, Contradictory: left.contradictory}
	files, contents := set.Files(), set.Contents()
	for i, first := range contents {
		if i != first {
			if d.Copies == nil {
				d.Copies = map[string]string{}
			}
			d.Copies[files[i]] = files[first]
		}
	}
	var err error
	d.Crossing, err = s.Crossing(splits, contents)
	return d, err
}

// policy is what becomes of duplicates. A split file says itself on which side each picture is.
func (s *Settings) policy() data.Duplicates {
	switch {
	case s.Split != "" && s.split.Duplicates != "":
		return s.split.Duplicates
	case s.Split != "" || s.Duplicates == "":
		return data.KeepDuplicates
	}
	return s.Duplicates
}

// Crossing is how many pictures that a run evaluates have a content that the run trains on, the
// mean over the runs.
func (s *Settings) Crossing(splits []data.Split, contents []int) (float64, error) {
	switch {
	case s.Part == "train" || s.leaveOneOut() && s.policy() == data.GroupDuplicates:
		return 0, nil
	case s.leaveOneOut():
		times := make([]int, len(contents))
		for _, content := range contents {
			times[content]++
		}
		equal := 0
		for _, n := range times {
			if n > 1 {
				equal += n
			}
		}
		return float64(equal), nil
	}
	total := 0
	for _, split := range splits {
		part, err := split.Part(s.Part)
		if err != nil {
			return 0, err
		}
		trained := make([]bool, len(contents))
		for _, i := range split.Train {
			trained[contents[i]] = true
		}
		for _, i := range part {
			if trained[contents[i]] {
				total++
			}
		}
	}
	return float64(total) / float64(len(splits)), nil
}

// duplicateRemarks are the lines on equal pictures that a person should see.
func duplicateRemarks(d report.Duplicates, left Surplus) []string {
	lines := left.Remarks
	within, across := d.Counts()
	if within+across == 0 {
		return lines
	}
	line := report.EqualContents(within, across)
	if d.Policy == string(data.KeepDuplicates) {
		line += "; vs db duplicates lists them"
		if d.Crossing > 0 {
			line += fmt.Sprintf("; in the mean of the runs %.4g pictures are evaluated whose content is trained on, which --duplicates group prevents", d.Crossing)
		}
	}
	return append(lines, line)
}
