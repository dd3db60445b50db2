package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"vs/data/text"
	"vs/report"
	"vs/search/database"
)

func dbCommand() *cli.Command {
	command := &cli.Command{
		Name:      "db",
		Usage:     "show, change and check a database",
		ArgsUsage: "COMMAND",
		Description: "Classes can be added, removed, renamed and merged at any time; no other class changes by it. A change is made whole or\n" +
			"not at all, even if the program is killed.\n\n" +
			"Example: vs db classes --db animals-5m.db",
		Subcommands: []*cli.Command{
			infoCommand(), classesCommand(), addCommand(), removeCommand(), renameCommand(), mergeCommand(), exportCommand(), importCommand(),
			duplicatesCommand(), verifyCommand(), vacuumCommand(), backupCommand(),
		},
		Action: cli.ShowSubcommandHelp,
	}
	for _, sub := range command.Subcommands {
		finish(sub)
	}
	return command
}

func dbFlag() cli.Flag {
	return &cli.StringFlag{Name: "db", Usage: "database `FILE` made by vs encode"}
}

// readDB opens the database that --db names for reading and calls f.
func readDB(c *cli.Context, f func(db *database.DB) error) error {
	return withDB(c, database.OpenReadOnly, f)
}

// changeDB opens the database that --db names for writing and calls f.
func changeDB(c *cli.Context, f func(db *database.DB) error) error {
	return withDB(c, database.Open, f)
}

func withDB(c *cli.Context, open func(ctx context.Context, path string) (*database.DB, error), f func(db *database.DB) error) (err error) {
	if err := needFlag(c, "db"); err != nil {
		return err
	}
	db, err := open(c.Context, c.String("db"))
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	return f(db)
}

func infoCommand() *cli.Command {
	return &cli.Command{
		Name:        "info",
		Usage:       "show what a database holds",
		Description: "Example: vs db info --db animals-5m.db",
		Flags:       []cli.Flag{dbFlag()},
		Action:      func(c *cli.Context) error { return readDB(c, func(db *database.DB) error { return info(c, db) }) },
	}
}

func info(c *cli.Context, db *database.DB) error {
	i, err := db.Info(c.Context)
	if err != nil {
		return err
	}
	pairs := [][2]string{
		{"model", i.Model.Name},
		{"SHA-256 of the model file", i.Model.Hash},
		{"model file, last", cmp.Or(i.ModelFile, "unknown")},
		{"transform", i.Model.Recipe},
		{"augmentation", cmp.Or(i.Augmentation.String(), "none")},
		{"embedding size", fmt.Sprint(i.Model.EmbeddingDim)},
		{"classes", fmt.Sprint(i.Classes)},
		{"pictures", fmt.Sprint(i.Pictures)},
		{"file size", megabytes(i.Bytes)},
		{"schema version", fmt.Sprint(i.Schema)},
	}
	for _, d := range i.Decoders {
		pairs = append(pairs, [2]string{"decoded by", d.Library + " " + d.Version})
	}
	remarkOnDecoders(c, i.Decoders)
	if log := logNote(db); log != "" {
		pairs = append(pairs, [2]string{"write-ahead log", log})
	}
	return report.WriteSummary(c.App.Writer, pairs)
}

// logNote says what the write-ahead log beside a database means, and nothing where there is none.
func logNote(db *database.DB) string {
	size := db.LogSize()
	if size == 0 {
		return ""
	}
	return fmt.Sprintf("%s in %s-wal belong to the file: a command writes, or was killed, and the next one that may write folds them in; copy with vs db backup",
		megabytes(size), db.Path())
}

// contents counts what a database has, or what a change concerns.
func contents(classes, pictures int) string {
	return text.Count(classes, "class", "classes") + ", " + text.Count(pictures, "picture")
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }
