package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"vs/data/atomicfile"
	"vs/data/progress"
	"vs/search/classifier"
	"vs/search/database"
	"vs/search/head"
	"vs/torch"
)

// CountPictures brings the sums that classifiers are made of up to date in a database, computing
// products on a device. They are exact, so any number of threads may compute them.
func CountPictures(ctx context.Context, db *database.DB, device torch.Device) error {
	return db.CountPictures(ctx, classifier.Multiply(device))
}

// Train fits a classifier to all pictures of a database. Where the sums of the features are enough
// it reads these, and few pictures.
func Train(ctx context.Context, db *database.DB, device torch.Device, spec classifier.Spec) (*head.Head, error) {
	h, digest, err := train(ctx, db, device, spec)
	if err == nil && digest == "" {
		return nil, fmt.Errorf("train on database %s: another process is changing it; try again", db.Path())
	}
	return h, err
}

// train is Train with the digest of the database's state, which is "" where that has changed
// meanwhile.
func train(ctx context.Context, db *database.DB, device torch.Device, spec classifier.Spec) (h *head.Head, digest string, err error) {
	before, err := db.State(ctx)
	if err != nil {
		return nil, "", err
	}
	fitted, labels, pictures, err := fitDatabase(ctx, db, device, spec)
	if err != nil {
		return nil, "", err
	}
	after, err := db.State(ctx)
	if err == nil && after.Digest == before.Digest {
		digest = before.Digest
	}
	return head.New(spec, fitted, labels, before, pictures), digest, err
}

// TrainSplit fits a classifier to the training part of a split of a database's pictures, which are
// those of a set.
func TrainSplit(ctx context.Context, state *database.State, set *database.Embeddings, training []int, device torch.Device, spec classifier.Spec) (*head.Head, error) {
	var fitted *classifier.Linear
	err := alone(func() (err error) {
		task := progress.Begin(ctx, "fitting "+spec.String(), "", progress.Unknown)
		defer task.End()
		fitted, err = spec.Fit(ctx, device, examplesOf(set, set.Classes(), training))
		return err
	})
	if err != nil {
		return nil, err
	}
	return head.New(spec, fitted, set.Labels, state, len(training)), nil
}

// fitDatabase fits a classifier to all pictures of a database.
func fitDatabase(ctx context.Context, db *database.DB, device torch.Device, spec classifier.Spec) (fitted *classifier.Linear, labels []string, pictures int, err error) {
	x, err := examplesIn(ctx, db, device, spec, &labels)
	if err != nil {
		return nil, nil, 0, err
	}
	err = alone(func() (err error) {
		task := progress.Begin(ctx, "fitting "+spec.String(), "", progress.Unknown)
		defer task.End()
		fitted, err = spec.Fit(ctx, device, x)
		return err
	})
	return fitted, labels, x.Size(), err
}

// examplesIn reads what a classifier is fitted to: sums, or all pictures.
func examplesIn(ctx context.Context, db *database.DB, device torch.Device, spec classifier.Spec, labels *[]string) (*classifier.Examples, error) {
	if spec.OfSums() {
		sums, err := db.LoadSums(ctx, classifier.Multiply(device), classifier.HeldOut)
		if err != nil {
			return nil, err
		}
		if sums != nil {
			*labels = sums.Labels
			return examplesOfSums(sums), nil
		}
	}
	set, err := db.Load(ctx)
	if err != nil {
		return nil, err
	}
	if len(set.Labels) == 0 {
		return nil, fmt.Errorf("database %s: it has no classes; fill it with: vs encode", db.Path())
	}
	*labels = set.Labels
	return examplesOf(set, set.Classes(), numbersTo(len(set.Names))), nil
}

// examplesOfSums are the sums of all pictures with the pictures that parameters are chosen by.
func examplesOfSums(sums *database.Sums) *classifier.Examples {
	place := make(map[string]int)
	for c, label := range sums.Labels {
		place[label] = c
	}
	chosen := sums.Chosen
	var class []int // of the chosen pictures, among all classes
	for _, c := range chosen.Classes() {
		class = append(class, place[chosen.Labels[c]])
	}
	chosen.Dim = sums.Dim
	x := examplesOf(chosen, class, numbersTo(len(class)))
	x.Classes, x.Sums, x.Counts = len(sums.Labels), sums.Sums, sums.Counts
	return x
}

// HeadIndex answers by a head.
func HeadIndex(h *head.Head, device torch.Device) (*Index, error) {
	linear, err := h.Linear()
	if err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	return &Index{labels: h.Labels, dim: h.Model.EmbeddingDim, device: device, method: Method{Classifier: h.Spec}, linear: linear}, nil
}

// FittedIndex answers by a classifier that is fitted to all pictures of a database. A folder keeps
// what was fitted, one file for each database and classifier, as long as the classes stay as they
// are; "" keeps nothing. A folder that cannot be read or written costs time and no more.
func FittedIndex(ctx context.Context, db *database.DB, device torch.Device, m Method, folder string) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	state, err := db.State(ctx)
	if err != nil {
		return nil, err
	}
	c, err := newCache(folder, db, m.Classifier, device)
	if err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	if h := c.find(state); h != nil {
		return HeadIndex(h, device)
	}
	h, digest, err := train(ctx, db, device, m.Classifier)
	if err != nil {
		return nil, err
	}
	if digest != "" {
		c.keep(digest, h)
	}
	return HeadIndex(h, device)
}

// cache keeps the head that a classifier of a database was last.
type cache struct {
	path string // of the file, "" to keep nothing
	what string // the classifier, and what computes it
}

// cacheVersion changes when another version of this program fits other classifiers to the same
// pictures.
const cacheVersion = 2

func newCache(folder string, db *database.DB, spec classifier.Spec, device torch.Device) (*cache, error) {
	text, err := json.Marshal(spec)
	if err != nil || folder == "" {
		return &cache{}, err
	}
	path := db.Path()
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	what := fmt.Sprintf("%s %d %d", text, device.Type, cacheVersion)
	name := sha256.Sum256(fmt.Appendf(nil, "%q %s", path, what))
	return &cache{filepath.Join(folder, hex.EncodeToString(name[:12])+".head"), what}, nil
}

// key is what a head is the answer to.
func (c *cache) key(digest string) string {
	sum := sha256.Sum256([]byte(digest + " " + c.what))
	return hex.EncodeToString(sum[:])
}

// find returns the head of a state, nil if it is not there or cannot be read.
func (c *cache) find(state *database.State) *head.Head {
	if c.path == "" {
		return nil
	}
	h, err := head.Open(c.path)
	if err != nil || h.Key != c.key(state.Digest) || !slices.Equal(h.Labels, state.Labels()) || h.CheckModel(state.Model) != nil {
		return nil
	}
	return h
}

// keep writes a head if it can. Its loss is a matter of time only.
func (c *cache) keep(digest string, h *head.Head) {
	if c.path == "" || os.MkdirAll(filepath.Dir(c.path), 0o755) != nil {
		return
	}
	h.Key = c.key(digest)
	_ = atomicfile.Write(c.path, func(w io.Writer) error { return head.Write(w, h) })
}
