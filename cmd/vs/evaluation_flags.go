package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search/evaluation"
)

// evaluationFlags are the flags of the commands that evaluate: which embeddings, classes and splits
// to use.
func evaluationFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "db", Usage: "database `FILE` made by vs encode; several are compared"},
		&cli.StringSliceFlag{Name: "model", Usage: modelUsage + "; several are compared"},
		&cli.StringFlag{Name: "data", Usage: "with --model: `DIR` with one folder of pictures per class"},
		nestedFlag(),
		oneOf("protocol", "`PROTOCOL` that divides the pictures", protocols()...),
		&cli.IntFlag{Name: "runs", Value: evaluation.DefaultRuns, Usage: "evaluate `N` seeded splits of holdout, or N samples of bootstrap", DefaultText: fmt.Sprintf("%d, of bootstrap %d", evaluation.DefaultRuns, evaluation.DefaultBootstrapRuns)},
		&cli.IntFlag{Name: "folds", Value: evaluation.DefaultFolds, Usage: "divide the pictures into `K` folds, for kfold"},
		&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "seed the random generator with `S`, once before the first run"},
		&cli.Float64Flag{Name: "valid-share", Value: 0.2, Usage: "`SHARE` of each class's pictures for validation"},
		&cli.Float64Flag{Name: "test-share", Usage: "`SHARE` of each class's pictures for test"},
		&cli.StringFlag{Name: "split", Usage: "evaluate the one split in `FILE`, which vs split made"},
		oneOf("part", "`PART` to evaluate", "valid", "test", "train"),
		&cli.IntFlag{Name: "top-k", Value: 4, Usage: "count an answer for top-k accuracy if the label is among the `K` most similar classes"},
		&cli.Float64Flag{Name: "confidence", Value: 0.95, Usage: "confidence `C` of the intervals, between 0 and 1"},
		&cli.StringSliceFlag{Name: "labels", Usage: "evaluate only these `LABELS`, separated by commas"},
		&cli.StringFlag{Name: "labels-file", Usage: "evaluate only the labels in `FILE`, one per line (for names with commas)"},
		&cli.Float64Flag{Name: "label-share", Usage: "evaluate only a random `SHARE` of the labels, up to 1, drawn with --seed"},
		&cli.IntFlag{Name: "short-run", Usage: "use only the first `N` pictures of each class, to try things out"},
		duplicatesFlag(),
		maxBadShareFlag(),
	}
	return slices.Concat(flags, methodFlags(), augmentFlags(), runFlags())
}

// openSetFlag is for the commands that show how pictures of unknown classes are rejected.
func openSetFlag() cli.Flag {
	return &cli.Float64Flag{Name: "open-set", DefaultText: "none", Usage: "leave a `SHARE` of the classes out of each run's training part, and ask about their pictures, too"}
}

// protocols are their names.
func protocols() (names []string) {
	for _, p := range report.Protocols {
		names = append(names, string(p))
	}
	return names
}

// needSources refuses a command line that does not say what to evaluate.
func needSources(c *cli.Context) error {
	name := fullName(c.Command)
	databases, models := len(c.StringSlice("db")), len(c.StringSlice("model"))
	switch {
	case databases > 0 && models > 0:
		return usagef("%s: --db already says what to evaluate; leave out --model, or --db", name)
	case databases == 0 && models == 0:
		return usagef("%s: give --db FILE, or --model FILE with --data DIR; see vs %[1]s --help", name)
	case databases > 0 && augmentFlag(c) != "":
		return usagef("%s: --%s is for --model; a database says itself how its pictures are augmented", name, augmentFlag(c))
	case databases > 0 && c.Bool("exif-rotate"):
		return usagef("%s: --exif-rotate is for --model; a database says itself how its pictures were prepared", name)
	case databases > 0 && c.Bool("nested"):
		return usagef("%s: --nested is for --model; a database says itself which pictures it has", name)
	case models > 0 && !c.IsSet("data"):
		return usagef("%s: --model needs --data DIR", name)
	}
	return nil
}

// settingsOf reads the flags of evaluationFlags and refuses what means nothing.
func settingsOf(c *cli.Context) (evaluation.Settings, error) {
	s := evaluation.Settings{
		Protocol: report.Protocol(c.String("protocol")),
		Seed:     c.Uint64("seed"), Part: c.String("part"), Split: c.String("split"),
		LabelShare: c.Float64("label-share"), ShortRun: c.Int("short-run"), Duplicates: data.Duplicates(c.String("duplicates")),
		Sweep: c.Bool("sweep"), TopK: c.Int("top-k"), TopKGiven: c.IsSet("top-k"), Confidence: c.Float64("confidence"), OpenSet: c.Float64("open-set"),
	}
	switch { // 0 means no limit where they are not given
	case c.IsSet("label-share") && s.LabelShare == 0:
		return s, usagef("--label-share 0: use a value above 0 and up to 1")
	case c.IsSet("open-set") && s.OpenSet == 0:
		return s, usagef("--open-set 0: use a share of the classes, above 0 and below 1")
	case c.IsSet("short-run") && s.ShortRun == 0:
		return s, usagef("--short-run 0: use at least 1")
	}
	err := cmp.Or(checkRunFlags(c), checkAugmentFlags(c), readProtocol(c, &s))
	if err != nil {
		return s, err
	}
	if err := s.Validate(); err != nil {
		return s, err
	}
	if s.Method, err = methodOf(c); err != nil {
		return s, err
	}
	s.Augment, s.Compute = augmentation(c).String(), computeOf(c)
	s.Labels, err = wantedLabels(c)
	if err != nil || s.Split == "" {
		return s, err
	}
	return s, s.ReadSplit()
}

// readProtocol takes over the flags of the protocol, and refuses those of others, which would have
// no effect.
func readProtocol(c *cli.Context, s *evaluation.Settings) error {
	belong := map[report.Protocol][]string{
		report.Holdout:     {"runs", "valid-share", "test-share", "part"},
		report.KFold:       {"folds"},
		report.Bootstrap:   {"runs"},
		report.LeaveOneOut: {},
	}
	own, what := belong[s.Protocol], "--protocol "+string(s.Protocol)
	if s.Split != "" {
		own, what = []string{"part"}, "--split"
		if c.IsSet("protocol") || c.IsSet("seed") {
			return usagef("--split already says how the pictures are divided; leave out --protocol and --seed")
		}
		if len(c.StringSlice("labels")) > 0 || c.IsSet("labels-file") || c.IsSet("label-share") || c.IsSet("short-run") {
			return usagef("--split already says which labels and pictures to use; leave out --labels, --labels-file, --label-share and --short-run")
		}
		if c.IsSet("duplicates") {
			return usagef("--split already says on which side each picture is; leave out --duplicates, which vs split takes")
		}
	}
	if own == nil {
		return nil // Validate says so
	}
	for _, name := range []string{"runs", "folds", "valid-share", "test-share", "part"} {
		if c.IsSet(name) && !slices.Contains(own, name) {
			return usagef("--%s has no meaning with %s; leave it out", name, what)
		}
	}
	if s.Split != "" {
		return nil
	}
	switch s.Protocol {
	case report.Holdout:
		s.Runs, s.ValidShare, s.TestShare = c.Int("runs"), c.Float64("valid-share"), c.Float64("test-share")
	case report.Bootstrap:
		s.Runs = evaluation.DefaultBootstrapRuns
		if c.IsSet("runs") {
			s.Runs = c.Int("runs")
		}
	case report.KFold:
		s.Folds = c.Int("folds")
	}
	return nil
}
