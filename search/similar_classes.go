package search

import (
	"context"

	"vs/search/database"
	"vs/torch"
)

// SimilarClasses returns for each class the one whose mean is most similar to its own by the
// cosine, or nil where there is only one class.
func SimilarClasses(ctx context.Context, classes []database.Class) ([]*Hit, error) {
	similar := make([]*Hit, len(classes))
	if len(classes) < 2 {
		return similar, nil
	}
	var means []float32 // [C, D]
	for _, c := range classes {
		means = append(means, c.Mean...)
	}
	dim := len(classes[0].Mean)
	Normalize(means, dim)
	// The most similar class is the class itself, or one that is as similar and comes first.
	neighbours, err := Nearest(ctx, torch.CPU, means, means, dim, 2, 0)
	if err != nil {
		return nil, err
	}
	for i := range classes {
		nearest := neighbours[i][0]
		if nearest.Row == i {
			nearest = neighbours[i][1]
		}
		similar[i] = &Hit{Label: classes[nearest.Row].Label, Score: nearest.Score}
	}
	return similar, nil
}
