package codec

// #cgo noescape vs_inflate
// #cgo nocallback vs_inflate
// #include "codec.h"
import "C"

import (
	"errors"
	"runtime"
	"syscall"
	"unsafe"
)

// Zlib decompresses PNGs.
var Zlib = library("PNG", "zlib", "zlib1g", &C.vs_zlib)

// An Inflater decompresses a zlib stream.
type Inflater struct {
	c       *C.vs_inflater
	cleanup runtime.Cleanup
}

// NewInflater makes an Inflater at the beginning of a stream. Close frees its memory.
func NewInflater() (*Inflater, error) {
	if err := Zlib.ready(); err != nil {
		return nil, err
	}
	c := C.vs_inflater_new()
	if c == nil {
		return nil, syscall.ENOMEM // as transform says that memory is short
	}
	i := &Inflater{c: c}
	i.cleanup = runtime.AddCleanup(i, func(c *C.vs_inflater) { C.vs_inflater_free(c) }, c)
	return i, nil
}

// Close frees the memory. It may be called more than once.
func (i *Inflater) Close() {
	if i.c == nil {
		return
	}
	i.cleanup.Stop()
	C.vs_inflater_free(i.c)
	i.c = nil
}

// Inflate reads from in until out is full, in is used up or the stream at its end. It returns how
// many bytes it has written and read.
func (i *Inflater) Inflate(out, in []byte) (written, read int, end bool, err error) {
	outLeft, inLeft := C.uint32_t(len(out)), C.uint32_t(len(in))
	code := C.vs_inflate(i.c, (*C.uint8_t)(unsafe.SliceData(out)), &outLeft, (*C.uint8_t)(unsafe.SliceData(in)), &inLeft)
	if code < 0 {
		err = errors.New(C.GoString(C.vs_inflater_message(i.c)))
	}
	return len(out) - int(outLeft), len(in) - int(inLeft), code == 1, err
}
