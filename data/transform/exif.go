package transform

import (
	"bytes"
	"encoding/binary"
)

// upright is the orientation of a picture that is shown as it is stored.
const upright = 1

// orientation is what the EXIF data of a JPEG, PNG or WebP say, 1 to 8, as Pillow's
// ImageOps.exif_transpose reads it.
func orientation(format string, file []byte) int {
	var exif []byte
	switch format {
	case "jpeg":
		exif = jpegExif(file)
	case "png":
		exif = pngExif(file)
	case "webp":
		exif = webpExif(file)
	}
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if !isTIFF(exif) {
		return upright
	}
	tags, err := readTIFFTags(exif)
	if o := tags.first(tiffOrientation, upright); err == nil && o >= 1 && o <= 8 {
		return o
	}
	return upright
}

// jpegExif is the content of the first EXIF segment before the first scan.
func jpegExif(file []byte) []byte {
	const exif, scan, end = 0xe1, 0xda, 0xd9
	for rest := file[2:]; len(rest) >= 4; {
		marker := rest[1]
		switch {
		case rest[0] != 0xff, marker == 0xff: // filling
			rest = rest[1:]
			continue
		case marker == scan, marker == end:
			return nil
		case marker <= 1, marker >= 0xd0 && marker < end: // stands alone
			rest = rest[2:]
			continue
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 2 || 2+n > len(rest) {
			return nil
		}
		if body := rest[4 : 2+n]; marker == exif && bytes.HasPrefix(body, []byte("Exif\x00")) {
			return body
		}
		rest = rest[2+n:]
	}
	return nil
}

// pngExif is the content of the EXIF chunk before the pixels.
func pngExif(file []byte) []byte {
	for rest := file[len(pngMagic):]; len(rest) >= 12; {
		n, name := int(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		if name == "IDAT" || n > len(rest)-12 {
			return nil
		}
		if name == "eXIf" {
			return rest[8 : 8+n]
		}
		rest = rest[12+n:]
	}
	return nil
}

// webpExif is the content of the EXIF chunk.
func webpExif(file []byte) []byte {
	for rest := file[min(12, len(file)):]; len(rest) >= 8; {
		n, name := int(binary.LittleEndian.Uint32(rest[4:])), string(rest[:4])
		if n > len(rest)-8 {
			return nil
		}
		if name == "EXIF" {
			return rest[8 : 8+n]
		}
		rest = rest[min(8+n+n&1, len(rest)):]
	}
	return nil
}
