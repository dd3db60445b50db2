package transform

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Compressions of BMP.
const (
	bmpRaw       = 0
	bmpRLE8      = 1
	bmpRLE4      = 2
	bmpBitfields = 3
)

var (
	errBMPTruncated = errors.New("truncated BMP")
	errBMPBitfields = errors.New("unsupported BMP: unusual masks of colours; save it as PNG")
)

// bmpPicture is a BMP whose rows lie in memory.
type bmpPicture struct {
	width, height int
	rows          []byte
	stride        int
	topDown       bool
	write         func(dst, row []byte, x int) // as picture's row
}

func (p *bmpPicture) size() (int, int) { return p.width, p.height }

func (p *bmpPicture) finish() error { return nil }

func (p *bmpPicture) row(dst []byte, y, x int) error {
	if !p.topDown {
		y = p.height - 1 - y
	}
	p.write(dst, p.rows[y*p.stride:], x)
	return nil
}

// bmpHeader is what precedes the pixels.
type bmpHeader struct {
	size, bits, compression, colours int
	width, height                    int
	topDown                          bool
	masks                            [4]uint32 // of red, green, blue and alpha
	entry                            int       // bytes of a colour of the palette
	after                            int       // where the palette begins
}

// readBMPHeader reads the headers of Windows and OS/2 that Pillow reads.
func readBMPHeader(file []byte) (h bmpHeader, err error) {
	if len(file) < 18 {
		return h, errBMPTruncated
	}
	h.size = int(binary.LittleEndian.Uint32(file[14:]))
	if !slices.Contains([]int{12, 40, 64, 108, 124}, h.size) {
		return h, fmt.Errorf("unsupported BMP: header of %d bytes; save it as PNG", h.size)
	}
	h.after = 14 + h.size
	if len(file) < h.after {
		return h, errBMPTruncated
	}
	fields := file[18:h.after]
	short := func(at int) int { return int(binary.LittleEndian.Uint16(fields[at:])) }
	long := func(at int) int { return int(binary.LittleEndian.Uint32(fields[at:])) }
	if h.size == 12 {
		h.width, h.height, h.bits, h.entry = short(0), short(2), short(6), 3
	} else {
		h.width, h.height = long(0), long(4)
		if h.topDown = fields[7] == 0xff; h.topDown {
			h.height = 1<<32 - h.height
		}
		h.bits, h.compression, h.colours, h.entry = short(10), long(12), long(28), 4
	}
	if h.compression == bmpBitfields {
		n, masks := 4, fields[min(36, len(fields)):]
		if h.size == 40 {
			n, masks = 3, file[h.after:]
			h.after += 12
		}
		if len(masks) < 4*n {
			return h, errBMPTruncated
		}
		for i := range n {
			h.masks[i] = binary.LittleEndian.Uint32(masks[4*i:])
		}
	}
	if h.colours == 0 {
		h.colours = 1 << min(h.bits, 32)
	}
	return h, nil
}

// openBMP reads a BMP as Pillow does.
func openBMP(file []byte) (Info, picture, error) {
	h, err := readBMPHeader(file)
	if err != nil {
		return Info{}, nil, err
	}
	if err := checkSize(h.width, h.height); err != nil {
		return Info{}, nil, err
	}
	info := Info{Format: "bmp", Mode: "RGB", Width: h.width, Height: h.height}
	p := &bmpPicture{width: h.width, height: h.height, topDown: h.topDown}
	offset := int(binary.LittleEndian.Uint32(file[10:]))
	if offset == 14+h.size && h.bits <= 8 {
		offset += 4 * h.colours
	}
	rowBytes := (h.width*h.bits + 7) / 8 // those that are read
	p.stride = (h.width*h.bits + 31) / 32 * 4
	after := h.after
	switch h.bits {
	case 1, 4, 8:
		pixels, end, err := bmpPalette(file, h)
		if err != nil {
			return Info{}, nil, err
		}
		after = end
		info.Mode = pixels.mode
		s := pixels.packed
		s.width = h.width
		rle := h.compression == bmpRLE8 || h.compression == bmpRLE4
		if s.kind == indexed {
			s.bits = h.bits
		}
		if rle {
			s.bits = 8
		}
		if rowBytes = s.samples.bytes(h.width); rowBytes > p.stride && !rle {
			return Info{}, nil, errors.New("unsupported BMP: a palette of greys with fewer bits; save it as PNG")
		}
		p.write = func(dst, row []byte, x int) {
			for i := 0; i < len(dst); i += 4 {
				s.pixel((*[4]byte)(dst[i:]), row, x+i/4)
			}
		}
	case 16:
		p.write, err = bmp16(h)
	case 24, 32:
		info.Mode, p.write, err = bmpBytes(h)
	default:
		err = fmt.Errorf("unsupported BMP: %d bits a pixel; save it as PNG", h.bits)
	}
	if err != nil {
		return Info{}, nil, err
	}
	if offset == 0 {
		offset = after
	}
	if offset > len(file) {
		return Info{}, nil, errBMPTruncated
	}
	switch h.compression {
	case bmpRaw, bmpBitfields:
		if h.compression == bmpBitfields && h.bits <= 8 {
			return Info{}, nil, errBMPBitfields
		}
		if p.rows = file[offset:]; (h.height-1)*p.stride+rowBytes > len(p.rows) {
			return Info{}, nil, errBMPTruncated
		}
		return info, p, nil
	case bmpRLE8, bmpRLE4:
		if h.bits > 8 || info.Mode == "1" {
			return Info{}, nil, errors.New("unsupported BMP: run lengths of other than 4 or 8 bits; save it as PNG")
		}
		p.stride = h.width
		p.rows, err = bmpRuns(file, offset, h)
		return info, p, err
	}
	return Info{}, nil, fmt.Errorf("unsupported BMP: compression %d; save it as PNG", h.compression)
}

// bmpIndices are pixels that a palette tells the colours of.
type bmpIndices struct {
	*packed
	mode string
}

// bmpPalette reads the palette. One that is the ramp of greys or black and white makes a picture of
// greys. It also returns where the palette ends.
func bmpPalette(file []byte, h bmpHeader) (bmpIndices, int, error) {
	if h.colours > 1<<16 {
		return bmpIndices{}, 0, fmt.Errorf("corrupt BMP: palette of %d colours", h.colours)
	}
	end := min(h.after+h.entry*h.colours, len(file))
	entries := file[h.after:end]
	p := &packed{palette: greyPalette()}
	p.n = 1
	isGrey := true
	for i := range h.colours {
		v := byte(i)
		if h.colours == 2 {
			v = byte(i * 255)
		}
		rest := entries[min(i*h.entry, len(entries)):]
		if len(rest) < 3 || rest[0] != v || rest[1] != v || rest[2] != v {
			isGrey = false
		}
		if len(rest) >= h.entry && i < len(p.palette) {
			p.palette[i] = [3]byte{rest[2], rest[1], rest[0]}
		}
	}
	switch {
	case isGrey && h.colours == 2:
		p.kind, p.bits = grey, 1
		return bmpIndices{p, "1"}, end, nil
	case isGrey:
		p.kind, p.bits = grey, 8
		return bmpIndices{p, "L"}, end, nil
	case len(entries)/h.entry > len(p.palette):
		return bmpIndices{}, 0, fmt.Errorf("corrupt BMP: palette of %d colours", h.colours)
	}
	p.kind = indexed
	return bmpIndices{p, "P"}, end, nil
}

// bmp16 writes pixels of 5, 5 and 5 or of 5, 6 and 5 bits.
func bmp16(h bmpHeader) (func(dst, row []byte, x int), error) {
	green := 5
	if h.compression == bmpBitfields {
		switch [3]uint32(h.masks[:3]) {
		case [3]uint32{0xf800, 0x7e0, 0x1f}:
			green = 6
		case [3]uint32{0x7c00, 0x3e0, 0x1f}:
		default:
			return nil, errBMPBitfields
		}
	}
	most := 1<<green - 1
	return func(dst, row []byte, x int) {
		for i := 0; i < len(dst); i += 4 {
			v := int(binary.LittleEndian.Uint16(row[2*(x+i/4):]))
			dst[i] = byte(v >> (5 + green) & 31 * 255 / 31)
			dst[i+1] = byte(v >> 5 & most * 255 / most)
			dst[i+2] = byte(v & 31 * 255 / 31)
		}
	}, nil
}

// bmpBytes writes pixels of one byte a colour.
func bmpBytes(h bmpHeader) (mode string, write func(dst, row []byte, x int), err error) {
	mode, step := "RGB", h.bits/8
	red, green, blue := 2, 1, 0
	if h.compression == bmpBitfields && h.bits == 24 && [3]uint32(h.masks[:3]) != [3]uint32{0xff0000, 0xff00, 0xff} {
		return "", nil, errBMPBitfields
	}
	if h.compression == bmpBitfields && h.bits == 32 {
		switch h.masks {
		case [4]uint32{0xff0000, 0xff00, 0xff, 0}:
		case [4]uint32{0xff0000, 0xff00, 0xff, 0xff000000}, [4]uint32{}:
			mode = "RGBA"
		case [4]uint32{0xff000000, 0xff0000, 0xff00, 0}:
			red, green, blue = 3, 2, 1
		case [4]uint32{0xff000000, 0xff0000, 0xff00, 0xff}:
			mode, red, green, blue = "RGBA", 3, 2, 1
		case [4]uint32{0xff, 0xff00, 0xff0000, 0xff000000}:
			mode, red, blue = "RGBA", 0, 2
		default:
			return "", nil, errBMPBitfields
		}
	}
	return mode, func(dst, row []byte, x int) {
		for i := 0; i < len(dst); i += 4 {
			p := row[step*(x+i/4):]
			dst[i], dst[i+1], dst[i+2] = p[red], p[green], p[blue]
		}
	}, nil
}

// bmpRuns undoes the run lengths of 8 or 4 bits a pixel, one byte a pixel. It does so as Pillow
// does, with its ways: four bytes follow a jump, the last two of which count, and of an odd number
// of plain pixels of 4 bits one is lost.
func bmpRuns(file []byte, at int, h bmpHeader) ([]byte, error) {
	total := h.width * h.height
	var out []byte
	take := func(n int) []byte {
		part := file[at:min(at+n, len(file))]
		at += len(part)
		return part
	}
	zeros := func(n int) { out = append(out, make([]byte, n)...) }
	small := h.compression == bmpRLE4
	x := 0
pixels:
	for len(out) < total {
		code := take(2)
		if len(code) < 2 {
			break
		}
		n, value := int(code[0]), code[1]
		switch {
		case n > 0:
			n = min(n, max(0, h.width-x))
			for i := range n {
				v := value
				if small {
					v = value >> 4
					if i%2 == 1 {
						v = value & 15
					}
				}
				out = append(out, v)
			}
			x += n
		case value == 0: // end of the line
			if past := len(out) % h.width; past != 0 {
				zeros(h.width - past)
			}
			x = 0
		case value == 1: // end of the picture
			break pixels
		case value == 2: // jump
			if len(take(2)) < 2 {
				break pixels
			}
			jump := take(2)
			if len(jump) < 2 {
				return nil, errBMPTruncated
			}
			zeros(int(jump[0]) + int(jump[1])*h.width)
			x = len(out) % h.width
		default: // plain pixels
			count := int(value)
			if small {
				count /= 2
			}
			plain := take(count)
			for _, v := range plain {
				if small {
					out = append(out, v>>4, v&15)
				} else {
					out = append(out, v)
				}
			}
			if len(plain) < count {
				break pixels
			}
			x += int(value)
			if at%2 != 0 {
				at = min(at+1, len(file))
			}
		}
	}
	if len(out) < total {
		return nil, errBMPTruncated
	}
	return out, nil
}
