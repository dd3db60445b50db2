package transform

import (
	"cmp"
	"errors"
	"slices"

	"vs/data/transform/internal/codec"
)

// Compressions of TIFF that are treated in a way of their own.
const (
	tiffUncompressed = 1
	tiffOldJPEG      = 6
	tiffJPEG         = 7
)

// openTIFF reads the first picture of a TIFF, compressed ones by libtiff. Unlike EXIF in a JPEG,
// Pillow follows the orientation of a TIFF.
func openTIFF(file []byte) (Info, picture, error) {
	tags, err := readTIFFTags(file)
	if err != nil {
		return Info{}, nil, err
	}
	width, height := tags.first(tiffWidth, 0), tags.first(tiffHeight, 0)
	if err := checkSize(width, height); err != nil {
		return Info{}, nil, err
	}
	if _, ok := tags[tiffWindowsMedia]; ok {
		return Info{}, nil, errTIFFKind
	}
	kind, err := tiffKindOf(file[0], tags)
	if err != nil {
		return Info{}, nil, err
	}
	info := Info{Format: "tiff", Mode: kind.mode, Width: width, Height: height}
	p := &packed{samples: kind.raw, width: width, height: height}
	if tags.first(tiffCompression, tiffUncompressed) == tiffUncompressed {
		err = readTIFF(p, file, tags, kind)
	} else if err = decodeTIFF(p, file, tags, kind); err == nil {
		info.Decoder = libraryOf(&codec.TIFF)
	}
	if err != nil {
		return Info{}, nil, err
	}
	if p.kind == indexed {
		if err := tiffPalette(&p.palette, tags[tiffColorMap]); err != nil {
			return Info{}, nil, err
		}
	}
	var out picture = p
	if kind.mode == "LAB" {
		if out, err = convertLAB(p, tags.first(tiffPlanar, 1) != 2); err != nil {
			return Info{}, nil, err
		}
	}
	if o := tags.first(tiffOrientation, 1); o >= 2 && o <= 8 {
		if out, err = orient(out, o); err != nil {
			return Info{}, nil, err
		}
	}
	return info, out, nil
}

// tiffPalette takes the high bytes of a palette: all reds, then all greens and blues.
func tiffPalette(palette *[256][3]byte, colours []int) error {
	*palette = greyPalette()
	n := len(colours) / 3
	if n == 0 || n > len(palette) {
		return errors.New("corrupt TIFF: a palette is missing or too long")
	}
	for i := range n {
		palette[i] = [3]byte{byte(colours[i] >> 8), byte(colours[n+i] >> 8), byte(colours[2*n+i] >> 8)}
	}
	return nil
}

// tiffPlanes is the number of planes that samples lie in.
func tiffPlanes(tags tiffTags, kind tiffKind) int {
	if tags.first(tiffPlanar, 1) == 2 && kind.samples > 1 {
		return kind.samples
	}
	return 1
}

// readTIFF reads the strips or tiles of an uncompressed TIFF. As in Pillow, their lengths are those
// that the size of the picture asks for, and what no strip covers is black.
func readTIFF(p *packed, file []byte, tags tiffTags, kind tiffKind) error {
	if kind.photometric == 6 {
		return errors.New("unsupported TIFF: YCbCr without compression; save it as PNG")
	}
	planes := tiffPlanes(tags, kind)
	if planes > 1 && (kind.bits != 8 || kind.raw.reversed) {
		return errors.New("unsupported TIFF: planes of other than 8 bits without compression; save it as PNG")
	}
	plane := p.samples // of one plane
	plane.n = p.n / planes
	offsets, ok := tags[tiffStripOffsets]
	w, h := p.width, tags.first(tiffRowsPerStrip, p.height)
	if !ok {
		offsets = tags[tiffTileOffsets]
		w, h = tags.first(tiffTileWidth, 0), tags.first(tiffTileHeight, 0)
	}
	if len(offsets) == 0 || w < 1 || h < 1 {
		return errors.New("corrupt TIFF: it has no strips or tiles")
	}
	if w < p.width && w*plane.n*plane.bits%8 != 0 {
		return errors.New("unsupported TIFF: tiles that begin within a byte; save it as PNG")
	}
	h = min(h, p.height)

	type tile struct{ offset, x, y, plane int }
	var tiles []tile
	x, y, layer := 0, 0, 0
	for _, offset := range offsets {
		if layer == planes && planes > 1 {
			return errors.New("corrupt TIFF: more strips than the picture has")
		}
		tiles = append(tiles, tile{offset, x, y, layer})
		if x += w; x >= p.width {
			if x, y = 0, y+h; y >= p.height {
				y, layer = 0, layer+1
			}
		}
	}
	slices.SortStableFunc(tiles, func(a, b tile) int { return cmp.Compare(a.offset, b.offset) })

	rowBytes, tileBytes := plane.bytes(p.width), plane.bytes(w)
	if p.samples.bytes(p.width)*p.height > len(file)*planes*len(tiles) {
		return errTIFFTruncated // before memory is taken for it
	}
	rows := make([]byte, planes*rowBytes*p.height)
	for _, t := range tiles {
		n := plane.bytes(min(w, p.width-t.x))
		to := rows[(t.plane%planes*p.height+t.y)*rowBytes+plane.bytes(t.x):]
		for y := range min(h, p.height-t.y) {
			from := t.offset + y*tileBytes
			if from < 0 || from > len(file) || n > len(file)-from {
				return errTIFFTruncated
			}
			copy(to[y*rowBytes:][:n], file[from:])
		}
	}
	p.rows = interleave(rows, planes, 1)
	return nil
}

// interleave brings samples of that many bytes from planes that lie one after the other together
// to pixels.
func interleave(rows []byte, planes, bytes int) []byte {
	if planes == 1 {
		return rows
	}
	out := make([]byte, len(rows))
	size := len(rows) / planes
	for c := range planes {
		plane := rows[c*size : (c+1)*size]
		for from, to := 0, c*bytes; from < size; from, to = from+bytes, to+planes*bytes {
			copy(out[to:to+bytes], plane[from:])
		}
	}
	return out
}

// decodeTIFF reads a compressed TIFF.
func decodeTIFF(p *packed, file []byte, tags tiffTags, kind tiffKind) error {
	jpeg := tags.first(tiffCompression, 0) == tiffJPEG
	planes := min(tiffPlanes(tags, kind), 4)
	if kind.mode == "LA" || kind.mode == "PA" {
		planes = min(planes, 2)
	}
	if w, h := tags.first(tiffTileWidth, 1), tags.first(tiffTileHeight, 1); checkSize(w, h) != nil {
		return errors.New("corrupt TIFF: tiles of an impossible size")
	}
	picture := codec.TIFFPicture{Width: p.width, Height: p.height, PixelBits: kind.samples * kind.bits, Planes: planes}
	switch {
	case kind.photometric == 6 && (!jpeg || planes > 1):
		// libtiff converts it to RGBA.
		if tags.first(tiffOrientation, 1) != 1 {
			return errors.New("unsupported TIFF: YCbCr with an orientation; save it as PNG")
		}
		picture.RGBA = true
		p.n, planes = 4, 1
	case kind.format != 1 && kind.bits == 32 && p.big:
		return errors.New("unsupported TIFF: compressed samples of 32 bits, high byte first; save it in another way")
	case planes > 1 && kind.bits != 8 && kind.bits != 16:
		return errTIFFKind
	}
	p.big = false // libtiff gives samples as the processor has them
	rows, err := codec.DecodeTIFF(file, picture)
	if err != nil {
		return err
	}
	if planes > 1 {
		p.n = planes
	}
	p.rows = interleave(rows, planes, max(1, p.bits/8))
	return nil
}

// convertLAB makes RGB of CIE L*a*b*. signed says that a and b are stored as signed numbers.
func convertLAB(p *packed, signed bool) (picture, error) {
	out := newRGBX(p.width, p.height)
	for y := range p.height {
		row := out.pix[4*y*p.width:][:4*p.width]
		p.row(row, y, 0)
		if signed {
			for i := 0; i < len(row); i += 4 {
				row[i+1] ^= 128
				row[i+2] ^= 128
			}
		}
	}
	if err := codec.LABToRGB(out.pix); err != nil {
		return nil, err
	}
	return out, nil
}
