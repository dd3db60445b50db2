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
	"unsafe"
)

// LibraryName is the file that the root CMakeLists.txt builds from torch/csrc.
const LibraryName = "libvstorch.so"

// LibraryPathVariable names the environment variable that says where the library is: the file or its folder.
const LibraryPathVariable = "VS_LIBRARY_PATH"

// ErrNoLibrary is wrapped by every error that comes from a library that is missing or cannot be opened.
var ErrNoLibrary = errors.New("libtorch is not available")

// Load opens the library. Every other function of the package does so itself; a program calls Load to report a
// missing library early. The places searched, in this order, are $VS_LIBRARY_PATH alone if it is set, else
// the folder of the executable, ../lib and ../build beside it, and the build folder of the source tree
// that the program was compiled from.
func Load() error {
	_, err := LibraryPath()
	return err
}

// LibraryPath loads the library and returns the file that it was loaded from.
func LibraryPath() (string, error) { return load() }

var load = sync.OnceValues(func() (string, error) {
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
	return "", fmt.Errorf("%w: %s not found in %s; build it with: make build, or set %s",
		ErrNoLibrary, LibraryName, strings.Join(missing, ", "), LibraryPathVariable)
})

func candidates() []string {
	if path := os.Getenv(LibraryPathVariable); path != "" {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, LibraryName)
		}
		return []string{path}
	}
	var folders []string
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		dir := filepath.Dir(exe)
		folders = append(folders, dir, filepath.Join(dir, "..", "lib"), filepath.Join(dir, "..", "build"))
	}
	if _, source, _, ok := runtime.Caller(0); ok && filepath.IsAbs(source) {
		folders = append(folders, filepath.Join(filepath.Dir(source), "..", "build"))
	}
	paths := make([]string, len(folders))
	for i, folder := range folders {
		paths[i] = filepath.Join(folder, LibraryName)
	}
	return paths
}

func open(path string) error {
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	return goError(C.vst_open(cPath))
}

// goError takes a C function's result: nil, or a message that it frees.
func goError(message *C.char) error {
	if message == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(message))
	return newError(C.GoString(message))
}
