package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vs/report"
	"vs/report/gallery"
)

// maxSheetSide bounds the rows and columns of a sheet: a sheet of as many tiles takes half a gigabyte.
const maxSheetSide = 20

func galleryCommand() *cli.Command {
	return &cli.Command{
		Name:  "gallery",
		Usage: "draw sheets of pictures with their labels and predictions: random ones, and the worst mistakes",
		Description: "Evaluates as vs eval does, then writes random.png, pictures of the first run drawn with the seed, and mistakes.png, the\n" +
			"pictures that are most more similar to a wrong class than to their own. Mistakes show what a model cannot tell apart, and\n" +
			"which pictures have a wrong label.\n\n" +
			"Example: vs gallery --db animals.db --data animals --out sheets",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`DIR` to write the sheets to"},
			&cli.IntFlag{Name: "rows", Value: 2, Usage: "rows of pictures on a sheet"},
			&cli.IntFlag{Name: "cols", Value: 3, Usage: "pictures in a row"},
		}, pictureFlags()...),
		Action: drawGallery,
	}
}

func drawGallery(c *cli.Context) error {
	for _, name := range []string{"rows", "cols"} {
		if n := c.Int(name); n < 1 || n > maxSheetSide {
			return usagef("--%s %d: use 1 to %d", name, n, maxSheetSide)
		}
	}
	e, err := evaluatePictures(c)
	if err != nil {
		return err
	}
	g := sheets{c: c, dir: c.String("data"), out: c.String("out"), bad: map[string]bool{}, shown: map[string]bool{}}
	for i, prefix := range sheetPrefixes(e.evaluations) {
		if err := g.draw(e.evaluations[i], prefix); err != nil {
			return err
		}
	}
	return checkBad(c, len(g.bad), len(g.shown), "pictures on the sheets")
}

// sheets draws sheets and remembers which pictures are on them.
type sheets struct {
	c          *cli.Context
	dir, out   string
	shown, bad map[string]bool
}

// draw draws the sheets of one evaluation; their names begin with a prefix.
func (g *sheets) draw(e *report.Evaluation, prefix string) error {
	room := g.c.Int("rows") * g.c.Int("cols")
	seed := g.c.Uint64("seed")

	random := gallery.Random(e, room, seed)
	what := fmt.Sprintf("%d random pictures of the first run, seed %d", len(random), seed)
	if err := g.sheet(filepath.Join(g.out, prefix+"random.png"), random, e.Model+": random pictures", what); err != nil {
		return err
	}

	path := filepath.Join(g.out, prefix+"mistakes.png")
	worst, total := gallery.Mistakes(e, room)
	runs := "in the run"
	if n := len(e.Runs); n > 1 {
		runs = fmt.Sprintf("in at least one of %d runs", n)
	}
	if total == 0 {
		return g.noMistakes(path, runs)
	}
	what = fmt.Sprintf("the worst %d of %d pictures that are wrong %s", len(worst), total, runs)
	if len(worst) == total {
		what = fmt.Sprintf("all pictures that are wrong %s: %d", runs, total)
	}
	return g.sheet(path, worst, e.Model+": mistakes", what)
}

// noMistakes removes the sheet of an earlier evaluation, which would be taken for this one's.
func (g *sheets) noMistakes(path, runs string) error {
	err := os.Remove(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		_, err = fmt.Fprintf(g.c.App.Writer, "%s: not written, no picture is wrong %s\n", path, runs)
	case err == nil:
		_, err = fmt.Fprintf(g.c.App.Writer, "%s: removed, no picture is wrong %s\n", path, runs)
	default:
		err = fmt.Errorf("remove the sheet of an earlier evaluation: %w", err)
	}
	return err
}

func (g *sheets) sheet(path string, pictures []gallery.Picture, title, what string) error {
	tiles, err := gallery.Load(g.c.Context, g.dir, pictures, workers(g.c))
	if err != nil {
		return err
	}
	for _, t := range tiles {
		g.shown[t.File] = true
		if t.Err != nil && !g.bad[t.File] {
			g.bad[t.File] = true
			listBad(g.c, t.File, t.Err)
		}
	}
	m := gallery.Sheet(tiles, gallery.Options{Rows: g.c.Int("rows"), Cols: g.c.Int("cols"), Title: title, Subtitle: what})
	if err := gallery.WritePNG(path, m); err != nil {
		return err
	}
	_, err = fmt.Fprintf(g.c.App.Writer, "%s: %s\n", path, what)
	return err
}

// sheetPrefixes begin the names of the sheets: nothing for one evaluation, "MODEL." for several.
func sheetPrefixes(evaluations []*report.Evaluation) []string {
	if len(evaluations) == 1 {
		return []string{""}
	}
	prefixes := report.FileNames(evaluations)
	for i := range prefixes {
		prefixes[i] += "."
	}
	return prefixes
}
