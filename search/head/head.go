package head

import (
	"cmp"
	"fmt"
	"strings"

	"vs/data"
	"vs/data/text"
	"vs/search/classifier"
	"vs/search/database"
	"vs/search/exchange"
)

// Head is a fitted classifier with what it was made of.
type Head struct {
	Spec     classifier.Spec
	Solution classifier.Solution
	Labels   []string // [C] in order

	Model        Model
	Augmentation string // of the database, "" for none

	// Classes is the state of the whole database, and Pictures how many of its pictures the
	// classifier was fitted to: all of them, unless there is a Split.
	Classes  []database.ClassState
	Pictures int
	Split    *Split

	// Key says what a cached head is the answer to, "" for others.
	Key string
}

// Model is the model that embeds pictures for a head.
type Model struct {
	Name         string `json:"name"`
	Hash         string `json:"hash"` // SHA-256 of the model file
	Recipe       string `json:"recipe"`
	EmbeddingDim int    `json:"embedding_dim"`
	NumParams    int64  `json:"num_params"`
}

// Split says which part of a split the classifier was fitted to.
type Split struct {
	SHA256 string `json:"sha256"` // of the split file
	Part   string `json:"part"`
}

// New describes a classifier that was fitted to that many pictures of a database in some state.
func New(spec classifier.Spec, fitted *classifier.Linear, labels []string, state *database.State, pictures int) *Head {
	m := state.Model
	return &Head{
		Spec: spec, Solution: fitted.Solution(), Labels: labels,
		Model:        Model{m.Name, m.Hash, m.Recipe, m.EmbeddingDim, m.NumParams},
		Augmentation: state.Augmentation, Classes: state.Classes, Pictures: pictures,
	}
}

// Linear makes the classifier again.
func (h *Head) Linear() (*classifier.Linear, error) {
	return h.Spec.Restore(h.Model.EmbeddingDim, h.Solution)
}

// CheckModel returns an error that wraps [database.ErrMismatch] unless the head is for a model.
func (h *Head) CheckModel(m database.Model) error {
	switch {
	case h.Model.Hash != m.Hash:
		return fmt.Errorf("%w: the head was made with %s (SHA-256 %.12s…), not with %s (SHA-256 %.12s…); use that model, or train another head",
			database.ErrMismatch, h.Model.Name, h.Model.Hash, m.Name, m.Hash)
	case h.Model.Recipe != m.Recipe:
		return fmt.Errorf("%w: the head is for pictures prepared by %s, not by %s; train another head", database.ErrMismatch, h.Model.Recipe, m.Recipe)
	case h.Model.EmbeddingDim != m.EmbeddingDim:
		return fmt.Errorf("%w: the head is for embeddings of %d elements, not %d; train another head",
			database.ErrMismatch, h.Model.EmbeddingDim, m.EmbeddingDim)
	}
	return nil
}

// mostNamed is how many classes of a kind a line names.
const mostNamed = 5

// Changes says in a line which classes of a database have come, gone or changed since the head was
// made, "" if none.
func (h *Head) Changes(state *database.State) string {
	before := make(map[string]database.ClassState)
	for _, c := range h.Classes {
		before[c.Label] = c
	}
	var added, changed, removed []string
	for _, c := range state.Classes {
		switch old, ok := before[c.Label]; {
		case !ok:
			added = append(added, c.Label)
		case old != c:
			changed = append(changed, c.Label)
		}
		delete(before, c.Label)
	}
	for _, c := range h.Classes {
		if _, gone := before[c.Label]; gone {
			removed = append(removed, c.Label)
		}
	}
	var parts []string
	for what, labels := range [][]string{added, removed, changed} {
		if n := len(labels); n > 0 {
			named := strings.Join(labels[:min(n, mostNamed)], ", ")
			if n > mostNamed {
				named += ", …"
			}
			parts = append(parts, fmt.Sprintf("%s %s (%s)", text.Count(n, "class", "classes"), [...]string{"added", "removed", "changed"}[what], named))
		}
	}
	return strings.Join(parts, ", ")
}

// check returns what of a head from anywhere cannot be.
func (h *Head) check() error {
	if err := h.Spec.Check(h.Model.EmbeddingDim, h.Solution); err != nil {
		return err
	}
	if len(h.Labels) != len(h.Solution.Bias) {
		return fmt.Errorf("it has %d labels for %d classes", len(h.Labels), len(h.Solution.Bias))
	}
	if err := checkLabels(h.Labels); err != nil {
		return err
	}
	var all []string
	for _, c := range h.Classes {
		all = append(all, c.Label)
	}
	switch {
	case h.Model.Hash == "" || h.Model.Name == "":
		return fmt.Errorf("it does not say which model it is for")
	case h.Pictures < len(h.Labels):
		return fmt.Errorf("it says that %d classes were made of %d pictures", len(h.Labels), h.Pictures)
	}
	return checkLabels(all)
}

// checkLabels refuses labels that no class can have, or out of order.
func checkLabels(labels []string) error {
	for i, label := range labels {
		err := data.CheckLabel(label)
		if i > 0 && labels[i-1] >= label {
			err = cmp.Or(err, fmt.Errorf("label %q is in the wrong place", label))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkDim refuses sizes of embeddings that cannot be.
func checkDim(dim int) error {
	if dim < 1 || dim > exchange.MaxDim {
		return fmt.Errorf("it is for embeddings of %d elements, not 1 to %d", dim, exchange.MaxDim)
	}
	return nil
}

// Part says which pictures the head was made of.
func (h *Head) Part() string {
	if h.Split == nil {
		return "all"
	}
	return fmt.Sprintf("part %s of the split with SHA-256 %.12s…", h.Split.Part, h.Split.SHA256)
}
