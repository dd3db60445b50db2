package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
	"vs/encoder"
	"vs/report"
	"vs/search/database"
	"vs/search/exchange"
	"vs/torch"
)

// fileFormatFlag names the formats of files of embeddings.
func fileFormatFlag() cli.Flag {
	var names []string
	for _, f := range exchange.Formats {
		names = append(names, string(f))
	}
	return maybeOneOf("format", "`FORMAT` of the file", "by the file's ending", names...)
}

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write a database's embeddings to a file for other tools",
		ArgsUsage: "OUT",
		Description: "OUT is for pandas (.zip, a CSV file), NumPy (.npy, with the names in OUT.txt), safetensors (.safetensors) or\n" +
			"pandas, Arrow, DuckDB and Spark (.parquet). safetensors and parquet say which model the embeddings are from.\n\n" +
			"Example: vs db export --db animals-5m.db animals.parquet\n" +
			"Example: vs db export --db animals-5m.db --what classes means.zip",
		Flags: []cli.Flag{
			dbFlag(),
			oneOf("what", "`WHAT` is a row of the file, for classes with its mean embedding", string(exchange.Pictures), string(exchange.Classes)),
			fileFormatFlag(),
			forceFlag(),
		},
		Action: exportDB,
	}
}

func importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "read embeddings from a file into a database",
		ArgsUsage: "IN",
		Description: "IN is a file that vs db export writes, or another tool in the same form. Its embeddings must be from the database's\n" +
			"model. All of it is brought in, or nothing.\n\n" +
			"Example: vs db import --db new.db animals.parquet\n" +
			"Example: vs db import --db new.db --model models/tiny_vit_5m_224.pt animals.zip",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db", Usage: "database `FILE`, made if there is none and IN or --model says which model it is for"},
			&cli.StringFlag{Name: "model", Usage: "model of the embeddings: " + modelUsage},
			fileFormatFlag(),
			trustModelFlag(),
			&cli.BoolFlag{Name: "replace", Usage: "replace pictures that the database has under the same name with other content"},
		},
		Action: importDB,
	}
}

// exchangeFile returns the file that the command line names and its format.
func exchangeFile(c *cli.Context) (path string, format exchange.Format, err error) {
	if len(c.Args().Slice()) != 1 {
		return "", "", usagef("%s: name one file; see vs db %s --help", c.Command.Name, c.Command.Name)
	}
	path = c.Args().Slice()[0]
	if !c.IsSet("format") {
		if format, err = exchange.FormatOf(path); err != nil {
			return "", "", usagef("%w; or name the format with --format", err)
		}
		return path, format, nil
	}
	return path, exchange.Format(c.String("format")), nil
}

func exportDB(c *cli.Context) error {
	path, format, err := exchangeFile(c)
	if err = cmp.Or(needFlag(c, "db"), err); err != nil {
		return err
	}
	outputs := tableOutputs("OUT", path, format)
	if err := checkOutputs(c, outputs); err != nil {
		return err
	}
	start := time.Now()
	var table *exchange.Table
	err = readDB(c, func(db *database.DB) (err error) {
		table, err = db.Export(c.Context, exchange.What(c.String("what")))
		return err
	})
	if err != nil {
		return err
	}
	if err := writeTable(c, outputs, path, format, table); err != nil {
		return err
	}
	return report.WriteSummary(c.App.Writer, [][2]string{
		{string(table.What), fmt.Sprint(len(table.Labels))},
		{"embedding size", fmt.Sprint(table.Dim)},
		{"format", string(format)},
		{"duration", time.Since(start).Round(10 * time.Millisecond).String()},
	})
}

// tableOutputs are the files that a table becomes.
func tableOutputs(from, path string, format exchange.Format) []outputFile {
	var files []outputFile
	for _, p := range exchange.Paths(path, format) {
		files = append(files, outputFile{from, p, "file of embeddings in the format " + string(format), func(string) bool {
			return exchange.Written(path, format)
		}})
	}
	return files
}

// writeTable writes a table to the first of some outputs, unless something else has come into their
// places.
func writeTable(c *cli.Context, outputs []outputFile, path string, format exchange.Format, t *exchange.Table) error {
	files := atomicfile.NewGroup(c.Context)
	defer files.Discard()
	if err := exchange.Add(files, path, format, t); err != nil {
		return err
	}
	return commit(c, files, outputs)
}

func importDB(c *cli.Context) error {
	path, format, err := exchangeFile(c)
	if err = cmp.Or(needFlag(c, "db"), err); err != nil {
		return err
	}
	start := time.Now()
	table, err := exchange.Read(path, format)
	if err != nil {
		return err
	}
	options := database.ImportOptions{Replace: c.Bool("replace")}
	if c.IsSet("model") {
		if options.Model, err = modelOfFile(c); err != nil {
			return err
		}
	}
	var done *database.Imported
	err = withDB(c, database.Create, func(db *database.DB) (err error) {
		if done, err = db.Import(c.Context, table, options); err != nil {
			return err
		}
		if err := countPictures(c, db, torch.CPU); err != nil {
			return err
		}
		return remarkOnStored(c, db, table.Labels...)
	})
	if err != nil {
		return err
	}
	return report.WriteSummary(c.App.Writer, [][2]string{
		{string(table.What), fmt.Sprint(len(table.Labels))},
		{"new", fmt.Sprint(done.New)},
		{"replaced", fmt.Sprint(done.Replaced)},
		{"unchanged", fmt.Sprint(done.Unchanged)},
		{"duration", time.Since(start).Round(10 * time.Millisecond).String()},
	})
}

// modelOfFile describes the model that --model names.
func modelOfFile(c *cli.Context) (*database.Model, error) {
	e, err := encoder.Load(c.String("model"), encoder.Options{Device: torch.CPU, Workers: 1, TrustModel: c.Bool("trust-model")})
	if err != nil {
		return nil, err
	}
	m := modelOf(e)
	return &m, e.Close()
}
