package torch

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
)

// LibraryName is the file that the root CMakeLists.txt builds from torch/csrc.
const LibraryName = "libvstorch.so"

// LibraryPathVariable names the environment variable that says where the library is: the file or
// its folder.
const LibraryPathVariable = "VS_LIBRARY_PATH"

// ErrNoLibrary is wrapped by every error that comes from a library that is missing or cannot be
// opened.
var ErrNoLibrary = errors.New("libtorch is not available")

// Load opens the library. Every other function of the package does so itself; a program calls Load
// to report a missing library early. The places searched, in this order, are $VS_LIBRARY_PATH alone
// if it is set, else the folder of the executable and, if that is called bin, the folders lib and
// build beside it. Symbolic links to the executable are followed. In tests it is the build folder
// of the source tree.
func Load() error {
	_, err := LibraryPath()
	return err
}

// LibraryPath loads the library and returns the file that it was loaded from.
func LibraryPath() (string, error) { return load() }

var load = sync.OnceValues(func() (string, error) {
	if folder := os.Getenv(LibtorchVariable); folder != "" && os.Getenv(LibraryPathVariable) == "" && len(Prebuilt()) > 0 {
		l, err := InspectLibtorch(folder)
		if err != nil {
			return "", fmt.Errorf("%w: %s: %w", ErrNoLibrary, LibtorchVariable, err)
		}
		return openPrebuilt(l)
	}
	var missing []string
	for _, path := range candidates() {
		if _, err := os.Stat(path); err != nil {
			missing = append(missing, path)
			continue
		}
		if err := open(path); err != nil {
			return "", fmt.Errorf("%w: open %s: %w; rebuild it with: make build", ErrNoLibrary, path, err)
		}
		return path, nil
	}
	if versions := Prebuilt(); len(versions) > 0 && os.Getenv(LibraryPathVariable) == "" {
		if l, ok := systemLibtorch(); ok {
			return openPrebuilt(l)
		}
		return "", fmt.Errorf("%w: none of version %s is installed among the system's libraries; name the folder of another in %s, which vs doctor finds",
			ErrNoLibrary, strings.Join(versions, " or "), LibtorchVariable)
	}
	return "", fmt.Errorf("%w: %s not found in %s; build it with: make build, or set %s",
		ErrNoLibrary, LibraryName, strings.Join(missing, ", "), LibraryPathVariable)
})

// loaded reports whether load has succeeded.
var loaded atomic.Bool

func candidates() []string {
	if path := os.Getenv(LibraryPathVariable); path != "" {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, LibraryName)
		}
		return []string{path}
	}
	var paths []string
	for _, folder := range folders() {
		paths = append(paths, filepath.Join(folder, LibraryName))
	}
	return paths
}

// folders are those that the library is looked for in.
func folders() []string {
	if testing.Testing() {
		_, source, _, _ := runtime.Caller(0)
		return []string{filepath.Join(filepath.Dir(source), "..", "build")}
	}
	exe, err := os.Executable()
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	return beside(exe)
}

// beside returns the folders that belong to an executable. The library is code, so it is looked for
// nowhere else: not in the folder that the sources had where the program was compiled, which here
// anyone may have made.
func beside(exe string) []string {
	dir := filepath.Dir(exe)
	if filepath.Base(dir) != "bin" {
		return []string{dir}
	}
	parent := filepath.Dir(dir)
	return []string{dir, filepath.Join(parent, "lib"), filepath.Join(parent, "build")}
}

func open(path string) error {
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	if err := goError(C.vst_open(cPath)); err != nil {
		return err
	}
	loaded.Store(true)
	return nil
}

// goError takes a C function's result: nil, or a message that it frees.
func goError(message *C.char) error {
	if message == nil {
		return nil
	}
	defer C.vst_free_message(message)
	return newError(C.GoString(message))
}
