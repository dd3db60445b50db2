package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"vs/data"
	"vs/data/atomicfile"
	"vs/report"
	"vs/search"
	"vs/search/classifier"
	"vs/search/database"
	"vs/search/head"
	"vs/torch"
)

func trainCommand() *cli.Command {
	return &cli.Command{
		Name:  "train",
		Usage: "fit a classifier to a database and keep it as a head",
		Description: "The head holds the weights, the labels, the parameters that were chosen, and what it was made of: the model, the\n" +
			"classes and their state. vs query --head answers by it, and says if the database has changed since; vs inspect\n" +
			"describes it. With --split only the pictures of one part are used. The encoder stays as it is. Where FILE can be\n" +
			"written, train keeps the sums of features in it that classifiers are made of.\n\n" +
			"Example: vs train --db animals-5m.db --classifier lda --out animals.head\n" +
			"         vs query --db animals-5m.db --head animals.head photo.jpg",
		Flags: append([]cli.Flag{
			dbFlag(),
			&cli.StringFlag{Name: "split", Usage: "fit to one part of the split in `FILE`, which vs split made"},
			oneOf("part", "`PART` of the split to fit to", "train", "valid", "test"),
			&cli.Uint64Flag{Name: "seed", Value: 17, Usage: "seed the random generator of --projections with `S`"},
			&cli.StringFlag{Name: "out", Usage: "head `FILE` to write"},
			forceFlag(),
			deviceFlag(),
			&cli.BoolFlag{Name: "quiet", Usage: "print no progress and no remarks on stderr, only errors"},
		}, classifierFlags()...),
		Action: train,
	}
}

func train(c *cli.Context) error {
	if err := needFlag(c, "db", "classifier", "out"); err != nil {
		return err
	}
	method, err := methodOf(c)
	switch {
	case err != nil:
		return err
	case method.Classifier.Kind == "":
		return usagef("train: the class mean needs no head, vs query makes it of the database; choose another --classifier")
	case c.IsSet("part") && !c.IsSet("split"):
		return usagef("train: --part is a part of a --split; name one, or leave it out")
	}
	outputs := headOutputs(c)
	if err := checkOutputs(c, outputs); err != nil {
		return err
	}
	device, err := chooseDevice(c)
	if err != nil {
		return err
	}
	start := time.Now()
	if !c.IsSet("split") && method.Classifier.OfSums() {
		countIfWritable(c, device)
	}
	var h *head.Head
	err = readDB(c, func(db *database.DB) (err error) {
		if c.IsSet("split") {
			h, err = trainOnSplit(c, db, device, method.Classifier)
			return err
		}
		h, err = search.Train(c.Context, db, device, method.Classifier)
		return err
	})
	if err != nil {
		return err
	}
	files := atomicfile.NewGroup(c.Context)
	defer files.Discard()
	if err := files.Add(c.String("out"), func(w io.Writer) error { return head.Write(w, h) }); err != nil {
		return err
	}
	if err := commit(c, files, outputs); err != nil {
		return err
	}
	return report.WriteSummary(c.App.Writer, append(headDescription(h).Pairs(), [][2]string{
		{"head file", c.String("out")},
		{"duration", time.Since(start).Round(10 * time.Millisecond).String()},
	}...))
}

// countIfWritable brings the sums for classifiers in the database up to date if it can be written.
// If not, training takes longer, and that is all.
func countIfWritable(c *cli.Context, device torch.Device) {
	path := c.String("db")
	if unix.Access(path, unix.W_OK) != nil || unix.Access(filepath.Dir(path), unix.W_OK) != nil {
		return
	}
	err := changeDB(c, func(db *database.DB) error { return countPictures(c, db, device) })
	if err != nil {
		remark(c, "the sums for classifiers are not kept: %v", err)
	}
}

// headOutputs is the file that --out names.
func headOutputs(c *cli.Context) []outputFile {
	return []outputFile{{"--out", c.String("out"), "head", head.Is}}
}

// trainOnSplit fits a classifier to a part of the split that --split names.
func trainOnSplit(c *cli.Context, db *database.DB, device torch.Device, spec classifier.Spec) (*head.Head, error) {
	path := c.String("split")
	hash, err := hashFile(path)
	if err != nil {
		return nil, fmt.Errorf("read split: %w", err)
	}
	file, err := data.ReadSplit(path)
	if err != nil {
		return nil, err
	}
	state, err := db.State(c.Context)
	if err != nil {
		return nil, err
	}
	all, err := db.Load(c.Context)
	if err != nil {
		return nil, err
	}
	set, split, unnamed, err := all.Partition(file)
	if err != nil {
		return nil, err
	}
	if unnamed > 0 {
		remark(c, "%d of %d pictures are not in the split and are left out", unnamed, len(all.Names))
	}
	name := c.String("part")
	part, err := split.Part(name)
	if err != nil {
		return nil, err
	}
	h, err := search.TrainSplit(c.Context, state, set, part, device, spec)
	if err != nil {
		return nil, err
	}
	h.Split = &head.Split{SHA256: hash, Part: name}
	return h, nil
}

// headDescription is what people see of a head.
func headDescription(h *head.Head) report.Head {
	s := h.Solution
	d := report.Head{
		Classifier: h.Spec.String(), Kind: h.Spec.Kind, Labels: h.Labels, Pictures: h.Pictures, Part: h.Part(),
		Power: s.Power, Temperature: s.Temperature, Loss: s.Loss,
		Model: h.Model.Name, ModelSHA256: h.Model.Hash, Transform: h.Model.Recipe, Augmentation: h.Augmentation,
		EmbeddingDim: h.Model.EmbeddingDim, Projections: h.Spec.Projections, DatabaseClasses: len(h.Classes),
	}
	for _, class := range h.Classes {
		d.DatabasePictures += class.Pictures
	}
	if h.Spec.Kind == classifier.LDA {
		d.Shrinkage = &s.Parameter
	} else {
		d.Penalty = &s.Parameter
	}
	return d
}

// openHead reads the head that --head names and compares it with the database, if there is one.
func openHead(c *cli.Context, db *database.DB) (*head.Head, error) {
	h, err := head.Open(c.String("head"))
	if err != nil || db == nil {
		return h, err
	}
	state, err := db.State(c.Context)
	if err != nil {
		return nil, err
	}
	if err := h.CheckModel(state.Model); err != nil {
		return nil, fmt.Errorf("head %s, database %s: %w", c.String("head"), db.Path(), err)
	}
	if changes := h.Changes(state); changes != "" {
		remark(c, "head %s: database %s has changed since it was made: %s; vs train makes another", c.String("head"), db.Path(), changes)
	}
	return h, nil
}

// cacheFolder is where query keeps what it has fitted, "" if there is no such place.
func cacheFolder() string {
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "vs", "fitted")
}

// countPictures brings the sums for classifiers up to date after a change of a database. Where
// there is no libtorch, or the command is interrupted, whoever needs them does: the change has been
// made.
func countPictures(c *cli.Context, db *database.DB, device torch.Device) error {
	err := search.CountPictures(c.Context, db, device)
	if errors.Is(err, torch.ErrNoLibrary) || c.Context.Err() != nil {
		return nil
	}
	return err
}
