package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"vs/data"
)

func nestedFlag() cli.Flag {
	return &cli.BoolFlag{Name: "nested", Usage: "also take pictures in folders below class folders, at any depth, as torchvision's ImageFolder does"}
}

// openFolder lists the class folders that --data names.
func openFolder(c *cli.Context) (*data.Folder, error) {
	return data.OpenFolder(c.String("data"), data.Nested(c.Bool("nested")))
}

// remarkOnFolder says what was left out of a folder, and which of its labels look like others, be
// they its own or those that a database has already.
func remarkOnFolder(c *cli.Context, folder *data.Folder, stored ...string) {
	for _, line := range folder.LeftOut.Remarks(folder.Dir) {
		remark(c, "%s", line)
	}
	labels := slices.Concat(folder.Labels, stored)
	slices.Sort(labels)
	for _, similar := range data.SimilarLabels(labels) {
		if slices.ContainsFunc(similar, func(label string) bool { return slices.Contains(folder.Labels, label) }) {
			remark(c, "labels %+q differ only in case or Unicode normalisation; if they are one class, give them one name", similar)
		}
	}
}
