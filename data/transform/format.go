package transform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxPixels is the largest picture that is decoded, by Pillow's rule against decompression bombs:
// twice the number of RGB pixels in a quarter of a gibibyte.
const maxPixels = 2 * (1 << 30 / 4 / 3)

// checkSize refuses what a header claims before anything is allocated for it.
func checkSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("picture of %dx%d pixels", width, height)
	}
	if width > maxPixels/height {
		return fmt.Errorf("picture of %dx%d pixels: more than %d, taken for a decompression bomb", width, height, maxPixels)
	}
	return nil
}

var errNoFormat = errors.New("not a picture in a known format (JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC, AVIF, JPEG 2000)")

// format tells the format by the first bytes of the file; "" is none.
func format(file []byte) string {
	starts := func(magic string) bool { return bytes.HasPrefix(file, []byte(magic)) }
	switch {
	case starts("\xff\xd8\xff"):
		return "jpeg"
	case starts(pngMagic):
		return "png"
	case starts("GIF87a"), starts("GIF89a"):
		return "gif"
	case starts("BM"):
		return "bmp"
	case isTIFF(file):
		return "tiff"
	case starts("RIFF") && len(file) >= 12 && string(file[8:12]) == "WEBP":
		return "webp"
	case starts("\x00\x00\x00\x0cjP  \r\n\x87\n"), starts("\xff\x4f\xff\x51"):
		return "jp2"
	}
	return isoFormat(file)
}

// picture is an opened picture that is not a JPEG. Whoever opened it calls release at the end.
type picture interface {
	// size is that of the rows, which an orientation may have turned.
	size() (width, height int)
	// row writes the columns from x on of row y as RGBX, as many as dst has room for. Rows are
	// asked for from top to bottom; the fourth byte of a pixel means nothing.
	row(dst []byte, y, x int) error
	// finish is called after the last row; it says whether the rest of the file is sound.
	finish() error
}

// isTIFF reports whether data begin as a TIFF, or as EXIF, which has the same form. Two headers
// that mix the byte orders are known, too.
func isTIFF(data []byte) bool {
	if len(data) < 8 {
		return false
	}
	switch string(data[:4]) {
	case "II*\x00", "MM\x00*", "II\x00*", "MM*\x00", "II+\x00", "MM\x00+":
		return true
	}
	return false
}

// release frees what a picture holds outside Go's memory.
func release(p picture) {
	if c, ok := p.(io.Closer); ok {
		c.Close()
	}
}

// open opens a picture that is not a JPEG. A panic of a decoder is an error of the file.
func open(format string, file []byte) (info Info, p picture, err error) {
	defer recoverTo(&err, format)
	defer func() { info.Orientation = max(info.Orientation, orientation(format, file)) }()
	switch format {
	case "png":
		return openPNG(file)
	case "gif":
		return openGIF(file)
	case "bmp":
		return openBMP(file)
	case "tiff":
		return openTIFF(file)
	case "webp":
		return openWebP(file)
	case "heic":
		return openHEIC(file)
	case "avif", "jp2":
		return openLibrary(format, file)
	}
	return Info{}, nil, errNoFormat
}

func recoverTo(err *error, format string) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("corrupt %s: %v", format, r)
	}
}
