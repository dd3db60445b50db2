package encoder

import (
	"errors"
	"fmt"
	"sync"

	"vs/torch"
)

// batchSize is the number of pictures that pass through the model together. It is halved when the
// device's memory does not suffice, by whichever worker notices.
type batchSize struct {
	mu     sync.Mutex
	size   int
	halved func(size int) // told of each new size, one at a time; may ask for it

	// device is held for reading by each batch, for writing by one that needs all memory for
	// itself.
	device sync.RWMutex
}

func (b *batchSize) get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

// halve goes on from a size that was too large, unless another worker already has. The caller has
// locked the device.
func (b *batchSize) halve(tooLarge int) {
	b.mu.Lock()
	smaller := b.size == tooLarge && tooLarge > 1
	if smaller {
		b.size = tooLarge / 2
	}
	b.mu.Unlock()
	if smaller {
		b.halved(tooLarge / 2)
	}
}

// inBatches passes pictures and their embeddings, of dim elements each, to f in batches of at most
// the size that f is told to pad them to. A batch that runs out of memory is tried again as smaller
// ones.
func (b *batchSize) inBatches(pictures [][]uint8, out []float32, dim int, f func(size int, pictures [][]uint8, out []float32) error) error {
	for len(pictures) > 0 {
		n, err := b.tryBatch(pictures, out, dim, f)
		if err != nil {
			return err
		}
		pictures, out = pictures[n:], out[n*dim:]
	}
	return nil
}

// tryBatch embeds one batch of the pictures and returns its size. If memory runs out, it waits for
// the other workers' batches, whose memory may be enough, and goes on alone.
func (b *batchSize) tryBatch(pictures [][]uint8, out []float32, dim int, f func(size int, pictures [][]uint8, out []float32) error) (int, error) {
	try := func() (size, n int, err error) {
		size = b.get()
		n = min(size, len(pictures))
		return size, n, f(size, pictures[:n], out[:n*dim])
	}
	b.device.RLock()
	size, n, err := try()
	b.device.RUnlock()
	if !errors.Is(err, torch.ErrOutOfMemory) {
		return n, err
	}
	b.device.Lock()
	defer b.device.Unlock()
	b.halve(size)
	for {
		size, n, err = try()
		switch {
		case !errors.Is(err, torch.ErrOutOfMemory):
			return n, err
		case size == 1:
			return 0, fmt.Errorf("not even one picture fits: %w; a smaller model or --precision fp16 needs less", err)
		}
		b.halve(size)
	}
}
