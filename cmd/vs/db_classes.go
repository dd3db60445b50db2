package main

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"vs/report"
	"vs/search"
	"vs/search/database"
)

func classesCommand() *cli.Command {
	return &cli.Command{
		Name:  "classes",
		Usage: "list the classes, each with its most similar class",
		Description: "The similarity is that of the two classes' mean embeddings: their cosine, at most 1.\n\n" +
			"Example: vs db classes --db animals-5m.db",
		Flags: []cli.Flag{
			dbFlag(),
			formatFlag("table", "markdown", "csv", "json"),
			csvSafeFlag(),
		},
		Action: classes,
	}
}

func classes(c *cli.Context) error {
	if err := cmp.Or(needFlag(c, "db"), checkCSVSafe(c)); err != nil {
		return err
	}
	var found []database.Class
	err := readDB(c, func(db *database.DB) (err error) {
		found, err = db.Classes(c.Context)
		return err
	})
	if err != nil {
		return err
	}
	similar, err := search.SimilarClasses(c.Context, found)
	if err != nil {
		return err
	}
	all := make([]report.DatabaseClass, len(found))
	for i, class := range found {
		all[i] = report.DatabaseClass{Label: class.Label, Pictures: class.Pictures, Updated: class.Updated}
		if hit := similar[i]; hit != nil {
			all[i].Nearest = &report.Candidate{Label: hit.Label, Score: hit.Score}
		}
	}
	switch out := c.App.Writer; c.String("format") {
	case "markdown":
		return report.WriteDatabaseClassesTable(out, all, report.Markdown)
	case "csv":
		return report.WriteDatabaseClassesCSV(csvOut(c), all)
	case "json":
		return report.WriteDatabaseClassesJSON(out, all)
	default:
		return report.WriteDatabaseClassesTable(out, all, tableFormat(c))
	}
}
