package encoder

import (
	"errors"
	"fmt"
	"sync"

	"vs/torch"
)

// batchSize is the number of pictures that pass through the model together. It is halved when the device's memory does not
// suffice, by whichever worker notices.
type batchSize struct {
	mu     sync.Mutex
	size   int
	halved func(size int) // told of each new size
}

func (b *batchSize) get() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

// halve goes on from a size that was too large, unless another worker already has.
func (b *batchSize) halve(tooLarge int, reason error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.size < tooLarge:
	case tooLarge == 1:
		return fmt.Errorf("not even one picture fits: %w; a smaller model or --precision fp16 needs less", reason)
	default:
		b.size = tooLarge / 2
		b.halved(b.size)
	}
	return nil
}

// split passes pictures and their embeddings, of dim elements each, to f in batches of at most the size that f is told to pad
// them to. A batch for which memory does not suffice is tried again as smaller ones.
func (b *batchSize) split(pictures [][]float32, out []float32, dim int, f func(size int, pictures [][]float32, out []float32) error) error {
	for len(pictures) > 0 {
		size := b.get()
		n := min(size, len(pictures))
		err := f(size, pictures[:n], out[:n*dim])
		if errors.Is(err, torch.ErrOutOfMemory) {
			err = b.halve(size, err)
			n = 0
		}
		if err != nil {
			return err
		}
		pictures, out = pictures[n:], out[n*dim:]
	}
	return nil
}
