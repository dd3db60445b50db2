package transform

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"io"
)

var errGIFTruncated = errors.New("truncated GIF")

// gifPicture is the first frame of a GIF on the logical screen.
type gifPicture struct {
	width, height int
	x, y, w, h    int // the frame
	pix           []byte
	ground        byte // index around the frame
	palette       [256][3]byte
}

// openGIF reads a GIF up to the end of its first frame. Image descriptors and palettes are taken as
// Pillow takes them: a frame that leaves the screen makes the screen larger, and around a smaller
// frame lies the frame's transparent index, or else index 0.
func openGIF(file []byte) (Info, picture, error) {
	r := gifReader{file[6:]}
	screen := r.take(7)
	if screen == nil {
		return Info{}, nil, errGIFTruncated
	}
	p := &gifPicture{
		width:  int(binary.LittleEndian.Uint16(screen)),
		height: int(binary.LittleEndian.Uint16(screen[2:])),
	}
	global, ok := r.palette(screen[4])
	if !ok {
		return Info{}, nil, errGIFTruncated
	}
	for {
		switch block := r.take(1); {
		case block == nil:
			return Info{}, nil, errGIFTruncated
		case block[0] == ';':
			return Info{}, nil, errors.New("GIF without a picture")
		case block[0] == '!':
			label := r.take(1)
			if label == nil {
				return Info{}, nil, errGIFTruncated
			}
			data := r.blocks()
			if label[0] == 0xf9 && len(data) >= 4 && data[0]&1 != 0 {
				p.ground = data[3]
			}
		case block[0] == ',':
			return p.frame(&r, global)
		}
	}
}

// frame reads the image descriptor and the pixels.
func (p *gifPicture) frame(r *gifReader, global []byte) (Info, picture, error) {
	d := r.take(9)
	if d == nil {
		return Info{}, nil, errGIFTruncated
	}
	p.x, p.y = int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
	p.w, p.h = int(binary.LittleEndian.Uint16(d[4:])), int(binary.LittleEndian.Uint16(d[6:]))
	p.width, p.height = max(p.width, p.x+p.w), max(p.height, p.y+p.h)
	if err := checkSize(p.width, p.height); err != nil {
		return Info{}, nil, err
	}
	if p.w == 0 || p.h == 0 {
		return Info{}, nil, errors.New("corrupt GIF: empty frame")
	}
	local, ok := r.palette(d[8])
	codeSize := r.take(1)
	if !ok || codeSize == nil {
		return Info{}, nil, errGIFTruncated
	}
	info := Info{Format: "gif", Mode: p.setPalette(local, global), Width: p.width, Height: p.height}

	// Go's reader panics for code sizes beyond these.
	if codeSize[0] < 2 || codeSize[0] > 8 {
		return Info{}, nil, errors.New("corrupt GIF: bad code size")
	}
	data := r.blocks()
	z := lzw.NewReader(bytes.NewReader(data), lzw.LSB, int(codeSize[0]))
	p.pix = make([]byte, p.w*p.h)
	if d[8]&0x40 == 0 {
		return info, p, gifError(io.ReadFull(z, p.pix))
	}
	for _, pass := range [4]struct{ y, dy int }{{0, 8}, {4, 8}, {2, 4}, {1, 2}} {
		for y := pass.y; y < p.h; y += pass.dy {
			if err := gifError(io.ReadFull(z, p.pix[y*p.w:(y+1)*p.w])); err != nil {
				return Info{}, nil, err
			}
		}
	}
	return info, p, nil
}

func gifError(_ int, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errGIFTruncated
	}
	return errors.New("corrupt GIF: bad LZW data")
}

// setPalette chooses the colours and returns Pillow's mode: L where the palette in force is the
// grey ramp or missing, otherwise P. Pillow colours a frame whose own palette is the ramp by the
// global palette, if that is not the ramp.
func (p *gifPicture) setPalette(local, global []byte) string {
	colours, mode := global, "L"
	if local != nil && !isRamp(local) {
		colours, mode = local, "P"
	} else if local == nil && !isRamp(global) {
		mode = "P"
	}
	p.palette = greyPalette()
	setPalette(&p.palette, colours)
	return mode
}

// isRamp reports whether each colour is the grey of its index; no palette is one.
func isRamp(rgb []byte) bool {
	for i, v := range rgb {
		if int(v) != i/3 {
			return false
		}
	}
	return true
}

func (p *gifPicture) size() (int, int) { return p.width, p.height }

func (p *gifPicture) row(dst []byte, y, x int) error {
	for i := range len(dst) / 4 {
		index := p.ground
		if fx, fy := x+i-p.x, y-p.y; fx >= 0 && fx < p.w && fy >= 0 && fy < p.h {
			index = p.pix[fy*p.w+fx]
		}
		copy(dst[4*i:], p.palette[index][:])
	}
	return nil
}

func (p *gifPicture) finish() error { return nil }

// gifReader takes a GIF apart.
type gifReader struct{ rest []byte }

// take returns the next n bytes, or nil when there are fewer.
func (r *gifReader) take(n int) []byte {
	if n > len(r.rest) {
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// palette takes the palette that the flags announce, if any.
func (r *gifReader) palette(flags byte) (rgb []byte, ok bool) {
	if flags&0x80 == 0 {
		return nil, true
	}
	rgb = r.take(3 << (flags&7 + 1))
	return rgb, rgb != nil
}

// blocks joins data blocks up to the empty one, or up to one that is cut short.
func (r *gifReader) blocks() (data []byte) {
	for {
		n := r.take(1)
		if n == nil || n[0] == 0 {
			return data
		}
		block := r.take(int(n[0]))
		if block == nil {
			return data
		}
		data = append(data, block...)
	}
}
