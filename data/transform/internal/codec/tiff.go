package codec

// #include "codec.h"
import "C"

import (
	"errors"
	"unsafe"
)

// Libraries that TIFFs need.
var (
	TIFF = library("TIFF", "libtiff", "libtiff-tools", &C.vs_libtiff)
	LCMS = library("TIFF in LAB", "Little CMS", "liblcms2-2", &C.vs_lcms)
)

// TIFFPicture says how the first picture of a compressed TIFF is to be read.
type TIFFPicture struct {
	Width, Height     int
	PixelBits, Planes int
	RGBA              bool // libtiff makes RGBA of it
}

// DecodeTIFF decodes the first picture: planes one after the other, with rows that begin at a
// byte. Samples of more than 8 bits have the low byte first.
func DecodeTIFF(file []byte, p TIFFPicture) ([]byte, error) {
	if err := TIFF.ready(); err != nil {
		return nil, err
	}
	c := C.vs_tiff{
		width: C.int64_t(p.Width), height: C.int64_t(p.Height),
		pixel_bits: C.int(p.PixelBits), planes: C.int(p.Planes),
	}
	size := p.Planes * p.Height * ((p.Width*p.PixelBits/p.Planes + 7) / 8)
	if p.RGBA {
		c.rgba = 1
		size = 4 * p.Width * p.Height
	}
	rows := make([]byte, size)
	data, out := (*C.uint8_t)(unsafe.SliceData(file)), (*C.uint8_t)(unsafe.SliceData(rows))
	var message [200]C.char
	if C.vs_tiff_read(&c, data, C.size_t(len(file)), out, &message[0], C.size_t(len(message))) != 0 {
		return nil, TIFF.failed(&message[0])
	}
	return rows, nil
}

// LABToRGB makes sRGB of CIE L*a*b* in place, 4 bytes a pixel.
func LABToRGB(pixels []byte) error {
	if err := LCMS.ready(); err != nil {
		return err
	}
	if C.vs_lab_to_rgb((*C.uint8_t)(unsafe.SliceData(pixels)), C.size_t(len(pixels)/4)) != 0 {
		return errors.New("the colours cannot be converted by Little CMS")
	}
	return nil
}
