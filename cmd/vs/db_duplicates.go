package main

import (
	"cmp"
	"context"

	"github.com/urfave/cli/v2"

	"vs/data/text"
	"vs/report"
	"vs/search"
	"vs/search/database"
	"vs/torch"
)

// defaultSimilarity is where pictures begin to be near duplicates: the same scene, seldom the same
// kind of thing.
const defaultSimilarity = 0.98

func duplicatesCommand() *cli.Command {
	return &cli.Command{
		Name:  "duplicates",
		Usage: "list equal and similar pictures, those of different classes first",
		Description: "Pictures are equal if their files have the same content, and alike if the cosine similarity of their embeddings is\n" +
			"--similarity or more. How alike different pictures are depends on the model: raise it where the list is of no use.\n\n" +
			"Example: vs db duplicates --db animals-5m.db\n" +
			"Example: vs db duplicates --db animals-5m.db --similarity 0.95 --format csv > alike.csv",
		Flags: []cli.Flag{
			dbFlag(),
			&cli.Float64Flag{Name: "similarity", Value: defaultSimilarity, Usage: "cosine similarity `S` from which pictures are alike, above 0 and up to 1; 1 lists little more than equal ones"},
			&cli.IntFlag{Name: "limit", Value: 1000, Usage: "list at most `N` pairs"},
			formatFlag("table", "markdown", "csv", "json"),
			csvSafeFlag(),
			deviceFlag(),
			&cli.BoolFlag{Name: "quiet", Usage: "no remarks on stderr, only errors"},
		},
		Action: duplicates,
	}
}

func duplicates(c *cli.Context) error {
	if err := cmp.Or(needFlag(c, "db"), checkSimilarity(c, "similarity"), checkCSVSafe(c)); err != nil {
		return err
	}
	if n := c.Int("limit"); n < 1 {
		return usagef("--limit %d: use at least 1", n)
	}
	var set *database.Embeddings
	err := readDB(c, func(db *database.DB) (err error) {
		set, err = db.Load(c.Context)
		return err
	})
	if err != nil {
		return err
	}
	device, err := chooseDevice(c)
	if err != nil {
		return err
	}
	pairs, err := findPairs(c.Context, set, device, c.Float64("similarity"), c.Int("limit"))
	if err != nil {
		return err
	}
	switch out := c.App.Writer; c.String("format") {
	case "markdown":
		return report.WritePairsTable(out, pairs, report.Markdown)
	case "csv":
		err = report.WritePairsCSV(csvOut(c), pairs)
	case "json":
		err = report.WritePairsJSON(out, pairs)
	default:
		return report.WritePairsTable(out, pairs, tableFormat(c))
	}
	if n := pairs.Total - len(pairs.Pairs); n > 0 && err == nil {
		remark(c, "left out: %s beyond --limit", text.Count(n, "pair"))
	}
	return err
}

func checkSimilarity(c *cli.Context, name string) error {
	if x := c.Float64(name); !(x > 0 && x <= 1) {
		return usagef("--%s %v: use a value above 0 and up to 1", name, x)
	}
	return nil
}

// findPairs finds pairs of pictures and names them.
func findPairs(ctx context.Context, set *database.Embeddings, device torch.Device, threshold float64, limit int) (*report.Pairs, error) {
	found, err := search.FindSimilarPictures(ctx, set, device, threshold, limit)
	if err != nil {
		return nil, err
	}
	pairs := &report.Pairs{Threshold: threshold, Across: found.Across, Total: found.Total}
	files := set.Files()
	for _, p := range found.Pairs {
		pairs.Pairs = append(pairs.Pairs, report.Pair{
			First: files[p.First], Second: files[p.Second], Similarity: p.Similarity, Equal: p.Equal, Across: p.Across,
		})
	}
	return pairs, nil
}
