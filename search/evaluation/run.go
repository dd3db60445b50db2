package evaluation

import (
	"context"
	"fmt"
	"path/filepath"

	"vs/data"
	"vs/report"
	"vs/search"
)

// Outcome is an evaluation with all that it came from.
type Outcome struct {
	Settings    Settings
	Inputs      Inputs
	Sources     []Source
	Evaluations []*report.Evaluation // one per source; of a sweep one per source and method, source after source
}

// Run reads the databases, or embeds the pictures, and evaluates them.
func Run(ctx context.Context, in Inputs, st Settings, env Environment) (*Outcome, error) {
	sources, err := env.readSources(ctx, in, &st)
	if err != nil {
		return nil, err
	}
	nameSources(sources)
	o := &Outcome{Settings: st, Inputs: in, Sources: sources}
	said := map[string]bool{} // sources of the same pictures would say the same
	for i := range sources {
		s := &sources[i]
		splits, remarks, err := s.divide(ctx, &st)
		if err != nil {
			return nil, err
		}
		for _, line := range remarks {
			if !said[line] {
				said[line] = true
				env.Remark("%s", line)
			}
		}
		methods := []search.Method{st.Method}
		if st.Sweep {
			methods = search.SweepMethods(st.trainingCounts(s.Embeddings, splits), st.Seed)
		}
		for _, m := range methods {
			one, err := s.evaluate(ctx, splits, m, &st)
			if err != nil {
				return nil, err
			}
			o.Evaluations = append(o.Evaluations, one)
		}
	}
	return o, report.CheckComparable(o.Evaluations)
}

// nameSources tells sources of the same model apart, by their augmentation if that differs, else by
// their file.
func nameSources(sources []Source) {
	type pair struct{ model, augmentation string }
	models, pairs := map[string]int{}, map[pair]int{}
	for _, s := range sources {
		models[s.Model.Name]++
		pairs[pair{s.Model.Name, s.Augmentation.String()}]++
	}
	for i := range sources {
		s := &sources[i]
		s.Name = s.Model.Name
		switch {
		case models[s.Name] == 1:
		case pairs[pair{s.Name, s.Augmentation.String()}] > 1:
			s.Name += " (" + filepath.Base(s.File) + ")"
		case s.Augmentation.Instances > 0:
			s.Name += fmt.Sprintf(" (%d augmented instances)", s.Augmentation.Instances)
		}
	}
}

// evaluate answers the pictures of one source by one method.
func (s *Source) evaluate(ctx context.Context, splits []data.Split, m search.Method, st *Settings) (*report.Evaluation, error) {
	set := s.Embeddings
	k, err := CutTopK(st.TopK, st.TopKGiven, len(set.Labels), "classes")
	if err != nil {
		return nil, err
	}
	setup := report.Setup{
		Model:        s.Name,
		EmbeddingDim: s.Model.EmbeddingDim,
		NumParams:    s.Model.NumParams,
		Labels:       set.Labels,
		NumPictures:  len(set.Names),
		Protocol:     st.Protocol,
		Part:         st.Part,
		Seed:         st.Seed,
		TopK:         k,
		Confidence:   st.Confidence,
		ShortRun:     st.ShortRun,
		Duplicates:   s.Duplicates,
	}
	if !m.IsDefault() || st.Sweep {
		setup.Method = m.String()
	}
	parts, answers, err := s.answer(ctx, splits, m, k, st)
	if err != nil {
		return nil, err
	}
	switch {
	case st.Split == "" && st.Protocol == report.KFold:
		setup.EvalTrainRatio = 1 / float64(st.Folds-1)
	case (st.Split != "" || st.Protocol == report.Holdout) && st.Part != "train":
		setup.EvalTrainRatio = float64(len(parts[0])) / float64(len(splits[0].Train))
	}
	files, classes := set.Files(), set.Classes()
	runs := make([]report.Run, len(parts))
	for r, pictures := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		runs[r].TopK, runs[r].Margins = answers[r].Classes, answers[r].Margins
		for _, j := range answers[r].Judgements {
			runs[r].Judgements = append(runs[r].Judgements, report.Judgement{
				Confidence: float32(j.Confidence), Loss: float32(j.Loss), Brier: float32(j.Brier),
			})
		}
		for _, i := range pictures {
			runs[r].Files = append(runs[r].Files, files[i])
			runs[r].Targets = append(runs[r].Targets, classes[i])
		}
	}
	one, err := report.Evaluate(setup, runs)
	if err == nil {
		err = s.hint(ctx, one, splits, st)
	}
	if err == nil && st.OpenSet > 0 {
		err = s.leaveClassesOut(ctx, one, splits, m, st)
	}
	return one, err
}

// leaveClassesOut adds to an evaluation what happens where some of the classes are not known.
func (s *Source) leaveClassesOut(ctx context.Context, one *report.Evaluation, splits []data.Split, m search.Method, st *Settings) error {
	answers, err := search.LeaveClassesOut(ctx, s.Embeddings, s.Device, splits, st.Part, st.OpenSet, st.Seed, m)
	if err != nil {
		return err
	}
	runs := make([]report.OpenRun, len(answers))
	for r, a := range answers {
		run := &one.Runs[r]
		runs[r] = report.OpenRun{Files: run.Files, Targets: run.Targets, Predictions: a.Predictions, Scores: a.Scores}
		for _, c := range run.Targets {
			runs[r].Known = append(runs[r].Known, a.Known[c])
		}
	}
	if err := one.AddOpenSet(st.OpenSet, search.OpenScores, runs); err != nil {
		return fmt.Errorf("--open-set %v: %w", st.OpenSet, err)
	}
	return nil
}

// answer returns the pictures evaluated in each run, and the answers.
func (s *Source) answer(ctx context.Context, splits []data.Split, m search.Method, k int, st *Settings) ([][]int, []search.Answers, error) {
	if st.leaveOneOut() {
		all := data.Indices(len(s.Embeddings.Names))
		if st.policy() == data.GroupDuplicates {
			answers, err := search.LeaveContentsOut(ctx, s.Embeddings, s.Embeddings.Contents(), s.Device, k, m)
			return [][]int{all}, []search.Answers{answers}, err
		}
		answers, err := search.LeaveOneOut(ctx, s.Embeddings, s.Device, k, m)
		return [][]int{all}, []search.Answers{answers}, err
	}
	parts := make([][]int, len(splits))
	for r, split := range splits {
		var err error
		if parts[r], err = split.Part(st.Part); err != nil {
			return nil, nil, err
		}
		if len(parts[r]) == 0 {
			return nil, nil, fmt.Errorf("evaluate: the %s part is empty; choose another --part", st.Part)
		}
	}
	answers, err := search.Evaluate(ctx, s.Embeddings, s.Device, splits, st.Part, k, m)
	return parts, answers, err
}
