package transform

import (
	"encoding/binary"
	"errors"
	"fmt"

	"vs/data/transform/internal/codec"
)

// pngRows decompresses rows of a PNG and undoes their filters.
type pngRows struct {
	h             pngHeader
	z             *codec.Inflater
	data          [][]byte // compressed, what is left of each block
	row, previous []byte   // each with the filter's number in front
	ended         bool     // the data have ended with a row
}

// pngBlock is how many bytes Pillow gives to zlib at once, at most.
const pngBlock = 65536

// start begins a run of rows of this width: the picture, or a pass of an interlaced one.
func (r *pngRows) start(width int) {
	n := 1 + r.h.rowBytes(width)
	if cap(r.row) < n {
		r.row, r.previous = make([]byte, n), make([]byte, n)
	}
	r.row, r.previous = r.row[:n], r.previous[:n]
	clear(r.row)
}

// next reads the next row; it stays valid until the one after. As in Pillow, data that end in good
// order with a row leave the rest black, and data that zlib has read whole before a row count as
// ended before it, even where zlib could still give the row.
func (r *pngRows) next() ([]byte, error) {
	r.row, r.previous = r.previous, r.row
	if r.ended {
		clear(r.row)
		return r.row[1:], nil
	}
	for filled := 0; filled < len(r.row); {
		if len(r.data) == 0 {
			return nil, errPNGTruncated
		}
		block := r.data[0]
		written, read, ended, err := r.z.Inflate(r.row[filled:], block)
		if err != nil {
			return nil, fmt.Errorf("corrupt PNG: %w", err)
		}
		filled += written
		r.ended = ended
		if r.data[0] = block[read:]; filled < len(r.row) || read == len(block) {
			r.data = r.data[1:] // what follows the end of the stream is skipped
		}
	}
	step := max(1, r.h.channels()*r.h.depth/8)
	if !unfilter(r.row[0], r.row[1:], r.previous[1:], step) {
		return nil, errors.New("corrupt PNG: unknown filter")
	}
	return r.row[1:], nil
}

// unfilter undoes the filter of a row (PNG specification, chapter 9). step is the distance in bytes
// of the pixel to the left.
func unfilter(filter byte, row, above []byte, step int) bool {
	switch filter {
	case 0:
	case 1: // sub
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
	case 2: // up
		for i, a := range above {
			row[i] += a
		}
	case 3: // average
		for i := range min(step, len(row)) {
			row[i] += above[i] / 2
		}
		for i := step; i < len(row); i++ {
			row[i] += byte((int(row[i-step]) + int(above[i])) / 2)
		}
	case 4: // Paeth
		for i := range min(step, len(row)) {
			row[i] += above[i]
		}
		for i := step; i < len(row); i++ {
			row[i] += paeth(int(row[i-step]), int(above[i]), int(above[i-step]))
		}
	default:
		return false
	}
	return true
}

// paeth is the one of left, above and corner that is nearest to left + above - corner.
func paeth(left, above, corner int) byte {
	toLeft, toAbove := above-corner, left-corner
	toCorner := toLeft + toAbove
	toLeft, toAbove, toCorner = max(toLeft, -toLeft), max(toAbove, -toAbove), max(toCorner, -toCorner)
	if toLeft <= toAbove && toLeft <= toCorner {
		return byte(left)
	}
	if toAbove <= toCorner {
		return byte(above)
	}
	return byte(corner)
}

// rgbx writes the pixels from x on of an unfiltered row as RGBX, as many as dst has room for.
func (h *pngHeader) rgbx(dst, row []byte, x int) {
	n := len(dst) / 4
	if h.depth < 8 {
		white := 255 / (1<<h.depth - 1)
		for i := range n {
			bit := (x + i) * h.depth
			v := row[bit/8] >> (8 - h.depth - bit%8) & (1<<h.depth - 1)
			if h.colour == pngPalette {
				copy(dst[4*i:], h.palette[v][:])
			} else {
				setGrey(dst[4*i:], v*byte(white))
			}
		}
		return
	}
	bytes := h.depth / 8
	step := h.channels() * bytes
	row = row[x*step:]
	switch {
	case h.colour == pngPalette:
		for i := range n {
			copy(dst[4*i:], h.palette[row[i]][:])
		}
	case h.colour == pngGrey && h.depth == 16:
		// Pillow opens these as 32-bit integers and clips them.
		for i := range n {
			setGrey(dst[4*i:], byte(min(binary.BigEndian.Uint16(row[2*i:]), 255)))
		}
	case h.colour == pngGrey || h.colour == pngGreyAlpha:
		for i := range n {
			setGrey(dst[4*i:], row[step*i])
		}
	default: // the high byte of each sample
		for i := range n {
			p, q := row[step*i:step*i+2*bytes+1], dst[4*i:4*i+4]
			q[0], q[1], q[2] = p[0], p[bytes], p[2*bytes]
		}
	}
}

func setGrey(dst []byte, v byte) { dst[0], dst[1], dst[2] = v, v, v }

// pngPicture is a PNG that is not interlaced: its rows are decompressed as they are asked for.
type pngPicture struct {
	rows    pngRows
	current []byte // row y
	y       int
}

func (p *pngPicture) size() (int, int) { return p.rows.h.width, p.rows.h.height }

func (p *pngPicture) skipTo(y int) (err error) {
	for ; p.y < y && err == nil; p.y++ {
		p.current, err = p.rows.next()
	}
	return err
}

func (p *pngPicture) row(dst []byte, y, x int) error {
	if err := p.skipTo(y); err != nil {
		return err
	}
	p.rows.h.rgbx(dst, p.current, x)
	return nil
}

func (p *pngPicture) finish() error {
	return p.skipTo(p.rows.h.height - 1)
}

// Close frees the decompressor.
func (p *pngPicture) Close() { p.rows.z.Close() }

// newPNGInterlaced decodes the seven passes of an interlaced PNG.
func newPNGInterlaced(rows *pngRows) (picture, error) {
	passes := [7]struct{ x, y, dx, dy int }{
		{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
	}
	h := &rows.h
	whole := newRGBX(h.width, h.height)
	line := make([]byte, 4*h.width)
	for _, pass := range passes {
		width := (h.width - pass.x + pass.dx - 1) / pass.dx
		if width < 1 {
			continue
		}
		rows.start(width)
		for y := pass.y; y < h.height; y += pass.dy {
			row, err := rows.next()
			if err != nil {
				return nil, err
			}
			h.rgbx(line[:4*width], row, 0)
			for i := range width {
				copy(whole.pixel(pass.x+i*pass.dx, y), line[4*i:4*i+4])
			}
		}
	}
	return whole, nil
}
