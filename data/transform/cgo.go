package transform

// #cgo CFLAGS: -O3
// #cgo LDFLAGS: -ljpeg -lm
// #cgo noescape vs_jpeg_open
// #cgo nocallback vs_jpeg_open
// #cgo noescape vs_jpeg_decode
// #cgo nocallback vs_jpeg_decode
// #cgo noescape vs_sink_push
// #cgo nocallback vs_sink_push
// #cgo noescape vs_sink_target
// #cgo nocallback vs_sink_target
// #cgo noescape vs_sink_begin
// #cgo nocallback vs_sink_begin
// #cgo noescape vs_augment
// #cgo nocallback vs_augment
// #include "augment.h"
// #include "jpeg.h"
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"unsafe"
)

// errNoMemory is the system's error, by which callers tell it from those of a file.
var errNoMemory error = syscall.ENOMEM

// core is the C side of a Decoder: the resampler and libjpeg's state.
type core struct {
	sink *C.vs_sink
	jpeg *C.vs_jpeg
}

// kernels names the resampling kernels that this processor can run, best first.
func kernels() (names []string) {
	for i := 0; ; i++ {
		k := C.vs_kernel_at(C.int(i))
		if k == nil {
			return names
		}
		names = append(names, C.GoString(k.name))
	}
}

// newCore makes a core with the kernel at this place of kernels.
func newCore(kernel int) (core, error) {
	c := core{C.vs_sink_new(C.vs_kernel_at(C.int(kernel))), C.vs_jpeg_new()}
	if c.sink == nil || c.jpeg == nil {
		c.free()
		return core{}, errNoMemory
	}
	return c, nil
}

// resizeAlso makes the core resize each picture in another way as well, see begin.
func (c core) resizeAlso() error {
	if c.sink.also = C.vs_sink_new(c.sink.kernel); c.sink.also == nil {
		return errNoMemory
	}
	return nil
}

func (c core) free() {
	C.vs_sink_free(c.sink)
	C.vs_jpeg_free(c.jpeg)
}

// target is where finished crops go, CHW.
type target struct {
	pixels []uint8
	other  []uint8 // after resizeAlso
}

func (t target) pointers() (pixels, other *C.uint8_t) {
	return (*C.uint8_t)(unsafe.SliceData(t.pixels)), (*C.uint8_t)(unsafe.SliceData(t.other))
}

// begin tells the resampler of the next picture, of w by h pixels. The layouts are one, or after
// resizeAlso two.
func (c core) begin(w, h int, layouts ...layout) error {
	sink := c.sink
	for _, l := range layouts {
		columns, rows, err := l.sides(w, h)
		if err != nil {
			return err
		}
		x, y := columns.c(), rows.c()
		if C.vs_sink_begin(sink, &x, &y, C.int(l.filter), (*C.uint8_t)(&l.fill[0])) != 0 {
			return errNoMemory
		}
		sink = sink.also
	}
	if c.sink.also != nil && C.vs_sink_join(c.sink) != 0 {
		return errNoMemory
	}
	return nil
}

func (s side) c() C.vs_side {
	return C.vs_side{
		in: C.int64_t(s.in), out: C.int64_t(s.out),
		crop: C.int64_t(s.crop), kept: C.int64_t(s.kept),
		pad: C.int64_t(s.pad), size: C.int64_t(s.size),
	}
}

// wanted is the part of the picture that the crop depends on: columns x0 to x1, rows y0 to y1.
func (c core) wanted() (x0, x1, y0, y1 int) {
	return int(c.sink.x.first), int(c.sink.x.last), int(c.sink.y.first), int(c.sink.y.last)
}

// start prepares for rows of the wanted columns.
func (c core) start(t target) error {
	if C.vs_sink_start(c.sink, c.sink.x.first, c.sink.x.last-c.sink.x.first) != 0 {
		return errNoMemory
	}
	pixels, other := t.pointers()
	C.vs_sink_target(c.sink, pixels, other)
	C.vs_sink_release(c.sink)
	return nil
}

// push takes the next wanted row: RGBX of the wanted columns.
func (c core) push(row []byte, t target) {
	pixels, other := t.pointers()
	C.vs_sink_push(c.sink, (*C.uint8_t)(unsafe.SliceData(row)), C.size_t(len(row)), pixels, other)
}

// openJPEG reads the header of a JPEG file.
func (c core) openJPEG(file []byte) (width, height, components int, err error) {
	data := (*C.uint8_t)(unsafe.SliceData(file))
	if status := C.vs_jpeg_open(c.jpeg, data, C.size_t(len(file))); status != C.VS_JPEG_OK {
		return 0, 0, 0, c.jpegError(status)
	}
	info := C.vs_jpeg_about(c.jpeg)
	return int(info.width), int(info.height), int(info.components), nil
}

// decodeJPEG decodes the file that openJPEG has opened, after begin.
func (c core) decodeJPEG(file []byte, t target) error {
	data := (*C.uint8_t)(unsafe.SliceData(file))
	pixels, other := t.pointers()
	if status := C.vs_jpeg_decode(c.jpeg, data, C.size_t(len(file)), c.sink, pixels, other); status != C.VS_JPEG_OK {
		return c.jpegError(status)
	}
	return nil
}

func (c core) jpegError(status C.vs_jpeg_status) error {
	info := C.vs_jpeg_about(c.jpeg)
	switch {
	case status == C.VS_JPEG_NO_MEMORY:
		return errNoMemory
	case status == C.VS_JPEG_CORRUPT:
		text := C.GoString(&info.message[0])
		first := min(1, len(text))
		return fmt.Errorf("corrupt JPEG: %s", strings.ToLower(text[:first])+text[first:])
	case info.height == 0:
		return errors.New("truncated JPEG: data ends in the header")
	case info.row < 0:
		return errors.New("truncated JPEG: data ends before the last scan")
	}
	return fmt.Errorf("truncated JPEG: data ends in row %d of %d", info.row, info.height)
}

// augment makes an instance of a crop, see vs_augment.
func augment(crop []uint8, width int, v variation, grey, instance []uint8) {
	var p C.vs_variation
	if v.flip {
		p.flip = 1
	}
	for i, enhancement := range v.order {
		p.order[i] = C.int(enhancement)
		p.factor[i] = C.float(v.factor[i])
	}
	C.vs_augment((*C.uint8_t)(unsafe.SliceData(crop)), C.int64_t(width), C.int64_t(len(crop)/3/width), &p,
		(*C.uint8_t)(unsafe.SliceData(grey)), (*C.uint8_t)(unsafe.SliceData(instance)))
}
