package encoder

import (
	"fmt"

	"vs/torch"
)

// lane is what one worker owns: memory to gather a batch in. On CUDA the worker's thread has a
// stream of its own, too, so that one lane's batch is copied to the device while another's is
// computed, and nothing waits before a batch's end.
type lane struct {
	metadata *Metadata
	device   torch.Device
	size     int           // of a batch that staging has room for
	staging  *torch.Tensor // [size, C, H, W] of uint8, page-locked for CUDA
	black    []uint8       // a picture to pad with
	noise    *torch.Tensor // [size, C, H, W] of float32 on the device, for forwardOnly
}

// open prepares the calling thread.
func (s *lane) open() error {
	if err := torch.SetNumThreads(1); err != nil {
		return err
	}
	return torch.UseStream(s.device)
}

// fill gathers pictures, padded to the size, so that the model meets one shape only.
func (s *lane) fill(size int, pictures [][]uint8) error {
	c, h, w := s.metadata.InputSize[0], s.metadata.InputSize[1], s.metadata.InputSize[2]
	elements := s.metadata.elements()
	if s.size != size {
		staging, err := torch.NewStaging[uint8](s.device, size, c, h, w)
		if err != nil {
			return err
		}
		s.staging.Close()
		s.staging, s.size = staging, size
	}
	if len(pictures) < size && s.black == nil {
		s.black = make([]uint8, elements)
	}
	for i, picture := range pictures {
		if len(picture) != elements {
			return fmt.Errorf("picture %d has %d elements, the model takes %d × %d × %d", i, len(picture), c, h, w)
		}
	}
	for i := range size {
		picture := s.black
		if i < len(pictures) {
			picture = pictures[i]
		}
		if err := torch.WriteAt(s.staging, i*elements, picture); err != nil {
			return err
		}
	}
	return nil
}

// forward runs the model once on pictures padded to the size.
func (s *lane) forward(m *torch.Module, size int, pictures [][]uint8, out []float32) error {
	if err := s.fill(size, pictures); err != nil {
		return err
	}
	input, err := s.staging.To(s.device)
	if err != nil {
		return err
	}
	defer input.Close()
	output, err := s.run(m, input, size)
	if err != nil {
		return err
	}
	defer output.Close()
	if size == len(pictures) {
		return torch.CopyTo(out, output)
	}
	padded, err := torch.ToSlice[float32](output)
	copy(out, padded)
	return err
}

// run is the model alone.
func (s *lane) run(m *torch.Module, input *torch.Tensor, size int) (*torch.Tensor, error) {
	output, err := m.Forward(input)
	if err != nil {
		return nil, err
	}
	if shape := output.Shape(); len(shape) != 2 || shape[0] != size || shape[1] != s.metadata.EmbeddingDim {
		output.Close()
		return nil, fmt.Errorf("the model returns shape %v for %d pictures, but %s says embedding_dim %d; trace it again",
			shape, size, metadataName, s.metadata.EmbeddingDim)
	}
	return output, nil
}

func (s *lane) close() {
	s.staging.Close()
	s.noise.Close()
}
