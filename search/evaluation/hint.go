package evaluation

import (
	"context"
	"slices"

	"vs/data"
	"vs/report"
	"vs/search"
	"vs/search/calibration"
	"vs/search/classifier"
	"vs/search/database"
)

// hint compares the linear discriminant with the class mean. It tries as many of the runs, or if
// one is too much as many training pictures of the first, as cost about as much as the evaluation,
// and a small cost in any case. The cost is counted in multiplications, not measured, so whether
// there is a hint depends on the data alone.
func (s *Source) hint(ctx context.Context, one *report.Evaluation, splits []data.Split, st *Settings) error {
	set := s.Embeddings
	if st.Sweep || !st.Method.IsDefault() || st.Part == "train" || len(set.Labels) < 2 {
		return nil
	}
	budget := max(leastBudget, float64(len(one.Runs))*float64(len(one.Runs[0].Files))*float64(len(set.Labels)*set.Dim))
	training := data.Indices(len(set.Names))
	if !st.leaveOneOut() {
		training = distinct(splits[0].Train)
	}
	trained := affordable(set, training, budget)
	if trained == nil {
		return nil
	}
	var predictions []map[string]int
	var err error
	if st.leaveOneOut() {
		predictions, err = s.tryLeavingOut(ctx, trained)
	} else {
		runs := 1
		if len(trained) == len(training) {
			runs = min(len(splits), max(1, int(budget/fitCost(len(trained), set.Dim, len(set.Labels)))))
		}
		predictions, err = s.tryRuns(ctx, splits[:runs], trained, st.Part)
	}
	if err == nil {
		one.Hint = one.HintAt("--classifier "+classifier.LDA, predictions, len(trained), len(training))
	}
	return err
}

var discriminant = search.Method{Classifier: classifier.Spec{Kind: classifier.LDA}}

// tryLeavingOut answers each of some pictures from the others.
func (s *Source) tryLeavingOut(ctx context.Context, pictures []int) ([]map[string]int, error) {
	set := s.Embeddings
	others := slices.DeleteFunc(data.Indices(len(set.Names)), func(i int) bool { _, in := slices.BinarySearch(pictures, i); return in })
	answers, err := search.LeaveOneOut(ctx, set.Without(others), s.Device, 1, discriminant)
	if err != nil {
		return nil, err
	}
	return []map[string]int{predictionsOf(set.Files(), pictures, answers)}, nil
}

// tryRuns answers the pictures of the part of each split, at most mostAsked, from its training
// part, in the first from some of that.
func (s *Source) tryRuns(ctx context.Context, splits []data.Split, trained []int, part string) ([]map[string]int, error) {
	tried := make([]data.Split, len(splits))
	for r, split := range splits {
		asked, err := split.Part(part)
		if err != nil {
			return nil, err
		}
		tried[r] = data.Split{Train: split.Train, Valid: calibration.EvenlySpaced(asked, mostAsked)}
	}
	if len(splits) == 1 {
		tried[0].Train = trained
	}
	answers, err := search.Evaluate(ctx, s.Embeddings, s.Device, tried, "valid", 1, discriminant)
	if err != nil {
		return nil, err
	}
	files, predictions := s.Embeddings.Files(), make([]map[string]int, len(tried))
	for r := range tried {
		predictions[r] = predictionsOf(files, tried[r].Valid, answers[r])
	}
	return predictions, nil
}

// predictionsOf returns the predictions by the files, [N], of some pictures.
func predictionsOf(files []string, pictures []int, answers search.Answers) map[string]int {
	predictions := make(map[string]int)
	for i, picture := range pictures {
		predictions[files[picture]] = answers.Classes[i][0]
	}
	return predictions
}

// What a hint may cost, in multiplications, however little the evaluation did: a quarter of a
// second of one core. And how many pictures it asks about.
const (
	leastBudget = 2e9
	mostAsked   = 1000
)

// affordable returns as many training pictures as a budget allows to fit the discriminant to: the
// same share of each class, but at least two pictures if it has them. It returns nil where even
// that is too much.
func affordable(set *database.Embeddings, training []int, budget float64) []int {
	byClass := make([][]int, len(set.Labels))
	class := set.Classes()
	for _, i := range training {
		byClass[class[i]] = append(byClass[class[i]], i)
	}
	take := func(share float64) (rows []int) {
		for _, pictures := range byClass {
			rows = append(rows, calibration.EvenlySpaced(pictures, max(2, int(share*float64(len(pictures)))))...)
		}
		return rows
	}
	for _, share := range []float64{1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02, 0.01, 0} {
		if rows := take(share); fitCost(len(rows), set.Dim, len(set.Labels)) <= budget {
			return rows
		}
	}
	return nil
}

// fitCost is about how many multiplications it takes to fit the discriminant and to choose its
// parameters: products and eigenvectors under two powers, then the scores of the examples that are
// left out for each shrinkage.
func fitCost(pictures, dim, classes int) float64 {
	n, d, c := float64(pictures), float64(dim), float64(classes)
	rank := min(n, d)
	return 2 * (n*d*rank + 5*rank*rank*rank + 13*min(n, 4096)*c*rank)
}

// distinct returns the pictures that a list names, ascending, each once.
func distinct(list []int) []int { return slices.Compact(slices.Sorted(slices.Values(list))) }
