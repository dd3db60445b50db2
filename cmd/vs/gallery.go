package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
	"vs/report"
	"vs/report/gallery"
)

// maxSheetSide bounds the rows and columns of a sheet: a sheet of as many tiles takes half a
// gigabyte.
const maxSheetSide = 20

func galleryCommand() *cli.Command {
	return &cli.Command{
		Name:  "gallery",
		Usage: "draw sheets of random pictures and of the worst mistakes",
		Description: "Evaluates as vs eval does, then writes random.png, pictures of the first run drawn with the seed, and mistakes.png, the\n" +
			"pictures whose wrong class beats their own by the largest margin. Mistakes show what a model cannot tell apart, and\n" +
			"which pictures have a wrong label.\n\n" +
			"Example: vs gallery --db animals.db --data animals --out sheets",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`DIR` to write the sheets to"},
			&cli.IntFlag{Name: "rows", Value: 2, Usage: "put `N` rows of pictures on a sheet"},
			&cli.IntFlag{Name: "cols", Value: 3, Usage: "put `N` pictures in a row"},
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
	var known []string
	if len(c.StringSlice("db"))+len(c.StringSlice("model")) == 1 {
		known = []string{"random.png", "mistakes.png"}
	}
	e, err := evaluatePictures(c, known...)
	if err != nil {
		return err
	}
	g := sheets{
		c: c, dir: c.String("data"), out: c.String("out"), bad: map[string]bool{}, shown: map[string]bool{},
		files: atomicfile.NewGroup(c.Context),
	}
	defer g.files.Discard()
	for i, prefix := range sheetPrefixes(e.Evaluations) {
		if err := g.draw(e.Evaluations[i], prefix); err != nil {
			return err
		}
	}
	if err := commit(c, g.files, drawnOutputs("--out", g.files.Paths()...), filesOf(e)...); err != nil {
		return err
	}
	for _, line := range g.lines {
		if err := say(c.App.Writer, "%s", line); err != nil {
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
	files      *atomicfile.Group
	lines      []string // that say what was written, once it is
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
		g.noMistakes(path, runs)
		return nil
	}
	what = fmt.Sprintf("the worst %d of %d pictures that are wrong %s", len(worst), total, runs)
	if len(worst) == total {
		what = fmt.Sprintf("all pictures that are wrong %s: %d", runs, total)
	}
	return g.sheet(path, worst, e.Model+": mistakes", what)
}

// noMistakes removes the sheet of an earlier evaluation, which would be taken for this one's.
func (g *sheets) noMistakes(path, runs string) {
	what := "not written"
	if _, err := os.Lstat(path); err == nil {
		what = "removed"
		g.files.Remove(path)
	}
	g.lines = append(g.lines, fmt.Sprintf("%s: %s, no picture is wrong %s", path, what, runs))
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
	if err := g.files.Add(path, func(w io.Writer) error { return gallery.WritePNG(w, m) }); err != nil {
		return err
	}
	g.lines = append(g.lines, path+": "+what)
	return nil
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
