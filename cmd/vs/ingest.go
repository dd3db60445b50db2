package main

import (
	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/progress"
	"vs/data/transform"
	"vs/encoder"
	"vs/search/database"
	"vs/search/evaluation"
	"vs/search/ingest"
)

// modelOf describes an encoder to a database.
func modelOf(e *encoder.Encoder) database.Model {
	m := e.Metadata()
	return database.Model{
		Name:         m.ModelName,
		Hash:         e.Hash(),
		Recipe:       e.Recipe(),
		EmbeddingDim: m.EmbeddingDim,
		NumParams:    m.NumParams,
		Metadata:     m.Raw(),
	}
}

// embedFolder brings a folder into a database, with a progress bar, and lists the bad pictures. A
// nil augmentation means that of the database.
func embedFolder(c *cli.Context, db *database.DB, folder *data.Folder, e *encoder.Encoder, a *transform.Augmentation, how evaluation.Compute) (*ingest.Summary, error) {
	keepEmbeddings(c)
	var err error
	if a == nil {
		err = db.Bind(c.Context, modelOf(e))
	} else {
		err = db.BindAugmented(c.Context, modelOf(e), *a)
	}
	if err != nil {
		return nil, err
	}
	db.RememberModelFile(hintOf(e))
	decoders, err := db.Decoders(c.Context)
	if err != nil {
		return nil, err
	}
	remarkOnDecoders(c, decoders)
	task := progress.Begin(c.Context, e.Metadata().ModelName, "pictures", len(folder.Pictures))
	summary, err := ingest.Run(c.Context, db, folder, e, ingest.Options{
		BatchSize:   batchSize(how, e.Device()),
		Workers:     workers(c),
		MaxBadShare: how.MaxBadShare,
		Prune:       c.Bool("prune"),
		Progress:    task.Set,
	})
	task.End()
	for _, bad := range summary.Bad {
		listBad(c, bad.File, bad.Err)
	}
	remarkOnRotated(c, summary, how)
	return summary, err
}

// manyRotated is the share of pictures to be turned from which on a remark is due.
const manyRotated = 0.05

// remarkOnRotated says that many pictures are to be turned, unless they are.
func remarkOnRotated(c *cli.Context, done *ingest.Summary, how evaluation.Compute) {
	if n := done.Rotated; n > 0 && float64(n) >= manyRotated*float64(done.New) && !how.ExifRotate {
		remark(c, "%d of %d new pictures are to be turned by their EXIF data and were taken as they are stored, as timm takes them; --exif-rotate turns them", n, done.New)
	}
}
