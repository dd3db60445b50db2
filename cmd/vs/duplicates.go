package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search/database"
)

func duplicatesFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "duplicates", Value: string(data.KeepDuplicates),
		Usage: "`WHAT` becomes of pictures of equal content: keep, group (they stay on one side of each split) or drop (only the first is used)",
	}
}

// contentsOf returns for each picture the first of equal content, see [data.Contents].
func contentsOf(set *database.Embeddings) []int {
	if set.Hashes == nil {
		return data.Contents(make([][32]byte, len(set.Names)))
	}
	return data.Contents(set.Hashes)
}

// surplus is what --duplicates drop leaves out.
type surplus struct {
	pictures              []int // ascending
	copies, contradictory int
	remarks               []string
}

// newSurplus finds it among the pictures of some labels, which are called files[i].
func newSurplus(labels []string, counts, contents []int, files func(i int) string) (surplus, error) {
	copies, contradictory := data.Surplus(counts, contents)
	s := surplus{pictures: slices.Concat(copies, contradictory), copies: len(copies), contradictory: len(contradictory)}
	slices.Sort(s.pictures)
	left := slices.Clone(counts)
	c, next := 0, counts[0]
	for _, i := range s.pictures {
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
func (s *surplus) say(pictures []int, why string, name func(i int) string) {
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
	s.remarks = append(s.remarks, fmt.Sprintf("left out: pictures %s: %d: %s%s", why, len(pictures), strings.Join(names, ", "), more))
}

// dropDuplicates leaves the surplus out where the settings say so.
func (st settings) dropDuplicates(set *database.Embeddings) (*database.Embeddings, surplus, error) {
	if st.Split != "" || st.Duplicates != data.DropDuplicates {
		return set, surplus{}, nil
	}
	files := set.Files()
	s, err := newSurplus(set.Labels, set.Counts, contentsOf(set), func(i int) string { return files[i] })
	if err != nil || len(s.pictures) == 0 {
		return set, s, err
	}
	return set.Without(s.pictures), s, nil
}

// duplicates says what is to be known of equal pictures in an evaluation of the set, from which a surplus has been left out.
func (st settings) duplicates(set *database.Embeddings, splits []data.Split, left surplus) (report.Duplicates, error) {
	d := report.Duplicates{Policy: string(st.policy()), LeftOut: left.copies, Contradictory: left.contradictory}
	files, contents := set.Files(), contentsOf(set)
	for i, first := range contents {
		if i != first {
			if d.Copies == nil {
				d.Copies = map[string]string{}
			}
			d.Copies[files[i]] = files[first]
		}
	}
	var err error
	d.Crossing, err = st.crossing(splits, contents)
	return d, err
}

// policy is what becomes of duplicates. A split file says itself on which side each picture is.
func (st settings) policy() data.Duplicates {
	switch {
	case st.Split != "" && st.split.Duplicates != "":
		return st.split.Duplicates
	case st.Split != "" || st.Duplicates == "":
		return data.KeepDuplicates
	}
	return st.Duplicates
}

// crossing is how many pictures that a run evaluates have a content that the run trains on, the mean over the runs.
func (st settings) crossing(splits []data.Split, contents []int) (float64, error) {
	switch {
	case st.Part == "train" || st.leaveOneOut() && st.policy() == data.GroupDuplicates:
		return 0, nil
	case st.leaveOneOut():
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
		part, err := split.Part(st.Part)
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

// remarkOnDuplicates says what is worth to be known of equal pictures, once of each set of pictures.
func remarkOnDuplicates(c *cli.Context, d report.Duplicates, left surplus, said map[string]bool) {
	lines := left.remarks
	if within, across := d.Counts(); within+across > 0 {
		line := report.EqualContents(within, across)
		if d.Policy == string(data.KeepDuplicates) {
			line += "; vs db duplicates lists them"
			if d.Crossing > 0 {
				line += fmt.Sprintf("; in the mean of the runs %.4g pictures are evaluated whose content is trained on, which --duplicates group prevents", d.Crossing)
			}
		}
		lines = append(lines, line)
	}
	for _, line := range lines {
		if !said[line] {
			said[line] = true
			remark(c, "%s", line)
		}
	}
}
