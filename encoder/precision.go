package encoder

import (
	"fmt"

	"vs/torch"
)

// Precision is how a model computes on CUDA. The CPU computes in FP32 alone: it has no faster type
// that keeps the embeddings.
type Precision string

// The precisions. Embeddings are float32 in all of them; those of different ones are not to be
// mixed in a database.
const (
	FP32 Precision = "fp32" // float32 throughout, without TensorFloat-32
	TF32 Precision = "tf32" // float32, factors of products and convolutions rounded to TensorFloat-32
	FP16 Precision = "fp16" // the whole model in float16
	BF16 Precision = "bf16" // the whole model in bfloat16
)

// Precisions lists them.
var Precisions = []string{string(FP32), string(TF32), string(FP16), string(BF16)}

// Check says why the device cannot compute in the precision.
func (p Precision) Check(d torch.Device) error {
	switch p {
	case "", FP32:
		return nil
	case TF32, FP16, BF16:
	default:
		return fmt.Errorf("precision %q: unknown; use one of %q", string(p), Precisions)
	}
	if d.Type != torch.CUDAType {
		return fmt.Errorf("precision %s: the CPU computes in fp32 only; use fp32, or a CUDA device", p)
	}
	if p == FP16 {
		return nil
	}
	info, err := torch.GetCUDAInfo(d.Index)
	if err != nil {
		return err
	}
	if !info.BF16() {
		return fmt.Errorf("precision %s: %s has compute capability %d.%d, and needs 8.0; use fp32 or fp16",
			p, info.Name, info.ComputeMajor, info.ComputeMinor)
	}
	return nil
}

// freezeOptions says how a module computes in the precision on a device.
func (p Precision) freezeOptions(d torch.Device) torch.FreezeOptions {
	o := torch.FreezeOptions{ChannelsLast: d.Type == torch.CUDAType, TF32: p == TF32}
	switch p {
	case FP16:
		o.DType = torch.Float16
	case BF16:
		o.DType = torch.BFloat16
	}
	return o
}
