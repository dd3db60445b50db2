package main

import (
	"cmp"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/report"
	"vs/search/database"
)

func addCommand() *cli.Command {
	return &cli.Command{
		Name:  "add",
		Usage: "add classes, or pictures of classes, to a database; only new pictures are embedded",
		Description: "DIR holds one folder of pictures per class, or with --label the pictures of one class. What else the database has\n" +
			"stays, except a picture of the same class and name, which is replaced. The model and the\n" +
			"augmentation must be those of the database, and need not be given.\n\n" +
			"Example: vs db add --db animals-5m.db --data more-animals\n" +
			"Example: vs db add --db animals-5m.db --data photos --label lynx",
		Flags: append([]cli.Flag{
			dbFlag(),
			modelFlag(),
			&cli.StringFlag{Name: "data", Usage: "`DIR` with one folder of pictures per class, or with --label the pictures of one class"},
			&cli.StringFlag{Name: "label", Usage: "class `NAME` of the pictures, which lie directly in DIR"},
			nestedFlag(),
			maxBadShareFlag(),
		}, append(augmentFlags(), runFlags()...)...),
		Action: add,
	}
}

func add(c *cli.Context) error {
	if err := cmp.Or(needFlag(c, "data", "db"), checkAugmentFlags(c), checkRunFlags(c)); err != nil {
		return err
	}
	if c.IsSet("label") {
		if err := data.CheckLabel(c.String("label")); err != nil {
			return usageError{err}
		}
	}
	return changeDB(c, func(db *database.DB) error { return addTo(c, db) })
}

func addTo(c *cli.Context, db *database.DB) error {
	start := time.Now()
	var folder *data.Folder
	var err error
	if c.IsSet("label") {
		folder, err = data.OpenClass(c.String("data"), c.String("label"), data.Nested(c.Bool("nested")))
	} else {
		folder, err = openFolder(c)
	}
	if err != nil {
		return err
	}
	model, err := modelFor(c, db)
	if err != nil {
		return err
	}
	e, err := loadOnlyModel(c, model)
	if err != nil {
		return err
	}
	defer e.Close()
	// Unlike encode, a class is not added to a database of nothing.
	if err := db.Check(c.Context, modelOf(e)); err != nil {
		return err
	}
	stored, err := labelsOf(c.Context, db)
	if err != nil {
		return err
	}
	remarkOnFolder(c, folder, stored...)
	ingestStart := time.Now()
	done, err := embedFolder(c, db, folder, e, augmentationGiven(c), computeOf(c))
	if err != nil && !errors.Is(err, data.ErrBadPictures) {
		return err
	}
	tooManyBad := err
	if err := countPictures(c, db, e.Device()); err != nil {
		return err
	}
	done.Absent = 0 // the other classes are meant to be elsewhere
	summary := encodeSummary(folder, e, done, time.Since(start), time.Since(ingestStart))
	return cmp.Or(report.WriteSummary(c.App.Writer, summary), tooManyBad, noneOf(folder, done))
}
