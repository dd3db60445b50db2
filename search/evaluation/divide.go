package evaluation

import (
	"context"
	"fmt"
	"slices"

	"vs/data"
	"vs/data/text"
	"vs/report"
	"vs/search/database"
	"vs/torch"
)

// divide leaves out what the settings leave out, makes the splits, and returns lines for people.
func (s *Source) divide(ctx context.Context, st *Settings) ([]data.Split, []string, error) {
	set, left, err := st.dropDuplicates(s.Embeddings)
	if err != nil {
		return nil, nil, fmt.Errorf("evaluate %s: %w", s.File, err)
	}
	set, splits, unnamed, err := st.divide(ctx, set)
	if err != nil {
		return nil, nil, err
	}
	var remarks []string
	if unnamed > 0 {
		remarks = append(remarks, fmt.Sprintf("left out: %s that %s does not name", text.Count(unnamed, "picture"), st.Split))
	}
	s.Embeddings = set
	if s.Duplicates, err = st.duplicates(set, splits, left); err != nil {
		return nil, nil, err
	}
	return splits, append(remarks, duplicateRemarks(s.Duplicates, left)...), nil
}

// divide makes the splits of the protocol; leave-one-out has none. The embeddings are those given,
// or of the pictures that a split file names, where unnamed counts the others.
func (s *Settings) divide(ctx context.Context, set *database.Embeddings) (named *database.Embeddings, splits []data.Split, unnamed int, err error) {
	if s.Split != "" {
		named, split, unnamed, err := set.Partition(s.split)
		if err != nil {
			return nil, nil, 0, fmt.Errorf("%s: %w", s.Split, err)
		}
		return named, []data.Split{split}, unnamed, nil
	}
	if s.leaveOneOut() {
		return set, nil, 0, nil
	}
	generator, err := torch.NewGenerator(s.Seed)
	if err != nil {
		return nil, nil, 0, err
	}
	defer generator.Close()
	var contents []int
	if s.policy() == data.GroupDuplicates {
		contents = set.Contents()
	}
	if s.Protocol == report.Holdout {
		if err = s.Shares().CheckPart(s.Part, set.Counts, set.Labels); err != nil {
			return nil, nil, 0, err
		}
	}
	splits, err = s.deal(set.Counts, set.Labels, contents, untilDone{ctx, generator})
	return set, splits, 0, err
}

// untilDone draws until a context ends: thousands of runs of many pictures take their time.
type untilDone struct {
	ctx context.Context
	data.Generator
}

func (g untilDone) Random() (int64, error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	return g.Generator.Random()
}

func (g untilDone) RandPerm(n int) ([]int64, error) {
	if err := g.ctx.Err(); err != nil {
		return nil, err
	}
	return g.Generator.RandPerm(n)
}

// deal makes the splits of pictures, those of equal content together where contents are given.
func (s *Settings) deal(counts []int, labels []string, contents []int, g data.Generator) ([]data.Split, error) {
	grouped := contents != nil
	switch {
	case s.Protocol == report.KFold && grouped:
		return data.GroupedKFold(counts, labels, contents, s.Folds, g)
	case s.Protocol == report.KFold:
		return data.KFold(counts, labels, s.Folds, g)
	case s.Protocol == report.Bootstrap && grouped:
		return data.GroupedBootstrap(counts, labels, contents, s.Runs, g)
	case s.Protocol == report.Bootstrap:
		return data.Bootstrap(counts, labels, s.Runs, g)
	case grouped:
		return data.GroupedSplits(counts, labels, contents, s.Runs, s.Shares(), g)
	}
	return data.Splits(counts, labels, s.Runs, s.Shares(), g)
}

// trainingCounts is how many pictures each class has to represent it, in the run that has the
// fewest.
func (s *Settings) trainingCounts(set *database.Embeddings, splits []data.Split) []int {
	least := slices.Clone(set.Counts)
	classes := set.Classes()
	if len(splits) == 0 { // leave-one-out, or all that are equal to it
		contents := data.Indices(len(classes))
		if s.policy() == data.GroupDuplicates {
			contents = set.Contents()
		}
		type equal struct{ class, content int }
		times := map[equal]int{}
		for i, content := range contents {
			times[equal{classes[i], content}]++
		}
		for e, n := range times {
			least[e.class] = min(least[e.class], set.Counts[e.class]-n)
		}
	}
	for _, split := range splits {
		counts := make([]int, len(least))
		drawn := make([]bool, len(classes)) // a bootstrap draws a picture more than once
		for _, i := range split.Train {
			if !drawn[i] {
				drawn[i] = true
				counts[classes[i]]++
			}
		}
		for c, n := range counts {
			least[c] = min(least[c], n)
		}
	}
	return least
}

// FirstSplit deals pictures, counts[c] of labels[c], whose equal contents are contents (see
// [data.Contents]), as the first run of an evaluation does.
func (s *Settings) FirstSplit(counts []int, labels []string, contents []int) (data.Split, error) {
	// Found here rather than when the split is used.
	for i, share := range []float64{s.ValidShare, s.TestShare} {
		if share > 0 {
			if err := s.Shares().CheckPart(data.Parts[1+i], counts, labels); err != nil {
				return data.Split{}, err
			}
		}
	}
	generator, err := torch.NewGenerator(s.Seed)
	if err != nil {
		return data.Split{}, err
	}
	defer generator.Close()
	if s.Duplicates != data.GroupDuplicates {
		contents = nil
	}
	splits, err := s.deal(counts, labels, contents, generator)
	if err != nil {
		return data.Split{}, err
	}
	return splits[0], nil
}
