package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search"
	"vs/search/database"
	"vs/torch"
)

// evaluated is an evaluation with all that it came from.
type evaluated struct {
	settings    settings
	inputs      inputs
	sources     []source
	evaluations []*report.Evaluation // one a source; of a sweep one a source and method, source after source
}

// files are those that the evaluation read.
func (e *evaluated) files() []namedFile {
	var files []namedFile
	for _, path := range e.inputs.Databases {
		files = append(files, databaseFiles("--db", path)...)
	}
	for _, path := range e.inputs.Models {
		files = append(files, namedFile{"--model", path})
	}
	if e.settings.Split != "" {
		files = append(files, namedFile{"--split", e.settings.Split})
	}
	for _, s := range e.sources {
		if s.cache != "" {
			files = append(files, databaseFiles("the cache of embeddings", s.cache)...)
		}
	}
	return files
}

// pictureFlags are those of the commands that evaluate and then show the pictures, in the folder that --out names.
func pictureFlags() []cli.Flag {
	flags := append(evaluationFlags(), forceFlag())
	for _, f := range flags {
		if f, ok := f.(*cli.StringFlag); ok && f.Name == "data" {
			f.Usage = "`DIR` with the pictures, one folder per class"
		}
	}
	return flags
}

// evaluatePictures evaluates what these flags name, and makes the folder. Outputs in it that are known may be given.
func evaluatePictures(c *cli.Context, outputs ...string) (*evaluated, error) {
	if err := cmp.Or(needFlag(c, "out"), needSources(c), needFlag(c, "data")); err != nil {
		return nil, err
	}
	if _, err := os.ReadDir(c.String("data")); err != nil {
		return nil, fmt.Errorf("read pictures: %w; --data is the folder that the database was made from", err)
	}
	if err := makeOutputFolder(c, "out", c.String("data")); err != nil {
		return nil, err
	}
	for i := range outputs {
		outputs[i] = filepath.Join(c.String("out"), outputs[i])
	}
	if err := checkOutputs(c, drawnOutputs("--out", outputs...)); err != nil {
		return nil, err
	}
	st, err := settingsOf(c)
	if err != nil {
		return nil, err
	}
	return evaluateInputs(c, inputsOf(c), st)
}

// evaluateInputs reads the databases, or embeds the pictures, and evaluates them.
func evaluateInputs(c *cli.Context, in inputs, st settings) (*evaluated, error) {
	sources, err := evalSources(c, in, st)
	if err != nil {
		return nil, err
	}
	nameSources(sources)
	e := &evaluated{settings: st, inputs: in, sources: sources}
	said := map[string]bool{}
	for i := range sources {
		s := &sources[i]
		var left surplus
		if s.set, left, err = st.dropDuplicates(s.set); err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", s.file, err)
		}
		var splits []data.Split
		if s.set, splits, err = st.divide(c, s.set); err != nil {
			return nil, err
		}
		if s.duplicates, err = st.duplicates(s.set, splits, left); err != nil {
			return nil, err
		}
		remarkOnDuplicates(c, s.duplicates, left, said)
		methods := []search.Method{st.Method}
		if st.Sweep {
			methods = search.SweepMethods(st.trainingCounts(s.set, splits), st.Seed)
		}
		for _, m := range methods {
			one, err := s.evaluate(c.Context, splits, m, st)
			if err != nil {
				return nil, err
			}
			e.evaluations = append(e.evaluations, one)
		}
	}
	return e, report.CheckComparable(e.evaluations)
}

// nameSources tells sources of the same model apart, by their augmentation if that differs, else by their file.
func nameSources(sources []source) {
	type pair struct{ model, augmentation string }
	models, pairs := map[string]int{}, map[pair]int{}
	for _, s := range sources {
		models[s.model.Name]++
		pairs[pair{s.model.Name, s.augmentation.String()}]++
	}
	for i := range sources {
		s := &sources[i]
		s.name = s.model.Name
		switch {
		case models[s.name] == 1:
		case pairs[pair{s.name, s.augmentation.String()}] > 1:
			s.name += " (" + filepath.Base(s.file) + ")"
		case s.augmentation.Instances > 0:
			s.name += fmt.Sprintf(" (%d augmented instances)", s.augmentation.Instances)
		}
	}
}

// divide makes the splits of the protocol; leave-one-out has none. The set is the one given, or the pictures that a file of a
// split names.
func (st settings) divide(c *cli.Context, set *database.Embeddings) (*database.Embeddings, []data.Split, error) {
	if st.Split != "" {
		return st.applySplit(c, set)
	}
	if st.leaveOneOut() {
		return set, nil, nil
	}
	generator, err := torch.NewGenerator(st.Seed)
	if err != nil {
		return nil, nil, err
	}
	defer generator.Close()
	var contents []int
	if st.policy() == data.GroupDuplicates {
		contents = contentsOf(set)
	}
	if st.Protocol == report.Holdout {
		if err = st.shares().CheckPart(st.Part, set.Counts, set.Labels); err != nil {
			return nil, nil, err
		}
	}
	splits, err := st.deal(set.Counts, set.Labels, contents, untilDone{c.Context, generator})
	return set, splits, err
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
func (st settings) deal(counts []int, labels []string, contents []int, g data.Generator) ([]data.Split, error) {
	grouped := contents != nil
	switch {
	case st.Protocol == report.KFold && grouped:
		return data.GroupedKFold(counts, labels, contents, st.Folds, g)
	case st.Protocol == report.KFold:
		return data.KFold(counts, labels, st.Folds, g)
	case st.Protocol == report.Bootstrap && grouped:
		return data.GroupedBootstrap(counts, labels, contents, st.Runs, g)
	case st.Protocol == report.Bootstrap:
		return data.Bootstrap(counts, labels, st.Runs, g)
	case grouped:
		return data.GroupedSplits(counts, labels, contents, st.Runs, st.shares(), g)
	}
	return data.Splits(counts, labels, st.Runs, st.shares(), g)
}

// trainingCounts is how many pictures each class has to stand for it, in the run that has the fewest.
func (st settings) trainingCounts(set *database.Embeddings, splits []data.Split) []int {
	least := slices.Clone(set.Counts)
	classes := set.Classes()
	if len(splits) == 0 { // leave-one-out, or all that are equal to it
		contents := data.Contents(make([][32]byte, len(classes)))
		if st.policy() == data.GroupDuplicates {
			contents = contentsOf(set)
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

// evaluate answers the pictures of one source by one method.
func (s source) evaluate(ctx context.Context, splits []data.Split, m search.Method, st settings) (*report.Evaluation, error) {
	set := s.set
	k, err := cutTopK(st.TopK, st.topKGiven, len(set.Labels), "classes")
	if err != nil {
		return nil, err
	}
	setup := report.Setup{
		Model:        s.name,
		EmbeddingDim: s.model.EmbeddingDim,
		NumParams:    s.model.NumParams,
		Labels:       set.Labels,
		NumImages:    len(set.Names),
		Protocol:     st.Protocol,
		Part:         st.Part,
		Seed:         st.Seed,
		TopK:         k,
		Confidence:   st.Confidence,
		ShortRun:     st.ShortRun,
		Duplicates:   s.duplicates,
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
		for _, i := range pictures {
			runs[r].Files = append(runs[r].Files, files[i])
			runs[r].Targets = append(runs[r].Targets, classes[i])
		}
	}
	return report.Evaluate(setup, runs)
}

// answer returns the pictures evaluated in each run, and the answers.
func (s source) answer(ctx context.Context, splits []data.Split, m search.Method, k int, st settings) ([][]int, []search.Answers, error) {
	if st.leaveOneOut() {
		all := make([]int, len(s.set.Names))
		for i := range all {
			all[i] = i
		}
		if st.policy() == data.GroupDuplicates {
			answers, err := search.LeaveContentsOut(ctx, s.set, contentsOf(s.set), s.device, k, m)
			return [][]int{all}, []search.Answers{answers}, err
		}
		answers, err := search.LeaveOneOut(ctx, s.set, s.device, k, m)
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
	answers, err := search.Evaluate(ctx, s.set, s.device, splits, st.Part, k, m)
	return parts, answers, err
}

// cutTopK refuses a k that is given and exceeds the number of classes or pictures; its default is cut to it.
func cutTopK(k int, given bool, n int, what string) (int, error) {
	if k > n && given {
		return 0, usagef("--top-k %d: there are only %d %s", k, n, what)
	}
	return min(k, n), nil
}
