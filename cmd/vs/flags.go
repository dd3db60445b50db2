package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/encoder"
	"vs/report"
	"vs/search/evaluation"
	"vs/torch"
)

// defaultBatchSize is the batch size on the CPU.
const defaultBatchSize = 32

// The flags that several commands share.
const modelUsage = "model `FILE` made by scripts/trace_timm.py, or " + `"` + encoder.Builtin + `" for the baseline that needs no download`

func modelFlag() cli.Flag { return &cli.StringFlag{Name: "model", Usage: modelUsage} }

func dataFlag() cli.Flag {
	return &cli.StringFlag{Name: "data", Usage: "`DIR` with one folder of pictures per class"}
}

func runFlags() []cli.Flag {
	return []cli.Flag{
		deviceFlag(),
		oneOf("precision", "`PRECISION` of the model on CUDA (the CPU computes in fp32)", encoder.Precisions...),
		&cli.BoolFlag{Name: "deterministic", Value: true, Usage: "give the same bits each time on CUDA; --deterministic=false may be faster"},
		&cli.IntFlag{Name: "batch-size", Value: defaultBatchSize, Usage: "write `N` pictures to the database at a time, and compute as many at a time on CUDA", DefaultText: fmt.Sprintf("%d, on CUDA %d", defaultBatchSize, encoder.DefaultBatchSize)},
		&cli.IntFlag{Name: "workers", Usage: "decode `N` pictures at the same time and, on the CPU, encode as many; results do not depend on it", DefaultText: "one per CPU"},
		&cli.BoolFlag{Name: "exif-rotate", Usage: "turn pictures as their EXIF data say, which timm does not do"},
		trustModelFlag(),
		&cli.BoolFlag{Name: "quiet", Usage: "print no progress and no remarks on stderr, only errors"},
	}
}

func trustModelFlag() cli.Flag {
	return &cli.BoolFlag{Name: "trust-model", Usage: "load a model whose code does more than compute; do so only if you know who made it"}
}

// computeOf returns how the flags want a model to compute.
func computeOf(c *cli.Context) (how evaluation.Compute) {
	how = evaluation.Compute{
		Precision: encoder.Precision(c.String("precision")), Deterministic: c.Bool("deterministic"),
		MaxBadShare: c.Float64("max-bad-share"), ExifRotate: c.Bool("exif-rotate"),
	}
	if c.IsSet("batch-size") {
		how.BatchSize = c.Int("batch-size")
	}
	return how
}

// overrideCompute replaces those settings of a manifest that the flags name.
func overrideCompute(c *cli.Context, how *evaluation.Compute) {
	given := computeOf(c)
	for name, override := range map[string]func(){
		"precision":     func() { how.Precision = given.Precision },
		"deterministic": func() { how.Deterministic = given.Deterministic },
		"batch-size":    func() { how.BatchSize = given.BatchSize },
		"max-bad-share": func() { how.MaxBadShare = given.MaxBadShare },
		"exif-rotate":   func() { how.ExifRotate = given.ExifRotate },
	} {
		if c.IsSet(name) {
			override()
		}
	}
}

// checkRunFlags refuses values of the shared flags that mean nothing.
func checkRunFlags(c *cli.Context) error {
	switch {
	case c.Int("batch-size") < 1:
		return usagef("--batch-size %d: use at least 1", c.Int("batch-size"))
	case c.Int("workers") < 0:
		return usagef("--workers %d: use 0 or more", c.Int("workers"))
	}
	return checkShare(c, "max-bad-share")
}

// needFlag refuses a command line that lacks a required flag.
func needFlag(c *cli.Context, names ...string) error {
	for _, name := range names {
		if !c.IsSet(name) {
			return usagef("%s: --%s is missing; see vs %[1]s --help", fullName(c.Command), name)
		}
	}
	return nil
}

// fullName is the name of a command without vs, such as "db add".
func fullName(command *cli.Command) string { return strings.TrimPrefix(command.HelpName, "vs ") }

// checkShare refuses a flag's value outside 0 to 1.
func checkShare(c *cli.Context, name string) error {
	if share := c.Float64(name); !(share >= 0 && share <= 1) {
		return usagef("--%s %v: use 0 to 1", name, share)
	}
	return nil
}

func deviceFlag() cli.Flag {
	return &cli.StringFlag{Name: "device", Value: "auto", Usage: "`DEVICE` to compute on: auto, cpu, cuda or cuda:N; only auto falls back"}
}

// chooseDevice turns --device into a device of this machine and says what auto chose.
func chooseDevice(c *cli.Context) (torch.Device, error) {
	name := c.String("device")
	device, err := torch.ParseDevice(name)
	switch {
	case err != nil && !errors.Is(err, torch.ErrNoDevice) && !errors.Is(err, torch.ErrNoLibrary):
		return device, usageError{err}
	case err != nil:
		return device, err
	case name == "auto":
		remark(c, "device: %v (chosen by auto)", device)
	}
	return device, nil
}

// loadOnlyModel loads a model onto the device that --device names.
func loadOnlyModel(c *cli.Context, path string) (*encoder.Encoder, error) {
	device, err := chooseDevice(c)
	if err != nil {
		return nil, err
	}
	return loadModel(c, path, device, computeOf(c))
}

// loadModel loads a model onto the device, to embed as many pictures as there are.
func loadModel(c *cli.Context, path string, device torch.Device, how evaluation.Compute) (*encoder.Encoder, error) {
	return loadModelFor(c, path, device, how, 0)
}

// loadModelFor loads a model onto the device to embed that many pictures, few. For 0 it is as many
// as there are, and making the model faster may take some time.
func loadModelFor(c *cli.Context, path string, device torch.Device, how evaluation.Compute, pictures int) (*encoder.Encoder, error) {
	if err := how.Precision.Check(device); err != nil {
		return nil, usageError{err}
	}
	if err := torch.SetDeterministic(how.Deterministic); err != nil {
		return nil, err
	}
	size := batchSize(how, device)
	if pictures > 0 {
		size = min(size, pictures)
	}
	e, err := encoder.Load(path, encoder.Options{
		Device:     device,
		Workers:    workers(c),
		BatchSize:  size,
		Precision:  how.Precision,
		ExifRotate: how.ExifRotate,
		Optimize:   pictures == 0,
		TrustModel: c.Bool("trust-model"),
		Notify:     func(message string) { remark(c, "%s", message) },
	})
	if err != nil {
		return nil, err
	}
	m := e.Metadata()
	where := e.Device().String()
	if how.Precision != encoder.FP32 {
		where += ", " + string(how.Precision)
	}
	remark(c, "model: %s, %s M parameters, %s", m.ModelName, report.Millions(m.NumParams), where)
	return e, nil
}

// batchSize is how many pictures are computed on CUDA, and written to a database, at a time.
func batchSize(how evaluation.Compute, device torch.Device) int {
	switch {
	case how.BatchSize > 0:
		return how.BatchSize
	case device.Type == torch.CUDAType:
		return encoder.DefaultBatchSize
	}
	return defaultBatchSize
}
