package main

import (
	"github.com/urfave/cli/v2"

	"vs/search/database"
)

func backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "copy a database, even while other commands write to it",
		ArgsUsage: "OUT",
		Description: "The copy is the database as it is at one moment, is verified, and appears whole or not at all. To restore it, put it in the\n" +
			"place of FILE when no command uses that, and remove FILE-wal, if there is one.\n\n" +
			"Example: vs db backup --db animals-5m.db animals-5m.backup.db",
		Flags:  []cli.Flag{dbFlag(), forceFlag()},
		Action: backup,
	}
}

func backup(c *cli.Context) error {
	if err := needFlag(c, "db"); err != nil {
		return err
	}
	if len(c.Args().Slice()) != 1 {
		return usagef("backup: name one file; see vs db backup --help")
	}
	path := c.Args().Slice()[0]
	outputs := []outputFile{{"OUT", path, "database", database.IsDatabase}}
	if err := checkOutputs(c, outputs); err != nil {
		return err
	}
	return readDB(c, func(db *database.DB) error {
		found, err := db.Backup(c.Context, path, func() error { return checkOutputs(c, outputs) })
		if err != nil {
			return err
		}
		return done(c, nil, "backed up and verified: %s", contents(found.Classes, found.Pictures))
	})
}
