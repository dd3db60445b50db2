package transform

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// samples is how the pixels of a row lie in memory.
type samples struct {
	bits     int  // of a sample
	n        int  // samples of a pixel
	kind     byte // one of the kinds below
	big      bool // the high byte comes first
	reversed bool // the bits of each byte
	inverted bool // white is 0
}

// Kinds of samples.
const (
	grey          = 'g' // the first one counts
	signedGrey    = 's'
	floatGrey     = 'f'
	indexed       = 'p' // the first one
	colours       = 'c' // red, green and blue first
	premultiplied = 'a' // red, green, blue and alpha, multiplied by it
	inks          = 'k' // cyan, magenta, yellow and black first
)

// bytes is the length of a row of that many pixels.
func (s samples) bytes(width int) int { return (width*s.n*s.bits + 7) / 8 }

// packed is a picture whose rows lie in memory as samples, one after the other. A row becomes RGB
// when it is asked for, as Pillow's convert("RGB") makes it.
type packed struct {
	samples
	width, height int
	rows          []byte
	palette       [256][3]byte
}

func (p *packed) size() (int, int) { return p.width, p.height }

func (p *packed) finish() error { return nil }

func (p *packed) row(dst []byte, y, x int) error {
	n := p.samples.bytes(p.width)
	row := p.rows[y*n : (y+1)*n]
	for i := 0; i < len(dst); i += 4 {
		p.pixel((*[4]byte)(dst[i:]), row, x+i/4)
	}
	return nil
}

// pixel writes pixel x of a row.
func (p *packed) pixel(dst *[4]byte, row []byte, x int) {
	switch p.kind {
	case grey, signedGrey, floatGrey:
		setGrey(dst[:], p.level(row, x))
	case indexed:
		copy(dst[:], p.palette[p.index(row, x)][:])
	default:
		step := p.bits / 8
		sample := row[x*p.n*step:]
		if step == 2 && !p.big {
			sample = sample[1:] // the high byte counts
		}
		for c := range min(p.n, 4) {
			dst[c] = sample[c*step]
			if p.reversed {
				dst[c] = bits.Reverse8(dst[c])
			}
		}
		switch p.kind {
		case premultiplied:
			divideByAlpha(dst[:])
		case inks:
			mixInks(dst)
		}
	}
}

// index is the first sample of pixel x, of at most 8 bits.
func (p *packed) index(row []byte, x int) byte {
	bit := x * p.n * p.bits
	b := row[bit/8]
	if p.reversed {
		b = bits.Reverse8(b)
	}
	return b >> (8 - p.bits - bit%8) & (1<<p.bits - 1)
}

// level is the first sample of pixel x as Pillow makes a grey level of it: shallow ones are
// stretched, deep ones clipped.
func (p *packed) level(row []byte, x int) byte {
	var order binary.ByteOrder = binary.LittleEndian
	if p.big {
		order = binary.BigEndian
	}
	switch p.bits {
	case 12: // two samples in three bytes
		i := x / 2 * 3
		if x%2 == 0 {
			return byte(min(int(row[i])<<4|int(row[i+1]>>4), 255))
		}
		return byte(min(int(row[i+1]&15)<<8|int(row[i+2]), 255))
	case 16:
		v := order.Uint16(row[2*x:])
		if p.reversed {
			v = bits.ReverseBytes16(bits.Reverse16(v))
		}
		if p.kind == signedGrey {
			return byte(max(0, min(int(int16(v)), 255)))
		}
		return byte(min(v, 255))
	case 32:
		v := order.Uint32(row[4*x:])
		if p.kind == floatGrey {
			f := math.Float32frombits(v)
			switch {
			case f >= 255:
				return 255
			case f > 0:
				return byte(f)
			}
			return 0
		}
		return byte(max(0, min(int32(v), 255)))
	}
	v := p.index(row, x) * byte(255/(1<<p.bits-1))
	if p.inverted {
		v = ^v
	}
	return v
}

// divideByAlpha undoes the multiplication of a pixel by its alpha, in Pillow's arithmetic.
func divideByAlpha(p []byte) {
	for i := range 3 {
		if p[3] == 0 {
			p[i] = 0
		} else {
			p[i] = byte(min(int(p[i])*255/int(p[3]), 255))
		}
	}
}

// mixInks makes RGB of cyan, magenta, yellow and black, in Pillow's arithmetic.
func mixInks(p *[4]byte) {
	paper := 255 - int(p[3])
	for i := range 3 {
		product := int(p[i])*paper + 128
		p[i] = byte(max(0, paper-(product>>8+product)>>8))
	}
}
