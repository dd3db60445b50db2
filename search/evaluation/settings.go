package evaluation

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"vs/data"
	"vs/data/input"
	"vs/report"
	"vs/search"
	"vs/torch"
)

// Settings are all that an evaluation depends on except the embeddings.
type Settings struct {
	Protocol   report.Protocol `json:"protocol"`
	Runs       int             `json:"runs,omitempty"`  // of holdout and bootstrap
	Folds      int             `json:"folds,omitempty"` // of kfold
	Seed       uint64          `json:"seed"`
	ValidShare float64         `json:"valid_share,omitempty"` // of holdout, like TestShare
	TestShare  float64         `json:"test_share,omitempty"`
	Split      string          `json:"split,omitempty"` // file that holds the one split, in place of all above
	SplitHash  string          `json:"split_sha256,omitempty"`
	Part       string          `json:"part"`
	Labels     []string        `json:"labels"` // nil: all
	LabelShare float64         `json:"label_share,omitempty"`
	ShortRun   int             `json:"short_run,omitempty"`
	Duplicates data.Duplicates `json:"duplicates,omitempty"` // "" means keep; older manifests lack it
	Method     search.Method   `json:"method"`
	Sweep      bool            `json:"sweep,omitempty"`        // all methods in place of one
	OpenSet    float64         `json:"open_set,omitempty"`     // share of the classes that each run is also asked about without them; 0: none
	Augment    string          `json:"augmentation,omitempty"` // of the pictures that a model embeds; a database has its own
	Compute    Compute         `json:"compute"`
	TopK       int             `json:"top_k"`
	Confidence float64         `json:"confidence"`

	// TopKGiven refuses a TopK above the number of classes, which else is cut to that number.
	TopKGiven bool `json:"-"`

	split *data.SplitFile // what Split holds
}

// Defaults of the protocols.
const (
	DefaultRuns          = 20
	DefaultBootstrapRuns = 1000
	DefaultFolds         = 5
)

// maxRuns is more than any estimate needs, and what memory holds.
const maxRuns = 100_000

// A SettingsError is the fault of what was asked for, not of files or devices.
type SettingsError struct{ error }

func (e SettingsError) Unwrap() error { return e.error }

func settingsErrorf(format string, args ...any) error {
	return SettingsError{fmt.Errorf(format, args...)}
}

// IsSettingsError reports whether an error is the fault of what was asked for.
func IsSettingsError(err error) bool {
	var e SettingsError
	return errors.As(err, &e)
}

// Validate refuses values that mean nothing, with a [SettingsError].
func (s *Settings) Validate() error {
	if err := s.validate(); err != nil {
		return SettingsError{err}
	}
	return nil
}

// validate refuses values that mean nothing, whether from options or from a manifest.
func (s *Settings) validate() error {
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
	case !(s.OpenSet >= 0 && s.OpenSet < 1):
		return fmt.Errorf("--open-set %v: use a share of the classes, above 0 and below 1", s.OpenSet)
	case s.OpenSet > 0 && s.leaveOneOut():
		return errors.New("--open-set leaves classes out of a training part, which --protocol leave-one-out does not have; use another protocol")
	case s.OpenSet > 0 && s.Sweep:
		return errors.New("--open-set is about one method; leave out --sweep, or --open-set")
	case s.ShortRun < 0:
		return fmt.Errorf("--short-run %d: use at least 1", s.ShortRun)
	}
	if err := s.Duplicates.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return cmp.Or(s.Shares().Validate(), s.Method.Validate())
}

// Shares are those of the parts of a holdout split.
func (s *Settings) Shares() data.Shares {
	return data.Shares{Valid: s.ValidShare, Test: s.TestShare}
}

// ReadSplit reads the file of the split, and takes over what it says of the settings.
func (s *Settings) ReadSplit() error {
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

// leaveOneOut reports whether there are no splits.
func (s *Settings) leaveOneOut() bool { return s.Split == "" && s.Protocol == report.LeaveOneOut }

// ChooseLabels returns those of all labels that the settings evaluate; from names their source.
func (s *Settings) ChooseLabels(all []string, from string) ([]string, error) {
	chosen := all
	if len(s.Labels) > 0 {
		var err error
		if chosen, err = data.ChooseLabels(all, s.Labels, from); err != nil && s.Split != "" {
			return nil, fmt.Errorf("%s: %w", s.Split, err)
		} else if err != nil {
			return nil, err
		}
	}
	if s.LabelShare == 0 {
		return chosen, nil
	}
	// A generator of its own: the splits of a run stay the same for any share.
	generator, err := torch.NewGenerator(s.Seed)
	if err != nil {
		return nil, err
	}
	defer generator.Close()
	return data.ShareOfLabels(chosen, s.LabelShare, generator)
}

// CutTopK cuts a default of top-k to the number n of classes or pictures, and refuses one above it
// that was given.
func CutTopK(k int, given bool, n int, what string) (int, error) {
	if k > n && given {
		return 0, settingsErrorf("--top-k %d: there are only %d %s", k, n, what)
	}
	return min(k, n), nil
}
