package transform

import (
	"encoding/binary"
	"errors"
)

// openWebP reads a WebP, or the first frame of an animated one on its canvas. libwebp does it all,
// since what it makes of damaged data, in arithmetic that overflows, is its own; only what can be
// said better is said here.
func openWebP(file []byte) (Info, picture, error) {
	if size := int(binary.LittleEndian.Uint32(file[4:])); size > len(file)-8 {
		return Info{}, nil, errors.New("truncated WebP")
	}
	if len(file) >= 30 && string(file[12:16]) == "VP8X" {
		if err := checkSize(1+uint24(file[24:]), 1+uint24(file[27:])); err != nil {
			return Info{}, nil, err
		}
	}
	return openLibrary("webp", file)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
