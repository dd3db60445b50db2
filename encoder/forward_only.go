package encoder

import (
	"context"
	"math/rand/v2"
	"slices"

	"vs/torch"
)

// ForwardOnly passes batches that are on the device already through the model, to measure it alone,
// and returns the number of pictures in them. The first call also copies the batches there.
func (e *Encoder) ForwardOnly(ctx context.Context, batches int) (pictures int, err error) {
	if err := e.prepare(ctx); err != nil {
		return 0, err
	}
	size, workers := e.batch.get(), e.pool.size
	err = e.pool.run(ctx, workers, func(s *lane, i int) error {
		return s.forwardOnly(e.module, size, (batches+workers-1-i)/workers)
	})
	return batches * size, err
}

// forwardOnly runs the model n times and waits for the last.
func (s *lane) forwardOnly(m *torch.Module, size, n int) error {
	if err := s.fillNoise(size); err != nil {
		return err
	}
	for i := range n {
		output, err := s.run(m, s.noise, size)
		if err != nil {
			return err
		}
		if i == n-1 {
			_, err = torch.ToSlice[float32](output)
		}
		output.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// fillNoise puts a batch on the device. Random values, since some devices compute faster with
// zeros.
func (s *lane) fillNoise(size int) error {
	if shape := s.noise.Shape(); len(shape) > 0 && shape[0] == size {
		return nil
	}
	s.noise.Close()
	var err error
	s.noise, err = s.newNoise(size)
	return err
}

// newNoise returns a batch of normalised pictures on the device, the same in every call.
func (s *lane) newNoise(size int) (*torch.Tensor, error) {
	random := rand.New(rand.NewPCG(1, 1))
	picture := make([]float32, s.metadata.elements())
	for i := range picture {
		picture[i] = 4*random.Float32() - 2 // as wide as normalised pixels
	}
	c, h, w := s.metadata.InputSize[0], s.metadata.InputSize[1], s.metadata.InputSize[2]
	host, err := torch.FromSlice(slices.Repeat(picture, size), size, c, h, w)
	if err != nil {
		return nil, err
	}
	defer host.Close()
	return host.To(s.device)
}
