package data

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SplitFile is one split that is kept in a file, with the content of its pictures, so that the same
// pictures can be evaluated again on another day and another machine.
type SplitFile struct {
	Seed   uint64
	Shares Shares
	Labels []string     // all that the folder had, in byte order
	Active []SplitClass // those that were chosen, in the same order

	Duplicates Duplicates // what has become of pictures of equal content; "" for keep
}

// SplitClass is the pictures of one label: those of each part in the order of the split.
type SplitClass struct {
	Label    string         `json:"label"`
	Pictures []SplitPicture `json:"pictures"`
}

// SplitPicture is one picture and the part that it belongs to.
type SplitPicture struct {
	Name string `json:"name"`   // as Picture.Name
	Hash Hash   `json:"sha256"` // of the file's content
	Part string `json:"part"`   // one of Parts
}

// Hash is the SHA-256 of a file's content, 64 hexadecimal digits in text.
type Hash [32]byte

// MarshalText writes the digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads the digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("a SHA-256 has %d digits, this one %d", 2*len(h), len(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return fmt.Errorf("a SHA-256 is hexadecimal: %w", err)
	}
	return nil
}

// NewSplitFile describes a split of the folder's pictures, whose contents have the hashes, [N]. The
// folder has only the active labels; labels are those that it had before.
func NewSplitFile(folder *Folder, labels []string, hashes [][32]byte, split Split, seed uint64, shares Shares) (*SplitFile, error) {
	if len(hashes) != len(folder.Pictures) {
		return nil, fmt.Errorf("describe split: %d hashes for %d pictures; give one per picture", len(hashes), len(folder.Pictures))
	}
	f := &SplitFile{Seed: seed, Shares: shares, Labels: labels}
	for _, label := range folder.Labels {
		f.Active = append(f.Active, SplitClass{Label: label})
	}
	for _, part := range Parts {
		pictures, err := split.Part(part)
		if err != nil {
			return nil, err
		}
		for _, i := range pictures {
			if i < 0 || i >= len(folder.Pictures) {
				return nil, fmt.Errorf("describe split: the %s part has picture %d of %d: split the same folder", part, i, len(folder.Pictures))
			}
			p := folder.Pictures[i]
			class := &f.Active[p.Label]
			class.Pictures = append(class.Pictures, SplitPicture{p.Name, hashes[i], part})
		}
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("describe split: %w", err)
	}
	return f, nil
}

// check reports whether the content makes sense: without it an evaluation would silently be of
// something else.
func (f *SplitFile) check() error {
	if err := cmp.Or(f.Shares.Validate(), f.Duplicates.Validate()); err != nil {
		return err
	}
	if err := checkLabels("labels", f.Labels); err != nil {
		return err
	}
	if err := checkLabels("active labels", f.ActiveLabels()); err != nil {
		return err
	}
	for _, class := range f.Active {
		if _, found := slices.BinarySearch(f.Labels, class.Label); !found {
			return fmt.Errorf("label %q is active, but not among all labels", class.Label)
		}
		if err := class.check(); err != nil {
			return fmt.Errorf("label %q: %w", class.Label, err)
		}
	}
	return nil
}

// checkLabels reports whether labels are in byte order, each once, and could be class folders.
func checkLabels(what string, labels []string) error {
	if len(labels) == 0 {
		return fmt.Errorf("it has no %s", what)
	}
	for i, label := range labels {
		if err := CheckLabel(label); err != nil {
			return err
		}
		if i == 0 || labels[i-1] < label {
			continue
		}
		if labels[i-1] == label {
			return fmt.Errorf("label %q stands twice among the %s", label, what)
		}
		return fmt.Errorf("the %s are not sorted: %q comes after %q", what, label, labels[i-1])
	}
	return nil
}

func (c *SplitClass) check() error {
	seen := make(map[string]bool, len(c.Pictures))
	training := false
	for _, p := range c.Pictures {
		if err := CheckPicture(p.Name); err != nil {
			return fmt.Errorf("picture %q: the name %w", p.Name, err)
		}
		if seen[p.Name] {
			return fmt.Errorf("picture %q stands twice", p.Name)
		}
		seen[p.Name] = true
		if !slices.Contains(Parts, p.Part) {
			return fmt.Errorf("picture %q: the part is %q, not one of %s", p.Name, p.Part, strings.Join(Parts, ", "))
		}
		if p.Hash == (Hash{}) {
			return fmt.Errorf("picture %q: its SHA-256 is missing", p.Name)
		}
		training = training || p.Part == "train"
	}
	if !training {
		return errors.New("it has no pictures for training")
	}
	return nil
}

// ActiveLabels returns the labels that were chosen.
func (f *SplitFile) ActiveLabels() []string {
	labels := make([]string, len(f.Active))
	for c, class := range f.Active {
		labels[c] = class.Label
	}
	return labels
}

// Sizes returns how many pictures each of Parts has, in their order.
func (f *SplitFile) Sizes() [3]int {
	var sizes [3]int
	for _, class := range f.Active {
		for part, n := range class.sizes() {
			sizes[part] += n
		}
	}
	return sizes
}

func (c *SplitClass) sizes() [3]int {
	var sizes [3]int
	for _, p := range c.Pictures {
		sizes[slices.Index(Parts, p.Part)]++
	}
	return sizes
}

// CheckPart returns an error when the named part is empty for a class, so that nothing could be
// said about it.
func (f *SplitFile) CheckPart(name string) error {
	part, err := partIndex(name)
	if err != nil {
		return err
	}
	for _, class := range f.Active {
		if class.sizes()[part] == 0 {
			return fmt.Errorf("split: the %s part is empty for class %q; choose another part, or make a split with a larger share of it", name, class.Label)
		}
	}
	return nil
}
