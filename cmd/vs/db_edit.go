package main

import (
	"github.com/urfave/cli/v2"

	"vs/data/text"
	"vs/search/database"
)

func removeCommand() *cli.Command {
	return &cli.Command{
		Name:      "remove",
		Usage:     "remove classes and their pictures from a database",
		ArgsUsage: "LABEL...",
		Description: "The file keeps its size, and new pictures take the space; vs db vacuum gives it back to the disk.\n\n" +
			"Example: vs db remove --db animals-5m.db lynx bobcat",
		Flags: []cli.Flag{dbFlag()},
		Action: func(c *cli.Context) error {
			if err := checkLabels(c, 1, "name at least one class"); err != nil {
				return err
			}
			return changeDB(c, func(db *database.DB) error {
				n, err := db.Remove(c.Context, c.Args().Slice())
				return done(c, err, "removed: %s", contents(len(c.Args().Slice()), n))
			})
		},
	}
}

func renameCommand() *cli.Command {
	return &cli.Command{
		Name:        "rename",
		Usage:       "give a class another name",
		ArgsUsage:   "OLD NEW",
		Description: "Example: vs db rename --db animals-5m.db lynx bobcat",
		Flags:       []cli.Flag{dbFlag()},
		Action: func(c *cli.Context) error {
			if err := checkLabels(c, 2, "give a class and its new name"); err != nil {
				return err
			}
			if len(c.Args().Slice()) > 2 {
				return usagef("db rename: unexpected argument %q; see vs db rename --help", c.Args().Slice()[2])
			}
			from, to := c.Args().Slice()[0], c.Args().Slice()[1]
			return changeDB(c, func(db *database.DB) error {
				if err := done(c, db.Rename(c.Context, from, to), "renamed: %q is now %q", from, to); err != nil {
					return err
				}
				return remarkOnStored(c, db, to)
			})
		},
	}
}

func mergeCommand() *cli.Command {
	return &cli.Command{
		Name:      "merge",
		Usage:     "merge classes into one",
		ArgsUsage: "LABEL LABEL...",
		Description: "Pictures with equal names get the name of their class in front, see the reference.\n\n" +
			"Example: vs db merge --db animals-5m.db --out cat lynx bobcat",
		Flags: []cli.Flag{dbFlag(), &cli.StringFlag{Name: "out", Usage: "`LABEL` of the whole: new, or one of the classes"}},
		Action: func(c *cli.Context) error {
			if err := checkLabels(c, 2, "name at least two classes"); err != nil {
				return err
			}
			if err := needFlag(c, "out"); err != nil {
				return err
			}
			return changeDB(c, func(db *database.DB) error {
				n, err := db.Merge(c.Context, c.Args().Slice(), c.String("out"))
				if err := done(c, err, "merged: %s into %q, %s", text.Count(c.NArg(), "class", "classes"), c.String("out"), text.Count(n, "picture")); err != nil {
					return err
				}
				return remarkOnStored(c, db, c.String("out"))
			})
		},
	}
}

// done says in a line what was done, unless it failed.
func done(c *cli.Context, err error, format string, args ...any) error {
	if err == nil {
		err = say(c.App.Writer, format, args...)
	}
	return err
}

// checkLabels refuses a command line with fewer labels than needed.
func checkLabels(c *cli.Context, least int, remedy string) error {
	if len(c.Args().Slice()) < least {
		return usagef("%s: %s; see vs %[1]s --help", fullName(c.Command), remedy)
	}
	return nil
}
