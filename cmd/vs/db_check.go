package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"vs/report"
	"vs/search/database"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "check a database for damage",
		Description: "It lists what is wrong, one problem a line, and ends with code 1 if anything is. It changes nothing.\n" +
			"Pictures of equal content are counted; they are not damage.\n\n" +
			"Example: vs db verify --db animals-5m.db",
		Flags:  []cli.Flag{dbFlag()},
		Action: func(c *cli.Context) error { return readDB(c, func(db *database.DB) error { return verify(c, db) }) },
	}
}

func verify(c *cli.Context, db *database.DB) error {
	found, err := db.Verify(c.Context)
	for _, problem := range found.Problems {
		if err := say(c.App.Writer, "%s", problem); err != nil {
			return err
		}
	}
	switch n := len(found.Problems); {
	case err != nil:
		return err
	case n > 0:
		return fmt.Errorf("verify database %s: it is damaged (problems: %d); restore the file from a copy, or make it again with vs encode", db.Path(), n)
	}
	if err := done(c, nil, "verified: %s", contents(found.Classes, found.Pictures)); err != nil {
		return err
	}
	if found.Classes > 0 {
		labels, err := labelsOf(c.Context, db)
		if err != nil {
			return err
		}
		remarkOnLabels(c, labels, nil)
	}
	if log := logNote(db); log != "" {
		if err := done(c, nil, "write-ahead log: %s", log); err != nil {
			return err
		}
	}
	if n := found.Duplicates; n.Within+n.Across > 0 {
		return done(c, nil, "%s; vs db duplicates lists them", report.EqualContents(n.Within, n.Across))
	}
	return nil
}

func vacuumCommand() *cli.Command {
	return &cli.Command{
		Name:  "vacuum",
		Usage: "return the space of removed classes and pictures to the disk",
		Description: "It rewrites the file, and needs as much free space again meanwhile.\n\n" +
			"Example: vs db vacuum --db animals-5m.db",
		Flags: []cli.Flag{dbFlag()},
		Action: func(c *cli.Context) error {
			return changeDB(c, func(db *database.DB) error {
				before, after, err := db.Vacuum(c.Context)
				return done(c, err, "vacuumed: %s before, %s after", megabytes(before), megabytes(after))
			})
		},
	}
}
