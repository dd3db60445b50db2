package torch

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// LibtorchVariable names the environment variable that says where libtorch's own libraries are,
// such as the folder lib of a Python torch package. It is for packages of vs that ship no libtorch
// but a library for each version of it: libvstorch-1.13.so, libvstorch-2.6.so.
const LibtorchVariable = "VS_LIBTORCH"

// Libtorch is a libtorch on this machine.
type Libtorch struct {
	Folder  string // of libtorch_cpu
	Version string // the first two numbers, such as "2.6"; others have another C++ interface
	OldABI  bool   // it has the C++ ABI of before GCC 5, so that no library of this package fits
	CUDA    bool   // it was built with CUDA
}

// OldABIReason says why a libtorch with OldABI is refused, and what to do.
const OldABIReason = "it has the C++ ABI of before GCC 5; Python's torch has the newer one since 2.7, and 2.6 for CUDA 12.6 too"

// InspectLibtorch finds out which libtorch a folder holds, without loading it.
func InspectLibtorch(folder string) (Libtorch, error) {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real // the folder above counts
	}
	l := Libtorch{Folder: folder, OldABI: hasOldABI(folder), CUDA: exists(filepath.Join(folder, "libtorch_cuda.so"))}
	found, err := filepath.Glob(filepath.Join(folder, "libtorch_cpu.so*"))
	if err != nil || len(found) == 0 {
		return l, fmt.Errorf("%s holds no libtorch_cpu.so", folder)
	}
	for _, path := range found { // Debian's names have the version
		if version, ok := strings.CutPrefix(filepath.Base(path), "libtorch_cpu.so."); ok && minorVersion.MatchString(version) {
			l.Version = minorVersion.FindString(version)
			return l, nil
		}
	}
	for _, name := range []string{"version.py", "build-version"} { // a Python package; an unpacked libtorch
		text, err := os.ReadFile(filepath.Join(folder, "..", name))
		if err != nil {
			continue
		}
		if match := versionLine.FindSubmatch(text); match != nil {
			l.Version = minorVersion.FindString(string(match[1]))
			return l, nil
		}
	}
	return l, fmt.Errorf("the version of the libtorch in %s is unknown: there is neither version.py nor build-version in the folder above", folder)
}

// hasOldABI reports whether the CMake files beside a libtorch ask for the ABI of before GCC 5.
// Debian keeps these elsewhere and has the newer ABI.
func hasOldABI(folder string) bool {
	text, err := os.ReadFile(filepath.Join(folder, "..", "share", "cmake", "Torch", "TorchConfig.cmake"))
	return err == nil && strings.Contains(string(text), "-D_GLIBCXX_USE_CXX11_ABI=0")
}

var (
	minorVersion = regexp.MustCompile(`^\d+\.\d+`)
	versionLine  = regexp.MustCompile(`(?m)^(?:__version__\s*=\s*['"])?(\d+\.\d+[^'"\s]*)`)
)

// Prebuilt returns the versions of libtorch that this package of vs has a library for, none where
// it was built against one.
func Prebuilt() (versions []string) {
	for _, path := range prebuiltPaths() {
		versions = append(versions, prebuiltVersion(path))
	}
	return versions
}

func prebuiltPaths() []string {
	for _, folder := range folders() {
		found, err := filepath.Glob(filepath.Join(folder, "libvstorch-*.so"))
		if err == nil && len(found) > 0 {
			slices.SortFunc(found, func(a, b string) int { return compareVersions(prebuiltVersion(a), prebuiltVersion(b)) })
			return found
		}
	}
	return nil
}

func prebuiltVersion(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "libvstorch-"), ".so")
}

// compareVersions orders versions by their numbers: 2.6 comes before 2.14.
func compareVersions(a, b string) int {
	return slices.Compare(versionNumbers(a), versionNumbers(b))
}

func versionNumbers(version string) (numbers []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return numbers
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// openPrebuilt opens the library that fits a libtorch, after that.
func openPrebuilt(l Libtorch) (string, error) {
	if l.OldABI {
		return "", fmt.Errorf("%w: the libtorch in %s cannot be used: %s", ErrNoLibrary, l.Folder, OldABIReason)
	}
	paths := prebuiltPaths()
	i := slices.IndexFunc(paths, func(path string) bool { return prebuiltVersion(path) == l.Version })
	if i < 0 {
		return "", fmt.Errorf("%w: %s holds libtorch %s, and this package of vs has libraries for %s; install one of these, or build vs from its sources: LIBTORCH=%s make build",
			ErrNoLibrary, l.Folder, l.Version, strings.Join(Prebuilt(), ", "), filepath.Dir(l.Folder))
	}
	for _, name := range []string{"c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"} {
		file := filepath.Join(l.Folder, "lib"+name+".so")
		if _, err := os.Stat(file); err != nil {
			if file += "." + l.Version; !exists(file) {
				continue // only c10_cuda and torch_cuda may be missing, which the library finds out
			}
		}
		if err := preload(file); err != nil {
			return "", fmt.Errorf("%w: open %s: %w", ErrNoLibrary, file, err)
		}
	}
	err := open(paths[i])
	if err != nil && strings.Contains(err.Error(), "undefined symbol") && strings.Contains(err.Error(), "__cxx11") {
		err = errors.New(OldABIReason)
	}
	if err != nil {
		return "", fmt.Errorf("%w: open %s on the libtorch in %s: %w", ErrNoLibrary, paths[i], l.Folder, err)
	}
	return paths[i], nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// preload opens a library whose symbols those that are opened later may use.
func preload(path string) error {
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	return goError(C.vst_preload(cPath))
}

// systemLibtorch returns the libtorch among the system's libraries for which there is a library.
func systemLibtorch() (Libtorch, bool) {
	found, err := filepath.Glob("/usr/lib/*/libtorch_cpu.so.*")
	if err != nil {
		return Libtorch{}, false
	}
	for _, path := range found {
		if l, err := InspectLibtorch(filepath.Dir(path)); err == nil && slices.Contains(Prebuilt(), l.Version) {
			return l, true
		}
	}
	return Libtorch{}, false
}
