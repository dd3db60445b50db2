package input

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

const (
	// maxFileSize is the largest file that is read, in bytes; no picture and no list of use comes
	// near it.
	maxFileSize int64 = 2 << 30
	// keptBuffer is the largest buffer that a Reader keeps for its next file, in bytes, so that one
	// huge file does not hold memory for good.
	keptBuffer = 8 << 20
)

// Regular returns an error unless the file is a regular one.
func Regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return errors.New("it is a folder, not a file")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

// ReadFile returns the content of a regular file. Its errors are all *fs.PathError.
func ReadFile(path string) ([]byte, error) {
	var r Reader
	return r.Read(path)
}

// Reader reads whole files into one buffer that it uses again. It is for one goroutine.
type Reader struct {
	buffer []byte
}

// Read returns the content of a regular file, valid until the next Read. Its errors are all
// *fs.PathError.
func (r *Reader) Read(path string) ([]byte, error) {
	if cap(r.buffer) > keptBuffer {
		r.buffer = nil
	}
	// Opening a pipe could wait forever and opening a device could do something, so look first.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := check(info); err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	// It may have become a pipe since; O_NONBLOCK opens that without waiting, and means nothing for
	// a file.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return nil, err
	}
	if err := check(info); err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return r.fill(file, path, int(info.Size()))
}

// check returns an error unless the file can be read whole and holds something.
func check(info fs.FileInfo) error {
	if err := Regular(info); err != nil {
		return err
	}
	switch size := info.Size(); {
	case size == 0:
		return errors.New("the file is empty")
	case size > maxFileSize:
		return fmt.Errorf("the file has %d bytes, more than the %d that are read", size, maxFileSize)
	}
	return nil
}

// fill reads the size bytes of the file, and tries one more to notice a file that grew.
func (r *Reader) fill(file io.Reader, path string, size int) ([]byte, error) {
	if cap(r.buffer) < size+1 {
		r.buffer = make([]byte, size+1)
	}
	n, err := io.ReadFull(file, r.buffer[:size+1])
	switch {
	case err == nil, n < size && (err == io.EOF || err == io.ErrUnexpectedEOF):
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("the file changed while it was read")}
	case err != io.ErrUnexpectedEOF:
		return nil, err
	}
	return r.buffer[:size], nil
}
