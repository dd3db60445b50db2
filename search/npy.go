package search

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// WriteNPY writes embeddings, [N, D], as a NumPy array of float32 (format 1.0, little-endian, C order).
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func WriteNPY(w io.Writer, embeddings []float32, dim int) error {
	n := 0
	if dim > 0 {
		n = len(embeddings) / dim
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, dim)
	// Magic, version, length and header fill a multiple of 64 bytes; a newline ends it.
	const before = 10
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	out := bufio.NewWriter(w)
	out.WriteString("\x93NUMPY\x01\x00")
	binary.Write(out, binary.LittleEndian, uint16(len(header)))
	out.WriteString(header)
	binary.Write(out, binary.LittleEndian, embeddings)
	return out.Flush() // reports the first error of any write
}

// SaveNPY writes the set's embeddings to a NumPy file and the files they belong to, a line each in the same order, to a
// text file named after it with .txt appended. Neither appears half-written.
func SaveNPY(path string, set *Set) error {
	err := writeAtomically(path+".txt", func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(append(set.Files(), ""), "\n"))
		return err
	})
	if err != nil {
		return err
	}
	return writeAtomically(path, func(w io.Writer) error { return WriteNPY(w, set.Embeddings, set.Dim) })
}

// writeAtomically writes a temporary file beside path and renames it.
func writeAtomically(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails once it has been renamed
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
