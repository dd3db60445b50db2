package data

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// GroupedSplits deals pictures as [Splits] does, but those of equal content, see [Contents], all to
// the same part, whatever their classes. It draws the same numbers, so that without equal pictures
// the splits are the same.
//
// The turn of a content comes with its first picture, in the order of the permutations, so that
// large ones are as likely to be evaluated as others. It goes to the first of train, valid and test
// in which all its pictures still find room in their classes; where there is none, to the part that
// is exceeded least. Then a class that has nothing in a part of which it has a share gets there its
// smallest content that can be spared. So every class has something for training in every run, and
// the sizes of parts are those of Splits as far as the contents allow.
func GroupedSplits(counts []int, labels []string, contents []int, runs int, s Shares, g Generator) ([]Split, error) {
	if err := checkRuns(runs); err != nil {
		return nil, err
	}
	if err := s.check(counts, labels); err != nil {
		return nil, err
	}
	u, err := dividedUnits(counts, labels, contents)
	if err != nil {
		return nil, err
	}
	if _, err := g.Random(); err != nil {
		return nil, fmt.Errorf("split: draw a number: %w", err)
	}
	splits := make([]Split, runs)
	for run := range splits {
		order, err := permuteClasses(counts, labels, g)
		if err != nil {
			return nil, fmt.Errorf("split: run %d, %w", run, err)
		}
		d := newDeal(u, len(counts), len(Parts))
		for c, n := range counts {
			sizes := s.sizes(n)
			copy(d.sizes[c], sizes[:])
		}
		for _, i := range order {
			if u.content[i] == i {
				d.put(i, d.roomiest(i, 0))
			}
		}
		for part := range Parts {
			d.fill(part, order)
		}
		for _, i := range order {
			part := []*[]int{&splits[run].Train, &splits[run].Valid, &splits[run].Test}[d.place[u.content[i]]]
			*part = append(*part, i)
		}
	}
	return splits, nil
}

// GroupedKFold deals pictures as [KFold] does, but those of equal content, see [Contents], all to
// the same fold, whatever their classes. It draws the same numbers, so that without equal pictures
// the folds are the same. A content whose turn it is goes to the next fold in which all its
// pictures still find room, or where there is none to the fold that is exceeded least.
func GroupedKFold(counts []int, labels []string, contents []int, folds int, g Generator) ([]Split, error) {
	if err := checkCounts(counts, labels); err != nil {
		return nil, err
	}
	u, err := dividedUnits(counts, labels, contents)
	if err != nil {
		return nil, err
	}
	switch largest := slices.Max(u.perClass(len(counts))); {
	case folds < 2:
		return nil, fmt.Errorf("split: %d folds: give at least 2", folds)
	case folds > largest:
		return nil, fmt.Errorf("split: %d folds are more than the %d different pictures of the largest class; give fewer folds", folds, largest)
	}
	if _, err := g.Random(); err != nil {
		return nil, fmt.Errorf("split: draw a number: %w", err)
	}
	order, err := permuteClasses(counts, labels, g)
	if err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	d := newDeal(u, len(counts), folds)
	for j, i := range order {
		d.sizes[u.class[i]][j%folds]++
	}
	next := 0 // fold whose turn it is
	for j, i := range order {
		if j == 0 || u.class[i] != u.class[order[j-1]] {
			next = j
		}
		if u.content[i] == i {
			d.put(i, d.roomiest(i, next%folds))
			next++
		}
	}
	if err := d.checkFolds(counts, labels); err != nil {
		return nil, err
	}
	splits := make([]Split, folds)
	for _, i := range order {
		for fold := range splits {
			part := &splits[fold].Train
			if fold == d.place[u.content[i]] {
				part = &splits[fold].Valid
			}
			*part = append(*part, i)
		}
	}
	return splits, nil
}

// GroupedBootstrap draws as [Bootstrap] does, but contents instead of pictures, see [Contents]: of
// a class with k different contents k times one of them, which brings all its pictures in the
// class. For validation are the pictures whose content no class has drawn. Without equal pictures
// the runs are the same as those of Bootstrap.
func GroupedBootstrap(counts []int, labels []string, contents []int, runs int, g Generator) ([]Split, error) {
	if err := cmp.Or(checkRuns(runs), checkCounts(counts, labels), checkNotEmpty(counts, labels)); err != nil {
		return nil, err
	}
	if err := checkContents(counts, contents); err != nil {
		return nil, err
	}
	u := newUnits(counts, contents)
	different := u.perClass(len(counts))
	if slices.Max(different) < 2 {
		return nil, errors.New("split: no class has 2 different pictures, so that none is ever left for validation; add pictures")
	}
	var members [][]int // the pictures of each content that a class has, class by class
	for content := range contents {
		for _, own := range u.byClass(content) {
			members = append(members, own)
		}
	}
	slices.SortFunc(members, func(a, b []int) int { return a[0] - b[0] })
	return bootstrap(different, labels, runs, g, func(drawn Split) Split {
		inBag := make([]bool, len(contents))
		var split Split
		for _, n := range drawn.Train {
			split.Train = append(split.Train, members[n]...)
			inBag[contents[members[n][0]]] = true
		}
		for _, n := range drawn.Valid {
			if !inBag[contents[members[n][0]]] {
				split.Valid = append(split.Valid, members[n]...)
			}
		}
		slices.Sort(split.Valid)
		return split
	})
}

// dividedUnits refuses classes that cannot be divided.
func dividedUnits(counts []int, labels []string, contents []int) (*units, error) {
	if err := checkContents(counts, contents); err != nil {
		return nil, err
	}
	u := newUnits(counts, contents)
	for c, n := range u.perClass(len(counts)) {
		if n < 2 {
			return nil, fmt.Errorf("split: the %d pictures of class %q have one content, so that none is left for training where one is evaluated: "+
				"add other pictures, or leave the class out", counts[c], labels[c])
		}
	}
	return u, nil
}

func checkContents(counts, contents []int) error {
	n := 0
	for _, count := range counts {
		n += count
	}
	if len(contents) != n {
		return fmt.Errorf("split: %d contents for %d pictures; give one per picture", len(contents), n)
	}
	for i, content := range contents {
		if content < 0 || content > i || contents[content] != content {
			return errors.New("split: contents do not name the first picture of each")
		}
	}
	return nil
}

// permuteClasses draws a permutation of each class's pictures, and puts them one after another.
func permuteClasses(counts []int, labels []string, g Generator) ([]int, error) {
	var order []int
	offset := 0
	for c, n := range counts {
		perm, err := permute(g, n)
		if err != nil {
			return nil, fmt.Errorf("class %q: %w", labels[c], err)
		}
		for _, i := range perm {
			order = append(order, offset+i)
		}
		offset += n
	}
	return order, nil
}
