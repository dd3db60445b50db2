package main

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
	"vs/data/progress"
	"vs/data/text"
	"vs/report"
	"vs/report/gallery"
	"vs/report/page"
	"vs/search/evaluation"
)

// maxPagePairs is how many pairs of pictures that are alike a page shows.
const maxPagePairs = 240

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:  "report",
		Usage: "write an evaluation as one HTML page: numbers, plots, mistakes and pictures",
		Description: "Evaluates as vs eval does, then writes index.html. The page holds everything, thumbnails too, loads nothing from a network,\n" +
			"and stays below 15 MB, so that it can be sent to others.\n\n" +
			"Example: vs report --db animals-5m.db --data animals --out animals-report\n" +
			"Example: vs report --model models/tiny_vit_5m_224.pt --model models/tiny_vit_11m_224.pt --data animals --out animals-report",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "`DIR` to write index.html to"},
			&cli.Float64Flag{Name: "threshold", Value: report.DefaultThreshold, Usage: "flag classes whose accuracy is below `A`"},
			openSetFlag(),
			&cli.Float64Flag{Name: "near-duplicates", Value: defaultSimilarity, Usage: "show pairs of pictures whose cosine similarity is `S` or more, up to 1; 0 leaves them out"},
		}, pictureFlags()...),
		Action: writeReport,
	}
}

func writeReport(c *cli.Context) error {
	if err := cmp.Or(checkShare(c, "threshold"), checkShare(c, "near-duplicates")); err != nil {
		return err
	}
	e, err := evaluatePictures(c, "index.html")
	if err != nil {
		return err
	}
	p := &page.Page{
		Title:     "Evaluation of " + filepath.Base(absolute(c.String("data"))),
		Threshold: c.Float64("threshold"),
	}
	for i, s := range e.Sources {
		m, err := pageModel(c.Context, s, e.Evaluations[i])
		if err != nil {
			return err
		}
		p.Models = append(p.Models, m)
	}
	if threshold := c.Float64("near-duplicates"); threshold > 0 {
		s := e.Sources[0]
		if p.Pairs, err = findPairs(c.Context, s.Embeddings, s.Device, threshold, maxPagePairs); err != nil {
			return err
		}
	}
	m, err := evaluation.NewManifest(c.App.Version, e)
	if err != nil {
		return err
	}
	p.Manifest = m.Lines()
	if p.ManifestJSON, err = m.Encode(); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	files, err := p.Files()
	if err != nil {
		return err
	}
	bad, err := addThumbnails(c, p, files)
	if err != nil {
		return err
	}
	path := filepath.Join(c.String("out"), "index.html")
	if err := checkOutputs(c, drawnOutputs("--out", path), filesOf(e)...); err != nil {
		return err
	}
	size, err := writePage(path, p)
	if err != nil {
		return err
	}
	if err := say(c.App.Writer, "%s: %.1f MB", path, float64(size)/1e6); err != nil {
		return err
	}
	return checkBad(c, bad, len(files), "pictures of the page")
}

// pageModel adds to an evaluation what the page shows of the embeddings.
func pageModel(ctx context.Context, s evaluation.Source, e *report.Evaluation) (m page.Model, err error) {
	m = page.Model{Evaluation: e, Files: s.Embeddings.Files()}
	if m.Similarity, err = report.ClassSimilarity(s.Embeddings.Means(), s.Embeddings.Dim); err != nil {
		return m, err
	}
	m.Projection, err = report.PCA(ctx, s.Embeddings.Vectors, s.Embeddings.Dim)
	return m, err
}

// addThumbnails makes the page's pictures, and lists and counts the bad ones.
func addThumbnails(c *cli.Context, p *page.Page, files []string) (badPictures int, err error) {
	task := progress.Begin(c.Context, "thumbnails", "pictures", len(files))
	decode := func(file string, side int) (image.Image, error) {
		defer task.Add(1)
		return gallery.Decode(c.String("data"), file, side)
	}
	thumbnails, bad, err := page.Thumbnails(c.Context, files, decode, workers(c), page.ThumbnailBudget)
	task.End()
	if err != nil {
		return 0, err
	}
	for _, b := range bad {
		listBad(c, b.File, b.Err)
	}
	if left := len(files) - len(thumbnails) - len(bad); left > 0 {
		remark(c, "left out: thumbnails of %s, for which the page has no room", text.Count(left, "picture"))
	}
	p.Thumbnails = thumbnails
	return len(bad), nil
}

// writePage puts the page in place of the file at once, so that there is never half a page. It
// returns the size.
func writePage(path string, p *page.Page) (size int64, err error) {
	if err := atomicfile.Write(path, func(w io.Writer) error { return page.Write(w, p) }); err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	return info.Size(), nil
}
