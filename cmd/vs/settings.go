package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/input"
	"vs/report"
	"vs/search"
)

// settings are all that an evaluation depends on besides the embeddings.
type settings struct {
	Protocol   report.Protocol   `json:"protocol"`
	Runs       int               `json:"runs,omitempty"`  // of holdout and bootstrap
	Folds      int               `json:"folds,omitempty"` // of kfold
	Seed       uint64            `json:"seed"`
	ValidShare float64           `json:"valid_share,omitempty"` // of holdout, like TestShare
	TestShare  float64           `json:"test_share,omitempty"`
	Split      string            `json:"split,omitempty"` // file that holds the one split, in place of all above
	SplitHash  string            `json:"split_sha256,omitempty"`
	Part       string            `json:"part"`
	Labels     []string          `json:"labels"` // nil: all
	LabelShare float64           `json:"label_share,omitempty"`
	ShortRun   int               `json:"short_run,omitempty"`
	Duplicates data.Duplicates   `json:"duplicates,omitempty"` // "" is to keep, as in manifests that do not know it
	Method     search.Method     `json:"method"`
	Sweep      bool              `json:"sweep,omitempty"`        // all methods in place of one
	Augment    string            `json:"augmentation,omitempty"` // of the pictures that a model embeds; a database has its own
	Compute    map[string]string `json:"compute"`                // the flags that say how a model computes
	TopK       int               `json:"top_k"`
	Confidence float64           `json:"confidence"`

	topKGiven bool            // else it is cut to the number of classes
	split     *data.SplitFile // what Split holds
}

const (
	defaultBootstrapRuns = 1000
	maxRuns              = 100_000 // more than any estimate needs, and what memory holds
)

// computeFlags do not change what is evaluated, but may change the last bits of embeddings, or which pictures count.
var computeFlags = []string{"precision", "deterministic", "batch-size", "max-bad-share", "exif-rotate"}

// evaluationFlags are those of the commands that evaluate: which embeddings, which classes, which splits.
func evaluationFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "db", Usage: "database `FILE` made by vs encode; several compare"},
		&cli.StringSliceFlag{Name: "model", Usage: modelUsage + "; several compare"},
		&cli.StringFlag{Name: "data", Usage: "with --model: `DIR` with one folder of pictures per class"},
		nestedFlag(),
		&cli.StringFlag{Name: "protocol", Value: string(report.Holdout), Usage: "`PROTOCOL` that divides the pictures: holdout, kfold, bootstrap or leave-one-out"},
		&cli.IntFlag{Name: "runs", Value: 20, Usage: fmt.Sprintf("seeded splits of holdout, or samples of bootstrap (default there: %d)", defaultBootstrapRuns)},
		&cli.IntFlag{Name: "folds", Value: 5, Usage: "of kfold"},
		&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "of the random generator, set once before the first run"},
		&cli.Float64Flag{Name: "valid-share", Value: 0.2, Usage: "share of each class's pictures for validation"},
		&cli.Float64Flag{Name: "test-share", Usage: "share of each class's pictures for test"},
		&cli.StringFlag{Name: "split", Usage: "evaluate the one split in `FILE`, made by vs split"},
		&cli.StringFlag{Name: "part", Value: "valid", Usage: "`PART` to evaluate: valid, test or train"},
		&cli.IntFlag{Name: "top-k", Value: 4, Usage: "an answer counts for top-k accuracy if the label is among the k most similar classes"},
		&cli.Float64Flag{Name: "confidence", Value: 0.95, Usage: "of the intervals, between 0 and 1"},
		&cli.StringSliceFlag{Name: "labels", Usage: "evaluate only these `LABELS`, separated by commas"},
		&cli.StringFlag{Name: "labels-file", Usage: "evaluate only the labels in `FILE`, one a line (for names with commas)"},
		&cli.Float64Flag{Name: "label-share", Usage: "evaluate only a random `SHARE` of the labels, above 0 and up to 1, drawn with --seed"},
		&cli.IntFlag{Name: "short-run", Usage: "use only the first `N` pictures of each class, to try things out"},
		duplicatesFlag(),
		maxBadShareFlag(),
	}
	return slices.Concat(flags, methodFlags(), augmentFlags(), runFlags())
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
func settingsOf(c *cli.Context) (settings, error) {
	s := settings{
		Protocol: report.Protocol(c.String("protocol")),
		Seed:     c.Uint64("seed"), Part: c.String("part"), Split: c.String("split"),
		LabelShare: c.Float64("label-share"), ShortRun: c.Int("short-run"), Duplicates: data.Duplicates(c.String("duplicates")),
		TopK: c.Int("top-k"), topKGiven: c.IsSet("top-k"), Confidence: c.Float64("confidence"),
	}
	switch { // 0 stands for no limit where they are not given
	case c.IsSet("label-share") && s.LabelShare == 0:
		return s, usagef("--label-share 0: use a value above 0 and up to 1")
	case c.IsSet("short-run") && s.ShortRun == 0:
		return s, usagef("--short-run 0: use at least 1")
	}
	if err := cmp.Or(checkRunFlags(c), checkAugmentFlags(c), s.readProtocol(c)); err != nil {
		return s, err
	}
	if err := s.validate(); err != nil {
		return s, usageError{err}
	}
	var err error
	if s.Method, err = methodOf(c); err != nil {
		return s, err
	}
	s.Augment, s.Compute = augmentation(c).String(), map[string]string{}
	for _, name := range computeFlags {
		s.Compute[name] = fmt.Sprint(c.Value(name))
	}
	s.Labels, err = wantedLabels(c)
	if err != nil || s.Split == "" {
		return s, err
	}
	return s, s.readSplit()
}

// readSplit takes over what a split file says of the settings.
func (s *settings) readSplit() error {
	text, err := input.ReadFile(s.Split)
	if err != nil {
		return fmt.Errorf("read split: %w", err)
	}
	file, err := data.ReadSplit(s.Split)
	if err != nil {
		return err
	}
	s.SplitHash = fmt.Sprintf("%x", sha256.Sum256(text))
	if err := file.CheckPart(s.Part); err != nil {
		return fmt.Errorf("%s: %w", s.Split, err)
	}
	s.split, s.Seed, s.Labels, s.Runs = file, file.Seed, file.ActiveLabels(), 1
	return nil
}

// readProtocol takes over the flags of the protocol and refuses those of others, which would have no effect.
func (s *settings) readProtocol(c *cli.Context) error {
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
		return nil // validate says so
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
		s.Runs = defaultBootstrapRuns
		if c.IsSet("runs") {
			s.Runs = c.Int("runs")
		}
	case report.KFold:
		s.Folds = c.Int("folds")
	}
	return nil
}

// validate refuses values that mean nothing, whether from flags or from a manifest.
func (s settings) validate() error {
	runs := s.Split == "" && (s.Protocol == report.Holdout || s.Protocol == report.Bootstrap)
	switch {
	case !slices.Contains(report.Protocols, s.Protocol):
		return fmt.Errorf("--protocol %q: use one of %q", s.Protocol, report.Protocols)
	case !slices.Contains(data.Parts, s.Part):
		return fmt.Errorf("--part %q: use one of %q", s.Part, data.Parts)
	case runs && (s.Runs < 1 || s.Runs > maxRuns):
		return fmt.Errorf("--runs %d: use 1 to %d", s.Runs, maxRuns)
	case s.Split == "" && s.Protocol != report.Holdout && s.Part != "valid":
		return fmt.Errorf("--part has no meaning with --protocol %s; leave it out", s.Protocol)
	case s.Split == "" && s.Protocol == report.KFold && s.Folds < 2:
		return fmt.Errorf("--folds %d: use at least 2", s.Folds)
	case s.TopK < 1:
		return fmt.Errorf("--top-k %d: use at least 1", s.TopK)
	case !(s.Confidence > 0 && s.Confidence < 1):
		return fmt.Errorf("--confidence %v: use a value between 0 and 1", s.Confidence)
	case !(s.LabelShare >= 0 && s.LabelShare <= 1):
		return fmt.Errorf("--label-share %v: use a value above 0 and up to 1", s.LabelShare)
	case s.ShortRun < 0:
		return fmt.Errorf("--short-run %d: use at least 1", s.ShortRun)
	}
	if err := s.Duplicates.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return cmp.Or(s.shares().Validate(), s.Method.Validate())
}

// leaveOneOut tells whether there are no splits.
func (s settings) leaveOneOut() bool { return s.Split == "" && s.Protocol == report.LeaveOneOut }

func (s settings) shares() data.Shares {
	return data.Shares{Valid: s.ValidShare, Test: s.TestShare}
}

// wantedLabels returns the labels that --labels and --labels-file name, nil for all.
func wantedLabels(c *cli.Context) ([]string, error) {
	var wanted []string
	for _, list := range c.StringSlice("labels") {
		wanted = append(wanted, strings.Split(list, ",")...)
	}
	if path := c.String("labels-file"); path != "" {
		listed, err := readLabels(path)
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		wanted = append(wanted, listed...)
	}
	return wanted, nil
}

// readLabels reads a file of labels, one a line. Empty lines are left out.
func readLabels(path string) ([]string, error) {
	content, err := input.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines, err := input.Lines(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var labels []string
	for i, label := range lines {
		if label == "" {
			continue
		}
		if err := data.CheckLabel(label); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		labels = append(labels, label)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%s names none; write one a line", path)
	}
	return labels, nil
}
