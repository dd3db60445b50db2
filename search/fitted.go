package search

import (
	"context"
	"fmt"

	"vs/data"
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
	return fitted, labels, x.Pictures(), err
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
	return examplesOf(set, set.Classes(), data.Indices(len(set.Names))), nil
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
	x := examplesOf(chosen, class, data.Indices(len(class)))
	x.Classes, x.Sums, x.Counts = len(sums.Labels), sums.Sums, sums.Counts
	return x
}

// HeadIndex answers by a head.
func HeadIndex(h *head.Head, device torch.Device) (*Index, error) {
	linear, err := h.Linear()
	if err != nil {
		return nil, fmt.Errorf("make index: %w", err)
	}
	return &Index{
		labels: h.Labels, dim: h.Model.EmbeddingDim, device: device, method: Method{Classifier: h.Spec}, linear: linear,
		calibrated: calibrationOf(linear),
	}, nil
}

// fittedIndex answers by a classifier that is fitted to all pictures of a database.
func fittedIndex(ctx context.Context, db *database.DB, state *database.State, device torch.Device, m Method, c *cache) (*Index, error) {
	if h := c.findHead(state); h != nil {
		return HeadIndex(h, device)
	}
	h, digest, err := train(ctx, db, device, m.Classifier)
	if err != nil {
		return nil, err
	}
	if digest != "" {
		c.keepHead(digest, h)
	}
	return HeadIndex(h, device)
}
