package main

import (
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/search/database"
)

func nestedFlag() cli.Flag {
	return &cli.BoolFlag{Name: "nested", Usage: "take pictures in folders below class folders too, at any depth, as torchvision's ImageFolder does"}
}

// openFolder lists the class folders that --data names.
func openFolder(c *cli.Context) (*data.Folder, error) {
	return data.OpenFolder(c.String("data"), data.Nested(c.Bool("nested")))
}

// remarkOnFolder says what was left out of a folder, and which of its labels look like others, its
// own or those of a database.
func remarkOnFolder(c *cli.Context, folder *data.Folder, stored ...string) {
	for _, line := range folder.LeftOut.Remarks(folder.Dir) {
		remark(c, "%s", line)
	}
	remarkOnLabels(c, folder.Labels, stored)
}

// labelsOf returns the labels of a database.
func labelsOf(ctx context.Context, db *database.DB) ([]string, error) {
	classes, err := db.Classes(ctx)
	labels := make([]string, 0, len(classes))
	for _, class := range classes {
		labels = append(labels, class.Label)
	}
	return labels, err
}

// remarkOnStored says, after a change of a database, which of some labels look like others of it.
// The change has been made, and an interrupt must not claim otherwise.
func remarkOnStored(c *cli.Context, db *database.DB, labels ...string) error {
	stored, err := labelsOf(context.WithoutCancel(c.Context), db)
	if err == nil {
		remarkOnLabels(c, labels, stored)
	}
	return err
}

// remarkOnLabels says which labels look like others, whether their own or those of others.
func remarkOnLabels(c *cli.Context, labels, others []string) {
	all := slices.Concat(labels, others)
	slices.Sort(all)
	for _, similar := range data.SimilarLabels(slices.Compact(all)) {
		if slices.ContainsFunc(similar, func(label string) bool { return slices.Contains(labels, label) }) {
			remark(c, "labels %+q differ only in case or Unicode normalisation; if they are one class, give them one name", similar)
		}
	}
}
