package transform

import (
	"errors"
	"slices"
)

// tiffKind is a kind of pixels that Pillow reads.
type tiffKind struct {
	order       byte // 'I' or 'M', 0 for both
	photometric int
	format      int // of samples: 1 unsigned, 2 signed, 3 floating point
	fill        int // order of bits
	samples     int
	bits        int   // of each sample
	extra       []int // meaning of samples beyond the colours
	mode        string
	raw         samples
}

// tiffKinds are the kinds of Pillow 9.4 (TiffImagePlugin, OPEN_INFO), without those that it lists
// and has no reader for.
var tiffKinds = makeTIFFKinds()

func makeTIFFKinds() (all []tiffKind) {
	add := func(order byte, photometric, format, fill, n, bits int, extra []int, mode string, kind byte) {
		all = append(all, tiffKind{order, photometric, format, fill, n, bits, extra, mode, samples{
			bits: bits, n: n, kind: kind, big: order == 'M', reversed: fill == 2, inverted: photometric == 0 && bits <= 8,
		}})
	}
	for _, photometric := range []int{0, 1} {
		for _, bits := range []int{1, 2, 4, 8} {
			mode := "L"
			if bits == 1 {
				mode = "1"
			}
			add(0, photometric, 1, 1, 1, bits, nil, mode, grey)
			if bits < 8 || photometric == 1 {
				add(0, photometric, 1, 2, 1, bits, nil, mode, grey)
			}
		}
		add('I', photometric, 1, 1, 1, 16, nil, "I;16", grey)
		add('I', photometric, 3, 1, 1, 32, nil, "F", floatGrey)
		add('M', photometric, 3, 1, 1, 32, nil, "F", floatGrey)
	}
	add('I', 1, 1, 1, 1, 12, nil, "I;16", grey)
	add('M', 1, 1, 1, 1, 16, nil, "I;16B", grey)
	add('I', 1, 1, 2, 1, 16, nil, "I;16", grey)
	for _, order := range []byte{'I', 'M'} {
		add(order, 1, 2, 1, 1, 16, nil, "I", signedGrey)
		add(order, 1, 2, 1, 1, 32, nil, "I", signedGrey)
	}
	add('I', 1, 1, 1, 1, 32, nil, "I", signedGrey)
	add(0, 1, 1, 1, 2, 8, []int{2}, "LA", grey)

	add(0, 2, 1, 1, 3, 8, nil, "RGB", colours)
	add(0, 2, 1, 2, 3, 8, nil, "RGB", colours)
	add(0, 2, 1, 1, 4, 8, nil, "RGBA", colours)
	add(0, 2, 1, 1, 4, 8, []int{999}, "RGBA", colours)
	for more := range 3 {
		add(0, 2, 1, 1, 4+more, 8, append([]int{0}, make([]int, more)...), "RGBX", colours)
		add(0, 2, 1, 1, 4+more, 8, append([]int{1}, make([]int, more)...), "RGBA", premultiplied)
		add(0, 2, 1, 1, 4+more, 8, append([]int{2}, make([]int, more)...), "RGBA", colours)
		add(0, 5, 1, 1, 4+more, 8, make([]int, more), "CMYK", inks)
	}
	for _, order := range []byte{'I', 'M'} {
		add(order, 2, 1, 1, 3, 16, nil, "RGB", colours)
		add(order, 2, 1, 1, 4, 16, nil, "RGBA", colours)
		add(order, 2, 1, 1, 4, 16, []int{0}, "RGBX", colours)
		add(order, 2, 1, 1, 4, 16, []int{1}, "RGBA", premultiplied)
		add(order, 2, 1, 1, 4, 16, []int{2}, "RGBA", colours)
	}
	for _, bits := range []int{1, 2, 4, 8} {
		add(0, 3, 1, 1, 1, bits, nil, "P", indexed)
	}
	add(0, 3, 1, 2, 1, 8, nil, "P", indexed)
	add(0, 3, 1, 1, 2, 8, []int{2}, "PA", indexed)
	add('I', 5, 1, 1, 4, 16, nil, "CMYK", inks)
	add(0, 6, 1, 1, 3, 8, nil, "RGB", colours)
	add(0, 8, 1, 1, 3, 8, nil, "LAB", colours)
	return all
}

var errTIFFKind = errors.New("unsupported TIFF: pixels of a kind that Pillow does not read either; save it as PNG")

// tiffKindOf finds the kind that the tags tell.
func tiffKindOf(order byte, tags tiffTags) (tiffKind, error) {
	compression, photometric := tags.first(tiffCompression, 1), tags.first(tiffPhotometric, 0)
	if compression == tiffOldJPEG {
		photometric = 6
	}
	format := []int{1}
	if f, ok := tags[tiffSampleFormat]; ok {
		format = f
		if len(f) > 1 && slices.Max(f) == 1 && slices.Min(f) == 1 {
			format = f[:1]
		}
	}
	samplesDefault := 1
	if compression == tiffOldJPEG {
		samplesDefault = 3
	}
	n, bits := tags.first(tiffSamples, samplesDefault), []int{1}
	if b, ok := tags[tiffBits]; ok {
		bits = b
	}
	if n < 1 || n > 6 || len(bits) == 0 {
		return tiffKind{}, errTIFFKind
	}
	if n < len(bits) {
		bits = bits[:n]
	} else if len(bits) == 1 {
		bits = slices.Repeat(bits, n)
	}
	fill := tags.first(tiffFillOrder, 1)
	if compression != tiffUncompressed {
		fill = 1 // libtiff turns the bits
	}
	for _, k := range tiffKinds {
		if (k.order == 0 || k.order == order) && k.photometric == photometric && len(format) == 1 && k.format == format[0] &&
			k.fill == fill && k.samples == len(bits) && slices.Min(bits) == k.bits && slices.Max(bits) == k.bits &&
			len(bits) == n && slices.Equal(k.extra, tags[tiffExtraSamples]) {
			return k, nil
		}
	}
	return tiffKind{}, errTIFFKind
}
