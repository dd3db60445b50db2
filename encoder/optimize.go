package encoder

// optimizedTolerance is by how much, relative and in the L2 norm, the output of an optimized model
// may differ from that of the model as it is. Right ones differ by the order of their sums, some
// 2e-6 in float32; the wrong ones that libtorch 1.13 makes of MobileNetV3 by 0.2 and more.
const optimizedTolerance = 1e-4

// optimize puts libtorch's rewritten copy in the model's place if it computes the same. Which one
// is taken depends on the model, libtorch and the kind of CPU alone: the input is always the same.
func (e *Encoder) optimize(s *lane) error {
	input, err := s.newNoise(1)
	if err != nil {
		return err
	}
	defer input.Close()
	fast, err := e.module.Optimized(input, optimizedTolerance)
	if err != nil || fast == nil {
		return err
	}
	e.module.Close()
	e.module = fast
	e.optimized.Store(true)
	return nil
}
