package encoder

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"runtime"
	"time"

	"vs/data/transform"
	"vs/torch"
)

// Builtin is the name, in place of a file, of the encoder that comes with the program: fixed band-pass filters and colour
// statistics, no learned weights. It needs no download and serves as a baseline.
const Builtin = "builtin"

//go:embed builtin.pt
var builtinArchive []byte

// Options says where and how an encoder runs.
type Options struct {
	Device  torch.Device
	Workers int // pictures in the model at the same time on the CPU; 0: one a CPU. CUDA has one.
}

// Encoder is a loaded model. It is safe for concurrent use.
type Encoder struct {
	metadata Metadata
	hash     string
	device   torch.Device
	module   *torch.Module
	pool     *pool
}

// Load reads a model file, or [Builtin], onto a device.
func Load(path string, o Options) (*Encoder, error) {
	// Opening libtorch takes longer than reading the file, so it starts first; load waits for it.
	go torch.Load()
	archive := builtinArchive
	if path != Builtin {
		var err error
		if archive, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("load model: %w; scripts/trace_timm.py makes model files, %q needs none", err, Builtin)
		}
	}
	e, err := load(archive, o)
	if err != nil {
		return nil, fmt.Errorf("load model %s: %w", path, err)
	}
	return e, nil
}

func load(archive []byte, o Options) (*Encoder, error) {
	hash := make(chan [sha256.Size]byte, 1)
	go func() { hash <- sha256.Sum256(archive) }()
	if err := torch.Load(); err != nil {
		return nil, err
	}
	module, text, err := torch.LoadModule(archive, o.Device, metadataName)
	if err != nil {
		return nil, fmt.Errorf("%w; is it a TorchScript file? scripts/trace_timm.py makes them", err)
	}
	e := &Encoder{device: o.Device, module: module}
	if text == "" {
		err = errNoMetadata
	} else if e.metadata, err = ParseMetadata(text); err == nil {
		err = module.Freeze()
	}
	if err != nil {
		module.Close()
		return nil, err
	}
	sum := <-hash
	e.hash = hex.EncodeToString(sum[:])
	workers := o.Workers
	switch {
	case o.Device.Type == torch.CUDAType:
		workers = 1
	case workers <= 0:
		workers = runtime.GOMAXPROCS(0)
	}
	if e.pool, err = newPool(workers); err != nil {
		module.Close()
		return nil, err
	}
	return e, nil
}

// Metadata returns the model's vs.json.
func (e *Encoder) Metadata() Metadata { return e.metadata }

// Hash returns the SHA-256 of the model file in hexadecimal: the identity of the model.
func (e *Encoder) Hash() string { return e.hash }

// Transform returns how a picture is prepared for the model.
func (e *Encoder) Transform() transform.Spec { return e.metadata.Transform() }

// Dim returns D, the number of elements of an embedding.
func (e *Encoder) Dim() int { return e.metadata.EmbeddingDim }

// Device returns where the model runs.
func (e *Encoder) Device() torch.Device { return e.device }

// Workers returns how many pictures (on CUDA: batches) are in the model at the same time.
func (e *Encoder) Workers() int { return e.pool.size }

// Busy returns how long the workers have computed so far, summed over them.
func (e *Encoder) Busy() time.Duration { return time.Duration(e.pool.busy.Load()) }

// Close stops the workers and frees the model. It may be called more than once, but not during Embed.
func (e *Encoder) Close() error {
	e.pool.close()
	return e.module.Close()
}

// Embed returns the embeddings, [N, D] in row-major order, of N pictures, each [3, H, W] as the transform makes it.
func (e *Encoder) Embed(ctx context.Context, pictures [][]float32) ([]float32, error) {
	d := e.Dim()
	out := make([]float32, len(pictures)*d)
	step := 1
	if e.device.Type == torch.CUDAType {
		step = max(len(pictures), 1)
	}
	err := e.pool.run(ctx, (len(pictures)+step-1)/step, func(i int) error {
		from, to := i*step, min((i+1)*step, len(pictures))
		return e.forward(pictures[from:to], out[from*d:to*d])
	})
	if err != nil {
		return nil, fmt.Errorf("embed with %s on %v: %w", e.metadata.ModelName, e.device, err)
	}
	for i, v := range out {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("embed with %s on %v: picture %d of %d gives %v; the model is damaged or its precision too low",
				e.metadata.ModelName, e.device, i/d, len(pictures), v)
		}
	}
	return out, nil
}

// forward runs the model once. It is called by the workers only.
func (e *Encoder) forward(pictures [][]float32, out []float32) error {
	c, h, w := e.metadata.InputSize[0], e.metadata.InputSize[1], e.metadata.InputSize[2]
	pixels := pictures[0]
	if len(pictures) > 1 {
		pixels = make([]float32, 0, len(pictures)*len(pixels))
		for _, p := range pictures {
			pixels = append(pixels, p...)
		}
	}
	host, err := torch.FromSlice(pixels, len(pictures), c, h, w)
	if err != nil {
		return err
	}
	defer host.Close()
	input, err := host.To(e.device)
	if err != nil {
		return err
	}
	defer input.Close()
	output, err := e.module.Forward(input)
	if err != nil {
		return err
	}
	defer output.Close()
	if s := output.Shape(); len(s) != 2 || s[0] != len(pictures) || s[1] != e.Dim() {
		return fmt.Errorf("the model returns shape %v for %d pictures, but %s says embedding_dim %d; trace it again",
			s, len(pictures), metadataName, e.Dim())
	}
	return torch.CopyTo(out, output)
}
