package page

import (
	"cmp"
	"slices"
)

// Files lists the pictures that the page shows, those first that are looked at first: what any
// model has wrong and what is equal or alike, then the other pictures evaluated, then those that
// are only on a map; within these one of each class in turn.
func (p *Page) Files() ([]string, error) {
	pictures, err := listPictures(p.Models)
	if err != nil {
		return nil, err
	}
	alike, err := pictures.pairs(p.Pairs)
	if err != nil {
		return nil, err
	}
	rank := make([]int, len(pictures.files)) // 0 wrong or alike, 1 evaluated, 2 neither
	for i := range rank {
		rank[i] = 2
	}
	for _, m := range p.Models {
		for _, run := range m.Evaluation.Runs {
			for i, file := range run.Files {
				at := pictures.index[file]
				if run.Predictions[i] != run.Targets[i] {
					rank[at] = 0
				}
				rank[at] = min(rank[at], 1)
			}
		}
	}
	for _, pair := range alike.List {
		rank[int(pair[0])], rank[int(pair[1])] = 0, 0
	}
	turn := make([]int, len(pictures.files)) // place among those of its class and rank
	places := map[[2]int]int{}
	order := make([]int, len(pictures.files))
	for i := range order {
		order[i] = i
		key := [2]int{pictures.targets[i], rank[i]}
		turn[i] = places[key]
		places[key]++
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(turn[a], turn[b]), cmp.Compare(a, b))
	})
	files := make([]string, len(order))
	for k, i := range order {
		files[k] = pictures.files[i]
	}
	return files, nil
}
