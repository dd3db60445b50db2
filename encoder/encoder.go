package encoder

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"vs/data/transform"
	"vs/torch"
)

// Builtin is the name, in place of a file, of the encoder that comes with the program: fixed
// band-pass filters and colour statistics, no learned weights. It needs no download and serves as a
// baseline.
const Builtin = "builtin"

//go:embed builtin.pt
var builtinArchive []byte

// DefaultBatchSize is what Options.BatchSize 0 means.
const DefaultBatchSize = 128

// Options says where and how an encoder runs.
type Options struct {
	Device    torch.Device
	Workers   int       // pictures in the model at the same time on the CPU; 0: one per CPU. CUDA has two batches.
	BatchSize int       // pictures that pass through the model together on CUDA; on the CPU each passes alone
	Precision Precision // "" is FP32

	// ExifRotate turns pictures as their EXIF data say before anything else, which timm does not
	// do.
	ExifRotate bool

	// TrustModel lets the model do more than compute from pictures. Models are programs, and a
	// trusted one may write any file.
	TrustModel bool

	// Optimize makes the model faster, which takes half a second at the first Embed and pays off
	// with many pictures. The embeddings may differ in their last bits from those without.
	Optimize bool

	// Notify is called with one line if the batch size had to be halved; it may be nil. It must not
	// call Embed or ForwardOnly, which wait for it.
	Notify func(message string)
}

// Encoder is a loaded model. It is safe for concurrent use.
type Encoder struct {
	metadata   Metadata
	hash       string
	device     torch.Device
	precision  Precision
	module     *torch.Module
	pool       *pool
	path       string // as Load got it
	batch      batchSize
	optimizes  bool
	exifRotate bool

	prepared   sync.Once
	prepareErr error
	optimized  atomic.Bool

	warm       sync.WaitGroup
	warmErr    error // what the warm-up has ended with
	stopWarmUp func()
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
	e.path = path
	return e, nil
}

func load(archive []byte, o Options) (*Encoder, error) {
	hash := make(chan [sha256.Size]byte, 1)
	go func() { hash <- sha256.Sum256(archive) }()
	if err := torch.Load(); err != nil {
		return nil, err
	}
	if err := o.Precision.Check(o.Device); err != nil {
		return nil, err
	}
	module, text, err := torch.LoadModule(archive, o.Device, torch.LoadOptions{Extra: metadataName, Trusted: o.TrustModel})
	if err != nil {
		return nil, err
	}
	e := &Encoder{
		device:     o.Device,
		precision:  cmp.Or(o.Precision, FP32),
		module:     module,
		optimizes:  o.Optimize,
		exifRotate: o.ExifRotate,
		stopWarmUp: func() {},
	}
	if err := e.start(text, o); err != nil {
		module.Close()
		return nil, err
	}
	sum := <-hash
	e.hash = hex.EncodeToString(sum[:])
	return e, nil
}

// start makes the module ready and its workers.
func (e *Encoder) start(metadata string, o Options) error {
	if metadata == "" {
		return errNoMetadata
	}
	var err error
	if e.metadata, err = ParseMetadata(metadata); err != nil {
		return err
	}
	if err := e.module.Freeze(e.precision.freezeOptions(e.device)); err != nil {
		return err
	}
	if err := e.module.SetInputNormalization(e.metadata.Mean[:], e.metadata.Std[:]); err != nil {
		return err
	}
	workers := cmp.Or(max(o.Workers, 0), runtime.GOMAXPROCS(0))
	e.batch.size = 1
	if e.device.Type == torch.CUDAType {
		workers = 2
		e.batch.size = cmp.Or(max(o.BatchSize, 0), DefaultBatchSize)
	}
	e.batch.halved = func(size int) {
		if o.Notify != nil {
			o.Notify(fmt.Sprintf("%v is out of memory; going on with a batch size of %d", e.device, size))
		}
	}
	lanes := make([]*lane, workers)
	for i := range lanes {
		lanes[i] = &lane{metadata: &e.metadata, device: e.device}
	}
	if e.pool, err = newPool(lanes); err != nil {
		return err
	}
	if e.device.Type == torch.CUDAType {
		e.warmUp()
	}
	return nil
}

// Metadata returns the model's vs.json.
func (e *Encoder) Metadata() Metadata { return e.metadata }

// Path is where the model was loaded from, or [Builtin].
func (e *Encoder) Path() string { return e.path }

// Hash returns the SHA-256 of the model file in hexadecimal: the identity of the model.
func (e *Encoder) Hash() string { return e.hash }

// Transform returns how a picture is prepared for the model.
func (e *Encoder) Transform() transform.Spec {
	s := e.metadata.Transform()
	s.ExifRotate = e.exifRotate
	return s
}

// Dim returns D, the number of elements of an embedding.
func (e *Encoder) Dim() int { return e.metadata.EmbeddingDim }

// Device returns where the model runs.
func (e *Encoder) Device() torch.Device { return e.device }

// Precision returns how the model computes.
func (e *Encoder) Precision() Precision { return e.precision }

// Recipe says in words what, apart from the model file, decides an embedding: the transform, and
// the precision unless it is FP32. Embeddings of different recipes are not to be compared.
func (e *Encoder) Recipe() string {
	recipe := e.Transform().String()
	if e.precision != FP32 {
		recipe += "; " + string(e.precision)
	}
	return recipe
}

// Optimized reports whether libtorch's rewritten copy of the model computes. It is false before the
// first Embed.
func (e *Encoder) Optimized() bool { return e.optimized.Load() }

// BatchSize returns how many pictures pass through the model together.
func (e *Encoder) BatchSize() int { return e.batch.get() }

// Workers returns how many batches are in the model at the same time.
func (e *Encoder) Workers() int { return e.pool.size }

// Busy returns how long the workers have computed so far, summed over them.
func (e *Encoder) Busy() time.Duration { return time.Duration(e.pool.busy.Load()) }

// Close stops the workers and frees the model. It may be called more than once. An Embed that goes
// on at the time, or comes later, returns [torch.ErrClosed].
func (e *Encoder) Close() error {
	e.stopWarmUp()
	e.warm.Wait()
	e.pool.close()
	return e.module.Close()
}

// Embed returns the embeddings, [N, D] in row-major order, of N pictures, each [3, H, W] as the
// transform crops it.
func (e *Encoder) Embed(ctx context.Context, pictures [][]uint8) ([]float32, error) {
	d := e.Dim()
	out := make([]float32, len(pictures)*d)
	err := e.prepare(ctx)
	if err == nil {
		step := e.batch.get()
		err = e.pool.run(ctx, (len(pictures)+step-1)/step, func(s *lane, i int) error {
			from, to := i*step, min((i+1)*step, len(pictures))
			return e.batch.inBatches(pictures[from:to], out[from*d:to*d], d, func(size int, pictures [][]uint8, out []float32) error {
				return s.forward(e.module, size, pictures, out)
			})
		})
	}
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
