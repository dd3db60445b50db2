package main

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search"
	"vs/torch"
)

// evaluationFlags are those of the commands that evaluate: which embeddings, which classes, which splits.
func evaluationFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringSliceFlag{Name: "db", Usage: "database `FILE` made by vs encode; several compare"},
		&cli.StringSliceFlag{Name: "model", Usage: modelUsage + "; several compare"},
		&cli.StringFlag{Name: "data", Usage: "with --model: `DIR` with one folder of pictures per class"},
		&cli.IntFlag{Name: "runs", Value: 20, Usage: "seeded splits"},
		&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "of the random generator, set once before the first run"},
		&cli.Float64Flag{Name: "valid-share", Value: 0.2, Usage: "share of each class's pictures for validation"},
		&cli.Float64Flag{Name: "test-share", Usage: "share of each class's pictures for test"},
		&cli.StringFlag{Name: "part", Value: "valid", Usage: "`PART` to evaluate: valid, test or train"},
		&cli.IntFlag{Name: "top-k", Value: 4, Usage: "an answer counts for top-k accuracy if the label is among the k most similar classes"},
		&cli.Float64Flag{Name: "confidence", Value: 0.95, Usage: "of the intervals, between 0 and 1"},
		&cli.StringSliceFlag{Name: "labels", Usage: "evaluate only these `LABELS`, separated by commas"},
		&cli.StringFlag{Name: "labels-file", Usage: "evaluate only the labels in `FILE`, one a line (for names with commas)"},
		&cli.Float64Flag{Name: "label-share", Usage: "evaluate only a random `SHARE` of the labels, above 0 and up to 1, drawn with --seed"},
		&cli.IntFlag{Name: "short-run", Usage: "use only the first `N` pictures of each class, to try things out"},
		maxBadShareFlag(),
	}, runFlags()...)
}

// checkEvaluationFlags refuses values of these flags that mean nothing, and checks runFlags too.
func checkEvaluationFlags(c *cli.Context) error {
	name := fullName(c.Command)
	databases, models := len(c.StringSlice("db")), len(c.StringSlice("model"))
	confidence := c.Float64("confidence")
	switch {
	case databases > 0 && models > 0:
		return usagef("%s: --db already says what to evaluate; leave out --model, or --db", name)
	case databases == 0 && models == 0:
		return usagef("%s: give --db FILE, or --model FILE with --data DIR; see vs %[1]s --help", name)
	case models > 0 && !c.IsSet("data"):
		return usagef("%s: --model needs --data DIR", name)
	case c.Int("runs") < 1:
		return usagef("--runs %d: use at least 1", c.Int("runs"))
	case c.Int("top-k") < 1:
		return usagef("--top-k %d: use at least 1", c.Int("top-k"))
	case !(confidence > 0 && confidence < 1):
		return usagef("--confidence %v: use a value between 0 and 1", confidence)
	case c.IsSet("label-share") && !(c.Float64("label-share") > 0 && c.Float64("label-share") <= 1):
		return usagef("--label-share %v: use a value above 0 and up to 1", c.Float64("label-share"))
	case c.IsSet("short-run") && c.Int("short-run") < 1:
		return usagef("--short-run %d: use at least 1", c.Int("short-run"))
	}
	if err := shares(c).Validate(); err != nil {
		return usageError{err}
	}
	return cmp.Or(oneOf(c, "part", data.Parts...), checkRunFlags(c))
}

func shares(c *cli.Context) data.Shares {
	return data.Shares{Valid: c.Float64("valid-share"), Test: c.Float64("test-share")}
}

// evaluateSources evaluates what the flags name: the sources, and the evaluation of each.
func evaluateSources(c *cli.Context) ([]source, []*report.Evaluation, error) {
	sources, err := evalSources(c)
	if err != nil {
		return nil, nil, err
	}
	var evaluations []*report.Evaluation
	for _, s := range sources {
		e, err := s.evaluate(c)
		if err != nil {
			return nil, nil, err
		}
		evaluations = append(evaluations, e)
	}
	return sources, evaluations, nil
}

// evaluate splits and answers one model's pictures.
func (s source) evaluate(c *cli.Context) (*report.Evaluation, error) {
	part, set := c.String("part"), s.set
	k, err := topK(c, len(set.Labels), "classes")
	if err != nil {
		return nil, err
	}
	if err := shares(c).CheckPart(part, set.Counts, set.Labels); err != nil {
		return nil, err
	}
	generator, err := torch.NewGenerator(c.Uint64("seed"))
	if err != nil {
		return nil, err
	}
	defer generator.Close()
	splits, err := data.Splits(set.Counts, set.Labels, c.Int("runs"), shares(c), generator)
	if err != nil {
		return nil, err
	}
	answers, err := search.Evaluate(c.Context, set, s.device, splits, part, k, search.Method{})
	if err != nil {
		return nil, err
	}
	setup := report.Setup{
		Model:        s.model.Name,
		EmbeddingDim: s.model.EmbeddingDim,
		NumParams:    s.model.NumParams,
		Labels:       set.Labels,
		NumImages:    len(set.Names),
		Part:         part,
		Seed:         c.Uint64("seed"),
		TopK:         k,
		Confidence:   c.Float64("confidence"),
		ShortRun:     c.Int("short-run"),
	}
	files, classes := set.Files(), set.Classes()
	runs := make([]report.Run, len(splits))
	for r, split := range splits {
		pictures, err := split.Part(part)
		if err != nil {
			return nil, err
		}
		if part != "train" {
			setup.EvalTrainRatio = float64(len(pictures)) / float64(len(split.Train))
		}
		runs[r].TopK, runs[r].Margins = answers[r].Classes, answers[r].Margins
		for _, i := range pictures {
			runs[r].Files = append(runs[r].Files, files[i])
			runs[r].Targets = append(runs[r].Targets, classes[i])
		}
	}
	return report.Evaluate(setup, runs)
}

// topK is --top-k, which must not exceed the number of classes or pictures; its default is cut to it.
func topK(c *cli.Context, n int, what string) (int, error) {
	k := c.Int("top-k")
	if k > n && c.IsSet("top-k") {
		return 0, usagef("--top-k %d: there are only %d %s", k, n, what)
	}
	return min(k, n), nil
}
