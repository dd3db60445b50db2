// Package codec decodes picture formats by libraries of the system, which are opened when they are
// first needed.
package codec

// #cgo CFLAGS: -O3
// #cgo LDFLAGS: -ldl
// #include "codec.h"
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// A Library decodes one format.
type Library struct {
	Format  string // what it decodes
	Name    string // what people call it
	Package string // of Debian, which holds it

	load func() (version string, err error)
}

func library(format, name, debian string, lib *C.vs_library) Library {
	return Library{format, name, debian, sync.OnceValues(func() (string, error) {
		var text [300]C.char
		if C.vs_library_load(lib, &text[0], C.size_t(len(text))) != 0 {
			return "", errors.New(C.GoString(&text[0]))
		}
		return C.GoString(&text[0]), nil
	})}
}

// Version opens the library and says its version. The error says why it cannot be used.
func (l *Library) Version() (string, error) { return l.load() }

// ready opens the library.
func (l *Library) ready() error {
	if _, err := l.load(); err != nil {
		return &MissingError{l, err}
	}
	return nil
}

// A Codec is a library that decodes whole pictures.
type Codec struct {
	Library
	codec *C.vs_codec
}

func newCodec(format, name, debian string, c *C.vs_codec) *Codec {
	return &Codec{library(format, name, debian, &c.library), c}
}

// The codecs.
var (
	WebP = newCodec("WebP", "libwebp", "libwebpdemux2", &C.vs_webp)
	HEIF = newCodec("HEIC", "libheif", "libheif1", &C.vs_heif)
	JP2  = newCodec("JPEG 2000", "OpenJPEG", "libopenjp2-7", &C.vs_jp2)
	AVIF = newCodec("AVIF", "libavif", "libavif-bin", &C.vs_avif)
)

// Image is a decoded picture.
type Image struct {
	Width, Height int
	Alpha         bool
	Mode          string // Pillow's, "" for RGB, or RGBA with Alpha
	Orientation   int    // what EXIF would call the rotation that the format asks for, and that has not been made
	Pix           []byte // RGBX, the fourth byte of a pixel means nothing
}

// Decode decodes a picture. check refuses sizes before memory is taken for them.
func (l *Codec) Decode(file []byte, check func(width, height int) error) (*Image, error) {
	if err := l.ready(); err != nil {
		return nil, err
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	data := unsafe.SliceData(file)
	pinner.Pin(data) // the library keeps it between the calls
	m := new(C.vs_image)
	pinner.Pin(m)
	defer C.vs_codec_close(l.codec, m)
	if C.vs_codec_open(l.codec, m, (*C.uint8_t)(data), C.size_t(len(file))) != 0 {
		return nil, l.failed(&m.message[0])
	}
	if err := check(int(m.width), int(m.height)); err != nil {
		return nil, err
	}
	if m.coded_width != 0 || m.coded_height != 0 {
		if err := check(int(m.coded_width), int(m.coded_height)); err != nil {
			return nil, err
		}
	}
	image := &Image{Width: int(m.width), Height: int(m.height), Orientation: int(m.orientation)}
	image.Pix = make([]byte, 4*image.Width*image.Height)
	if C.vs_codec_read(l.codec, m, (*C.uint8_t)(unsafe.SliceData(image.Pix))) != 0 {
		return nil, l.failed(&m.message[0])
	}
	image.Alpha, image.Mode = m.alpha != 0, C.GoString(&m.mode[0])
	return image, nil
}

// failed is an error with the library's message, as one line that begins in lower case.
func (l *Library) failed(message *C.char) error {
	text := strings.Join(strings.Fields(C.GoString(message)), " ")
	if text == C.VS_NO_MEMORY {
		return syscall.ENOMEM // no fault of the file
	}
	text = strings.TrimRight(strings.ToValidUTF8(text, "?"), ". ")
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	if what, ok := strings.CutPrefix(text, "unsupported: "); ok {
		return fmt.Errorf("unsupported %s: %s", l.Format, what)
	}
	return fmt.Errorf("corrupt %s: %s", l.Format, text)
}

// MissingError is the error of a picture whose library cannot be opened.
type MissingError struct {
	Library *Library
	Err     error
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s needs %s, which cannot be opened (%v); install Debian's %s", e.Library.Format, e.Library.Name, e.Err, e.Library.Package)
}

func (e *MissingError) Unwrap() error { return e.Err }
