package transform

import (
	"encoding/binary"
	"errors"
	"math"
)

// Tags of a TIFF directory that decide how its picture is read.
const (
	tiffWidth           = 256
	tiffHeight          = 257
	tiffBits            = 258
	tiffCompression     = 259
	tiffPhotometric     = 262
	tiffFillOrder       = 266
	tiffStripOffsets    = 273
	tiffOrientation     = 274
	tiffSamples         = 277
	tiffRowsPerStrip    = 278
	tiffPlanar          = 284
	tiffColorMap        = 320
	tiffTileWidth       = 322
	tiffTileHeight      = 323
	tiffTileOffsets     = 324
	tiffExtraSamples    = 338
	tiffSampleFormat    = 339
	tiffWindowsMedia    = 0xbc01
	tiffMostOfOneTag    = 1 << 24 // values, far beyond any picture's number of strips
	tiffBigDirectory    = 20      // bytes of an entry: tag, type, count, value
	tiffNormalDirectory = 12
)

var errTIFFTruncated = errors.New("truncated TIFF")

// tiffTags are the tags of the first directory that hold whole numbers, or none.
type tiffTags map[uint16][]int

// first is the value of a tag that should have one; Pillow takes the first where there are more. It
// is -1 where the tag holds something else than a number.
func (t tiffTags) first(tag uint16, otherwise int) int {
	values, ok := t[tag]
	switch {
	case !ok:
		return otherwise
	case len(values) == 0:
		return -1
	}
	return values[0]
}

// tiffOrder is the byte order of a TIFF, and whether it is a BigTIFF. Two headers that mix the
// orders are known too.
func tiffOrder(file []byte) (order binary.ByteOrder, big bool) {
	order = binary.LittleEndian
	if file[0] == 'M' {
		order = binary.BigEndian
	}
	return order, file[2] == 43 || file[2] == 0 && file[3] == 43 && file[0] == 'M'
}

// readTIFFTags reads the first directory as Pillow does: where it is damaged it ends.
func readTIFFTags(file []byte) (tiffTags, error) {
	order, big := tiffOrder(file)
	slice := func(at, n uint64) []byte { // nil where the file ends before
		if at > uint64(len(file)) || n > uint64(len(file))-at {
			return nil
		}
		return file[at : at+n]
	}
	number := func(b []byte) uint64 {
		switch len(b) {
		case 2:
			return uint64(order.Uint16(b))
		case 4:
			return uint64(order.Uint32(b))
		}
		return order.Uint64(b)
	}
	word, countBytes, entryBytes := uint64(4), uint64(2), uint64(tiffNormalDirectory)
	if big {
		word, countBytes, entryBytes = 8, 8, tiffBigDirectory
	}
	start := slice(word, word)
	if start == nil {
		return nil, errTIFFTruncated
	}
	at := number(start)
	count := slice(at, countBytes)
	if count == nil || at == 0 {
		return nil, errTIFFTruncated
	}
	tags := make(tiffTags)
	at += countBytes
	for range min(number(count), math.MaxUint16) {
		entry := slice(at, entryBytes)
		if entry == nil {
			break
		}
		at += entryBytes
		tag, n := order.Uint16(entry), number(entry[4:4+word])
		unit, wanted := tiffUnit(order.Uint16(entry[2:]))
		if unit == 0 || n == 0 {
			continue
		}
		if n > tiffMostOfOneTag {
			break
		}
		data := entry[4+word:]
		if size := n * unit; size <= word {
			data = data[:size]
		} else if data = slice(number(data), size); data == nil {
			break
		}
		if !wanted {
			tags[tag] = nil
			continue
		}
		values := make([]int, n)
		for i := range values {
			values[i] = int(number(data[uint64(i)*unit:][:unit]))
		}
		tags[tag] = values
	}
	return tags, nil
}

// tiffUnit is the number of bytes of a value of this type, 0 for an unknown one, and whether it is
// an unsigned number that a tag of a picture may have.
func tiffUnit(kind uint16) (bytes uint64, number bool) {
	switch kind {
	case 1, 2, 6, 7: // bytes and text
		return 1, false
	case 3: // short
		return 2, true
	case 8: // signed short
		return 2, false
	case 4, 13: // long, directory
		return 4, true
	case 9, 11: // signed long, float
		return 4, false
	case 16: // long of 8 bytes
		return 8, true
	case 5, 10, 12: // rationals, double
		return 8, false
	}
	return 0, false
}
