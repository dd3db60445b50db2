package data

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"runtime"
	"sync"
	"time"

	"vs/data/input"
	"vs/data/transform"
)

// Item is one picture as the Loader delivers it.
type Item struct {
	Index  int            // into the paths
	Hash   [32]byte       // SHA-256 of the file's content; zero when the file could not be read
	Size   int64          // of the file, in bytes
	Pixels []uint8        // [1 + Instances, 3, H, W], the plain picture first; nil when Known or Err says so
	Known  bool           // LoaderOptions.Known said so: nothing was decoded
	Info   transform.Info // of the picture that Pixels show
	Err    error          // why the picture cannot be read or decoded: an *fs.PathError
}

// LoaderOptions says how pictures are decoded and how far ahead.
type LoaderOptions struct {
	Spec transform.Spec

	// Augmentation adds training instances to each picture. The zero value adds none.
	Augmentation transform.Augmentation

	// Workers is the number of goroutines that read and decode; 0 means one per CPU.
	Workers int

	// Ahead is the number of pictures that may be in work or decoded and not yet taken. It bounds
	// the memory, 3·H·W·(1 + Instances) bytes each. 0 means 4 a worker, but at least 64.
	Ahead int

	// Known, when not nil, reports whether picture i with this content needs no pixels. Workers
	// call it concurrently.
	Known func(i int, hash [32]byte) bool
}

// Loader reads, hashes and decodes pictures in parallel and delivers them in order.
type Loader struct {
	paths   []string
	known   func(i int, hash [32]byte) bool
	pixels  int // bytes of a picture and its instances
	ctx     context.Context
	cancel  context.CancelFunc
	callers context.Context // the caller's, to tell its end from Close
	workers sync.WaitGroup
	stats   counters

	// jobs holds the indices in the window that no worker has taken up. ready[i % len(ready)] takes
	// the item of index i. The window is as long as ready, so neither of them is ever full when
	// something is sent to it.
	jobs  chan int
	ready []chan Item
	next  int // index that Next delivers; used by Next alone
	free  chan []uint8
}

// decoder is what a worker needs of transform.Augmenter.
type decoder interface {
	Crops(dst []uint8, file []byte, hash [32]byte) (transform.Info, error)
	Close()
}

// NewLoader starts to load the pictures at the paths. The caller must Close the Loader, also when
// Next came to the end or to an error.
func NewLoader(ctx context.Context, paths []string, o LoaderOptions) (*Loader, error) {
	return newLoader(ctx, paths, o, func() (decoder, error) { return transform.NewAugmenter(o.Spec, o.Augmentation) })
}

func newLoader(ctx context.Context, paths []string, o LoaderOptions, newDecoder func() (decoder, error)) (*Loader, error) {
	if o.Workers < 0 || o.Ahead < 0 {
		return nil, fmt.Errorf("load pictures: %d workers, %d pictures ahead; give positive numbers, or 0 for the default", o.Workers, o.Ahead)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Ahead == 0 {
		o.Ahead = max(64, 4*o.Workers)
	}
	window := min(o.Ahead, len(paths))
	decoders := make([]decoder, max(1, min(o.Workers, window))) // one at least, to check the spec
	for i := range decoders {
		d, err := newDecoder()
		if err != nil {
			closeAll(decoders[:i])
			return nil, fmt.Errorf("load pictures: %w", err)
		}
		decoders[i] = d
	}

	l := &Loader{
		paths:   paths,
		known:   o.Known,
		pixels:  (1 + o.Augmentation.Instances) * 3 * o.Spec.Height * o.Spec.Width,
		callers: ctx,
		jobs:    make(chan int, window),
		ready:   make([]chan Item, window),
		free:    make(chan []uint8, window),
	}
	l.ctx, l.cancel = context.WithCancel(ctx)
	for i := range l.ready {
		l.ready[i] = make(chan Item, 1)
		l.jobs <- i
	}
	if window == len(paths) {
		close(l.jobs)
	}
	for _, d := range decoders {
		l.workers.Go(func() { l.work(d) })
	}
	return l, nil
}

func closeAll(decoders []decoder) {
	for _, d := range decoders {
		d.Close()
	}
}

// All waits for one picture after the other and hands them out in order. An error is the last thing
// that it hands out: the context's when the context ended first, or that of a machine that has run
// out of file descriptors or memory, which is not a picture's fault. It goes on where Next stopped.
func (l *Loader) All() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for {
			item, err := l.Next()
			if err == io.EOF || !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// Next waits for the next picture and returns it. It returns io.EOF after the last one, and the
// errors of All. It is for one goroutine at a time.
func (l *Loader) Next() (Item, error) {
	if l.next == len(l.paths) {
		return Item{}, io.EOF
	}
	if l.ctx.Err() != nil {
		return Item{}, l.stopped()
	}
	var item Item
	select {
	case item = <-l.ready[l.next%len(l.ready)]:
	case <-l.ctx.Done():
		return Item{}, l.stopped()
	}
	// The window moves on by one.
	if last := l.next + len(l.ready); last < len(l.paths) {
		l.jobs <- last
		if last == len(l.paths)-1 {
			close(l.jobs)
		}
	}
	l.next++
	if input.Exhausted(item.Err) {
		return Item{}, fmt.Errorf("load pictures: %w", input.WithRemedy(item.Err))
	}
	return item, nil
}

func (l *Loader) stopped() error {
	if err := l.callers.Err(); err != nil {
		return err
	}
	return errors.New("load pictures: the loader is closed")
}

// Release gives the memory of an item's pixels back, once, to be used for another picture. It is
// safe to call from any goroutine; not calling it costs only allocations.
func (l *Loader) Release(pixels []uint8) {
	if len(pixels) != l.pixels {
		return
	}
	select {
	case l.free <- pixels:
	default: // more than the window can use
	}
}

// Close stops the workers and waits until each has finished the picture that it has in hand.
func (l *Loader) Close() error {
	l.cancel()
	l.workers.Wait()
	return nil
}

// work loads one picture after the other until none is left or the loader stops.
func (l *Loader) work(d decoder) {
	defer d.Close()
	var reader input.Reader
	for {
		start := time.Now()
		select {
		case <-l.ctx.Done():
			return
		case i, ok := <-l.jobs:
			if !ok || l.ctx.Err() != nil {
				return
			}
			l.stats.wait.Add(int64(time.Since(start)))
			item := l.load(i, d, &reader)
			l.stats.pictures.Add(1) // before it is delivered, so that Next's caller finds it counted
			l.ready[i%len(l.ready)] <- item
		}
	}
}

// load makes the item of picture i.
func (l *Loader) load(i int, d decoder, reader *input.Reader) Item {
	item := Item{Index: i}
	start := time.Now()
	file, err := reader.Read(l.paths[i])
	if err == nil {
		item.Size = int64(len(file))
		item.Hash = sha256.Sum256(file)
		l.stats.bytes.Add(item.Size)
	}
	l.stats.read.Add(int64(time.Since(start)))
	if err != nil {
		item.Err = err
		return item
	}

	if l.known != nil && l.known(i, item.Hash) {
		item.Known = true
		return item
	}
	start = time.Now()
	pixels := l.buffer()
	info, err := d.Crops(pixels, file, item.Hash)
	if err != nil {
		l.Release(pixels)
		item.Err = &fs.PathError{Op: "decode", Path: l.paths[i], Err: err}
	} else {
		item.Pixels, item.Info = pixels, info
	}
	l.stats.decode.Add(int64(time.Since(start)))
	return item
}

// buffer returns the memory for a picture's pixels, with any content.
func (l *Loader) buffer() []uint8 {
	select {
	case pixels := <-l.free:
		return pixels
	default:
		return make([]uint8, l.pixels)
	}
}
