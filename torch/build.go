package torch

// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"
)

// LibraryFile is one of the loaded files that libtorch consists of.
type LibraryFile struct {
	Path string
	ID   string // the build ID that the linker gave it in hexadecimal, or the SHA-256 of a file without one
}

// LibraryFiles lists the loaded files of libtorch that compute, sorted by name. A file with another
// ID computes in another way, or at least was built again, whatever version it calls itself.
func LibraryFiles() ([]LibraryFile, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	var out *C.char
	if err := goError(C.vst_library_files(&out)); err != nil {
		return nil, fmt.Errorf("list the files of libtorch: %w", err)
	}
	defer C.free(unsafe.Pointer(out))
	var files []LibraryFile
	for line := range strings.Lines(C.GoString(out)) {
		path, id, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if id == "" {
			var err error
			if id, err = hashFile(path); err != nil {
				return nil, fmt.Errorf("identify libtorch: %w", err)
			}
		}
		files = append(files, LibraryFile{path, id})
	}
	slices.SortFunc(files, func(a, b LibraryFile) int { return strings.Compare(a.name(), b.name()) })
	return files, nil
}

// name is the file's without folder and version.
func (f LibraryFile) name() string {
	name, _, _ := strings.Cut(filepath.Base(f.Path), ".so")
	return name
}

// Build identifies the libtorch that is loaded: it is the same, 16 hexadecimal digits, where
// [LibraryFiles] are.
func Build() (string, error) {
	files, err := LibraryFiles()
	if err != nil {
		return "", err
	}
	return buildOf(files), nil
}

func buildOf(files []LibraryFile) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %s\n", f.name(), f.ID)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
