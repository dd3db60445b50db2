package transform

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"

	"vs/data/transform/internal/codec"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

var errPNGTruncated = errors.New("truncated PNG")

// Colour types of PNG.
const (
	pngGrey      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGreyAlpha = 4
	pngRGBA      = 6
)

// pngHeader is what the chunks before the pixels say.
type pngHeader struct {
	width, height, depth int
	colour               byte
	interlaced           bool
	palette              [256][3]byte
}

// channels is the number of samples of a pixel.
func (h *pngHeader) channels() int {
	switch h.colour {
	case pngGreyAlpha:
		return 2
	case pngRGB:
		return 3
	case pngRGBA:
		return 4
	}
	return 1
}

// rowBytes is the length of a row of that many pixels.
func (h *pngHeader) rowBytes(width int) int { return (width*h.channels()*h.depth + 7) / 8 }

// mode is Pillow's mode, or "" for a combination that PNG does not have. 16-bit grey with alpha has
// no mode of its own in Pillow.
func (h *pngHeader) mode() string {
	deep := h.depth == 8 || h.depth == 16
	shallow := h.depth == 1 || h.depth == 2 || h.depth == 4
	switch {
	case h.colour == pngGrey && h.depth == 1:
		return "1"
	case h.colour == pngGrey && h.depth == 16:
		return "I"
	case h.colour == pngGrey && (shallow || deep):
		return "L"
	case h.colour == pngPalette && (shallow || h.depth == 8):
		return "P"
	case h.colour == pngRGB && deep:
		return "RGB"
	case h.colour == pngGreyAlpha && h.depth == 8:
		return "LA"
	case (h.colour == pngGreyAlpha || h.colour == pngRGBA) && deep:
		return "RGBA"
	}
	return ""
}

// openPNG reads the chunks of a PNG. Like Pillow it verifies the checksums of the chunks before the
// pixels and no others, and needs nothing after them.
func openPNG(file []byte) (Info, picture, error) {
	h := pngHeader{palette: greyPalette()}
	var data [][]byte // the IDAT chunks
	seen := false
	for rest := file[len(pngMagic):]; ; {
		if len(rest) < 8 {
			if data == nil {
				return Info{}, nil, errPNGTruncated
			}
			break
		}
		length, name := int(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		body := rest[8:]
		if name == "IDAT" {
			data = append(data, body[:min(length, len(body))])
		} else if data != nil {
			break
		}
		if length > len(body)-4 {
			if data == nil {
				return Info{}, nil, errPNGTruncated
			}
			break
		}
		if data == nil && crc32.ChecksumIEEE(rest[4:8+length]) != binary.BigEndian.Uint32(body[length:]) {
			return Info{}, nil, fmt.Errorf("corrupt PNG: wrong checksum of chunk %q", name)
		}
		switch name {
		case "IHDR":
			if seen || length < 13 {
				return Info{}, nil, errors.New("corrupt PNG: bad header")
			}
			seen = true
			h.width, h.height = int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
			h.depth, h.colour, h.interlaced = int(body[8]), body[9], body[12] == 1
			if h.mode() == "" || body[10] != 0 || body[11] != 0 || body[12] > 1 {
				return Info{}, nil, errors.New("corrupt PNG: unknown kind of pixels")
			}
			if err := checkSize(h.width, h.height); err != nil {
				return Info{}, nil, err
			}
		case "PLTE":
			if length > 3*256 {
				return Info{}, nil, errors.New("corrupt PNG: palette too long")
			}
			setPalette(&h.palette, body[:length])
		case "IEND":
			if data == nil {
				return Info{}, nil, errors.New("PNG without pixels")
			}
		}
		rest = body[length+4:]
	}
	if !seen {
		return Info{}, nil, errors.New("corrupt PNG: no header")
	}
	info := Info{Format: "png", Mode: h.mode(), Width: h.width, Height: h.height}
	p, err := newPNGPicture(h, data)
	return info, p, err
}

// newPNGPicture starts to decompress the pixels.
func newPNGPicture(h pngHeader, data [][]byte) (picture, error) {
	// Deflate packs at most 1,032 to 1: rows that the data cannot hold are not allocated.
	need, total := h.rowBytes(h.width), 0
	if h.interlaced {
		need *= h.height
	}
	var blocks [][]byte // as Pillow gives them to zlib
	for _, d := range data {
		total += len(d)
		blocks = slices.AppendSeq(blocks, slices.Chunk(d, pngBlock))
	}
	if need > 1032*total {
		return nil, errPNGTruncated
	}
	z, err := codec.NewInflater()
	if err != nil {
		return nil, err
	}
	rows := pngRows{h: h, z: z, data: blocks}
	if h.interlaced {
		defer rows.z.Close()
		return newPNGInterlaced(&rows)
	}
	rows.start(h.width)
	return &pngPicture{rows: rows, y: -1}, nil
}

// greyPalette is the palette that Pillow starts from: index i is grey level i. A shorter palette in
// the file leaves the rest so.
func greyPalette() (p [256][3]byte) {
	for i := range p {
		p[i] = [3]byte{byte(i), byte(i), byte(i)}
	}
	return p
}

// setPalette copies the whole colours of rgb.
func setPalette(p *[256][3]byte, rgb []byte) {
	for i := 0; i < len(p) && 3*i+3 <= len(rgb); i++ {
		copy(p[i][:], rgb[3*i:])
	}
}
