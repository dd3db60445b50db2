package ingest

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"vs/data"
	"vs/data/transform"
	"vs/search/database"
)

// Embedder turns N pictures, each [3, H, W] as the transform crops it, into embeddings [N, D].
// encoder.Encoder is one.
type Embedder interface {
	Embed(ctx context.Context, pictures [][]uint8) ([]float32, error)
	Transform() transform.Spec
	Dim() int
}

// Options says how a folder is brought into a database.
type Options struct {
	BatchSize   int            // new pictures a transaction, instances counted too, at least 1; what a kill can lose
	Workers     int            // that read and decode pictures; 0: one per CPU
	MaxBadShare float64        // of the pictures; more bad ones are an error at the end
	Prune       bool           // at the end drop pictures that are not in the folder, which must list some
	Progress    func(done int) // called with the number of pictures dealt with; may be nil
}

// Summary counts what [Run] did.
type Summary struct {
	Augmentation transform.Augmentation // of the database

	New     int // embedded
	Rotated int // of those, pictures whose EXIF data say that they are to be turned
	Reused  int // known by their content
	Bad     []data.BadPicture
	Absent  int // in the database, but not in the folder
	Removed int // of those, by Options.Prune
	Loader  data.LoaderStats
	Store   time.Duration // writing to the file

	unusable  int   // of Bad, those whose embedding cannot be compared with others
	whyUnused error // of the first of them
}

// batchItems bounds the pictures of a transaction where few of them are new.
const batchItems = 1024

// batch is a stretch of the folder's pictures on its way from the loader to the file.
type batch struct {
	items      []data.Item
	embedded   chan struct{} // closed when embeddings and err are set
	embeddings []float32     // of the items that have pixels, in order: [items, 1 + instances, D]
	err        error
}

// Run brings the folder's pictures into the database, which must be bound to the embedder's model.
// Only pictures whose content the database lacks are decoded and embedded, together with the
// training instances that the database's augmentation asks for. Each batch is one transaction:
// after an error, an interrupt or a kill the next Run goes on from there. Bad pictures are listed,
// not fatal, up to MaxBadShare; more of them are an error that wraps [data.ErrBadPictures].
// Pictures of the database that are not in the folder stay, unless Prune is set and all else went
// well. The summary is valid beside an error as well.
func Run(ctx context.Context, db *database.DB, folder *data.Folder, e Embedder, o Options) (*Summary, error) {
	summary := &Summary{Bad: slices.Clone(folder.Bad)}
	if o.BatchSize < 1 {
		return summary, fmt.Errorf("ingest %s: batch size %d; use at least 1", folder.Dir, o.BatchSize)
	}
	// More likely a disk that is not there than the wish to drop everything.
	if o.Prune && len(folder.Pictures) == 0 {
		return summary, fmt.Errorf("ingest %s: it lists no pictures, and to prune would drop all of %s; check the folder, or leave out --prune", folder.Dir, db.Path())
	}
	session, err := db.NewSession(ctx)
	if err != nil {
		return summary, err
	}
	summary.Augmentation = session.Augmentation()
	if err := embedAndStore(ctx, session, folder, e, o, summary); err != nil {
		return summary, fmt.Errorf("ingest %s into %s: %w", folder.Dir, db.Path(), err)
	}
	if err := session.Finish(ctx); err != nil {
		return summary, err
	}
	if n := summary.unusable; n > 0 && summary.New+summary.Reused == 0 {
		return summary, fmt.Errorf("ingest %s: the model %s embeds none of %d pictures so that they can be compared: %w; check its weights and how it was traced",
			folder.Dir, session.Model().Name, n, summary.whyUnused)
	}
	if err := data.CheckBad(len(summary.Bad), len(folder.Pictures)+len(folder.Bad), o.MaxBadShare, "pictures"); err != nil {
		return summary, err
	}
	if o.Prune {
		summary.Removed, err = db.Prune(ctx, folder)
		summary.Absent = summary.Removed
		return summary, err
	}
	summary.Absent, err = db.CountAbsent(ctx, folder)
	return summary, err
}

// embedAndStore is Run without what comes before and after the batches.
func embedAndStore(ctx context.Context, session *database.Session, folder *data.Folder, e Embedder, o Options, summary *Summary) error {
	crops := 1 + summary.Augmentation.Instances
	// Each instance takes the memory and the time of a picture.
	size, ahead := o.BatchSize, o.BatchSize
	if crops > 1 {
		size = max(1, o.BatchSize/crops)
		ahead = max(size, cmp.Or(o.Workers, runtime.GOMAXPROCS(0)))
	}
	// While batches are embedded and written the next one is decoded.
	loader, err := data.NewLoader(ctx, folder.Paths(), data.LoaderOptions{
		Spec:         e.Transform(),
		Augmentation: summary.Augmentation,
		Workers:      o.Workers,
		Ahead:        ahead,
		Known:        func(_ int, hash [32]byte) bool { return session.Known(hash) },
	})
	if err != nil {
		return err
	}
	defer loader.Close()
	defer func() { summary.Loader = loader.Stats() }()

	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan *batch, 1) // while one is written, two can be embedded
	group.Go(func() error {
		defer close(batches)
		return gather(ctx, loader, e, size, crops, batches)
	})
	group.Go(func() error {
		done := 0
		for b := range batches {
			<-b.embedded
			if b.err != nil {
				return b.err
			}
			start := time.Now()
			if err := store(ctx, session, folder, b, crops, e.Dim(), summary); err != nil {
				return err
			}
			summary.Store += time.Since(start)
			for _, item := range b.items {
				loader.Release(item.Pixels)
			}
			done += len(b.items)
			if o.Progress != nil {
				o.Progress(done)
			}
		}
		return nil
	})
	return group.Wait()
}

// gather groups the loader's items into batches and has them embedded, two at a time so that the
// encoder's workers do not stand idle at the end of one, while the order of the batches stays. A
// batch has at most that many pictures with pixels, each of that many crops.
func gather(ctx context.Context, loader *data.Loader, e Embedder, size, crops int, batches chan<- *batch) error {
	running := make(chan struct{}, 2)
	defer func() { // the encoder and the pixels are the caller's again
		for range cap(running) {
			running <- struct{}{}
		}
	}()
	b := &batch{embedded: make(chan struct{})}
	var pictures [][]uint8
	send := func() error {
		running <- struct{}{}
		go func(b *batch, pictures [][]uint8) {
			defer func() { <-running; close(b.embedded) }()
			if len(pictures) > 0 {
				b.embeddings, b.err = e.Embed(ctx, pictures)
			}
		}(b, pictures)
		select {
		case batches <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
		b, pictures = &batch{embedded: make(chan struct{})}, nil
		return nil
	}
	for item, err := range loader.All() {
		if err != nil {
			return err
		}
		b.items = append(b.items, item)
		if item.Pixels != nil {
			pictures = slices.AppendSeq(pictures, slices.Chunk(item.Pixels, len(item.Pixels)/crops))
		}
		if len(pictures) >= size*crops || len(b.items) == batchItems {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if len(b.items) == 0 {
		return nil
	}
	return send()
}

// store writes a batch and counts its pictures once they are written.
func store(ctx context.Context, session *database.Session, folder *data.Folder, b *batch, crops, dim int, summary *Summary) error {
	count := *summary
	var w database.Batch
	next := 0
	for _, item := range b.items {
		listed := folder.Pictures[item.Index]
		picture := database.Picture{Label: folder.Labels[listed.Label], Name: listed.Name, Hash: item.Hash, Size: item.Size}
		if item.Known {
			count.Reused++
			w.Reuse(picture)
			continue
		}
		err := item.Err
		if err == nil {
			b.give(&picture, next, crops, dim)
			next++
			if err = checkVectors(picture); err != nil {
				count.unusable++
				count.whyUnused = cmp.Or(count.whyUnused, err)
			}
		}
		if err != nil {
			count.Bad = append(count.Bad, data.BadPicture{File: folder.RelPath(item.Index), Err: err})
			w.DropUndecodable(picture)
			continue
		}
		count.New++
		if item.Info.Orientation > 1 {
			count.Rotated++
		}
		w.Put(picture)
		if d := item.Info.Decoder; d.Name != "" {
			w.DecodedBy(d.Name, d.Version)
		}
	}
	err := session.Write(ctx, &w)
	if err == nil {
		*summary = count
	}
	return err
}

// checkVectors returns an error unless a picture's embedding, its training vector, and the
// embeddings of its instances can be compared with others.
func checkVectors(p database.Picture) error {
	for _, vectors := range [][]float32{p.Embedding, p.Training, p.Instances} {
		for v := range slices.Chunk(vectors, len(p.Embedding)) {
			if err := database.CheckEmbedding(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// give sets the vectors of a picture, the i-th one that has pixels.
func (b *batch) give(p *database.Picture, i, crops, dim int) {
	all := b.embeddings[i*crops*dim:][:crops*dim]
	p.Embedding = all[:dim]
	if crops > 1 {
		sum := make([]float64, dim)
		for v := range slices.Chunk(all, dim) {
			for k, x := range v {
				sum[k] += float64(x)
			}
		}
		p.Training, p.Instances = database.Mean(sum, crops), all[dim:]
	}
}
