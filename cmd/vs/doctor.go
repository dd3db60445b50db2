package main

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/report"
	"vs/torch"
)

func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check libtorch, BLAS, CUDA and the picture libraries, and suggest fixes",
		Description: "It ends with code 1 if vs cannot work here.\n\n" +
			"Example: vs doctor",
		Action: doctor,
	}
}

func doctor(c *cli.Context) error {
	lines := [][2]string{
		{"vs", c.App.Version},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
	}
	var files []torch.LibraryFile
	var advice []string
	var info torch.Info
	path, loadErr := torch.LibraryPath()
	if loadErr == nil {
		var err error
		if info, err = torch.GetInfo(); err != nil {
			return err
		}
		if files, err = torch.LibraryFiles(); err != nil {
			return err
		}
		build, err := torch.Build()
		if err != nil {
			return err
		}
		lines = append(lines,
			[2]string{"library", path},
			[2]string{"libtorch", info.LibTorch},
			[2]string{"libtorch build", build + " in " + folderOf(files)},
			[2]string{"BLAS", blasLine(info)},
			[2]string{"CPU", fmt.Sprintf("%d usable cores, bf16 instructions: %s", cores, yesNo(info.CPUBF16))},
			[2]string{"threads", fmt.Sprintf("%d workers of one intra-op thread each (libtorch's own choice here: %d)", cores, info.Threads)},
			[2]string{"CUDA", cudaLine(info)})
		for i := range info.CUDACount {
			device, err := torch.GetCUDAInfo(i)
			if err != nil {
				return err
			}
			lines = append(lines, [2]string{torch.CUDA(i).String(), fmt.Sprintf("%s, %.1f GiB, compute capability %d.%d, bf16 and tf32: %s",
				device.Name, float64(device.TotalMemory)/(1<<30), device.ComputeMajor, device.ComputeMinor, yesNo(device.BF16()))})
		}
	} else {
		lines = append(lines, [2]string{"library", "not usable"})
	}
	versions := torch.Prebuilt()
	var pythonAdvice string
	var pythonCUDA bool
	if len(versions) > 0 {
		var line string
		line, pythonAdvice, pythonCUDA = pythonTorchLine(c.Context, versions, files)
		lines = append(lines, [2]string{"Python's torch", line})
	}
	if loadErr == nil {
		advice = doctorAdvice(info, versions, pythonCUDA)
	}
	if pythonAdvice != "" {
		advice = append(advice, pythonAdvice)
	}
	lines = append(lines, decoderLines()...)
	if err := report.WriteSummary(c.App.Writer, lines); err != nil {
		return err
	}
	for _, a := range advice {
		if _, err := io.WriteString(c.App.Writer, "\n"+a+"\n"); err != nil {
			return err
		}
	}
	return loadErr
}

// libtorchCPU is the path of libtorch's largest part, "" if it is not among the files.
func libtorchCPU(files []torch.LibraryFile) string {
	for _, f := range files {
		if strings.HasPrefix(filepath.Base(f.Path), "libtorch_cpu.") {
			return f.Path
		}
	}
	return ""
}

func folderOf(files []torch.LibraryFile) string {
	path := libtorchCPU(files)
	if path == "" {
		return "an unknown folder"
	}
	return filepath.Dir(path)
}

func blasLine(info torch.Info) string {
	if info.BLAS == "" {
		return "unknown"
	}
	name, rest, _ := strings.Cut(info.BLAS, " ")
	version, _, _ := strings.Cut(rest, " ")
	return strings.TrimSpace(name + " " + version)
}

func cudaLine(info torch.Info) string {
	switch {
	case !info.CUDABuilt:
		return "no: this libtorch was built without it"
	case info.CUDACount == 0:
		return "no usable device"
	}
	return fmt.Sprintf("yes, devices: %d", info.CUDACount)
}

// doctorAdvice says what would make things better here. The versions are those of libtorch that
// this package of vs has libraries for. With pythonCUDA other advice leads to a GPU.
func doctorAdvice(info torch.Info, versions []string, pythonCUDA bool) []string {
	var advice []string
	if info.BLAS == "" {
		advice = append(advice, "The BLAS is neither OpenBLAS nor MKL and likely slow. On Debian: apt-get install libopenblas0-pthread")
	}
	switch {
	case pythonCUDA:
	case !info.CUDABuilt && len(versions) > 0:
		advice = append(advice, "To compute on an NVIDIA GPU, install Python's torch "+strings.Join(versions, " or ")+
			" with CUDA; vs doctor then prints the line to set.")
	case !info.CUDABuilt:
		advice = append(advice, "To compute on an NVIDIA GPU, build against a CUDA libtorch: LIBTORCH=/path/to/libtorch make build\n"+
			"(a Python torch package has one: python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')")
	case info.CUDACount == 0:
		advice = append(advice, "libtorch was built with CUDA but finds no device: check the NVIDIA driver with nvidia-smi.")
	}
	return advice
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
