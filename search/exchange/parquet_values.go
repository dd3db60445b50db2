package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// The physical types of Parquet.
const (
	typeInt32     = 1
	typeInt64     = 2
	typeFloat     = 4
	typeDouble    = 5
	typeByteArray = 6
	typeFixed     = 7
)

// parquetValues are values of one column, in the slice for their type.
type parquetValues struct {
	floats  []float32
	ints    []int64
	texts   []string
	nulls   []bool // which values, or lists, are missing
	lengths []int  // of a column that is a list: elements of each row, null ones too
	utf8    bool   // the texts are text by the schema

	nullElements map[int]int // of a column that is a list: the first missing element of a row, by row
}

// decodeLevels reads n levels of 0 to highest; no levels are written where the highest is 0.
func decodeLevels(data []byte, highest, n int) ([]uint32, error) {
	if highest == 0 {
		return nil, nil
	}
	return decodeRLE(data, bits.Len(uint(highest)), n)
}

// decodeRLE reads n values of some bits from runs of equal values and groups of eight packed ones.
func decodeRLE(data []byte, width, n int) ([]uint32, error) {
	if width > 32 {
		return nil, fmt.Errorf("a page has values of %d bits", width)
	}
	out := make([]uint32, 0, n)
	for len(out) < n {
		head, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, errShortPage
		}
		data = data[size:]
		count := head >> 1
		if head&1 == 0 {
			valueBytes := (width + 7) / 8
			if len(data) < valueBytes {
				return nil, errShortPage
			}
			var value [4]byte
			copy(value[:], data[:valueBytes])
			data = data[valueBytes:]
			for range min(count, uint64(n-len(out))) {
				out = append(out, binary.LittleEndian.Uint32(value[:]))
			}
			continue
		}
		// There may be more groups than values.
		groups := min(count, uint64(n))
		if width > 0 && count > uint64(len(data)/width) {
			return nil, errShortPage
		}
		packed := data[:int(groups)*width]
		data = data[int(count)*width:]
		out = appendPacked(out, packed, width, min(8*int(groups), n-len(out)))
	}
	return out, nil
}

// appendPacked appends n values of some bits each, the lowest first.
func appendPacked(out []uint32, packed []byte, width, n int) []uint32 {
	var pending uint64 // bits read and not yet used
	have := 0
	mask := uint64(1)<<width - 1
	for range n {
		for have < width {
			pending |= uint64(packed[0]) << have
			packed = packed[1:]
			have += 8
		}
		out = append(out, uint32(pending&mask))
		pending >>= width
		have -= width
	}
	return out
}

// appendPlain appends n values that are written one after the other.
func (v *parquetValues) appendPlain(column *parquetColumn, data []byte, n int64) error {
	width := map[int64]int64{typeInt32: 4, typeInt64: 8, typeFloat: 4, typeDouble: 8, typeByteArray: 4, typeFixed: column.length}[column.kind]
	if n < 0 || width < 1 || n > int64(len(data))/width {
		return errShortPage
	}
	for range n {
		switch column.kind {
		case typeInt32:
			v.ints = append(v.ints, int64(int32(binary.LittleEndian.Uint32(data))))
		case typeInt64:
			v.ints = append(v.ints, int64(binary.LittleEndian.Uint64(data)))
		case typeFloat:
			v.floats = append(v.floats, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		case typeDouble:
			v.floats = append(v.floats, float32(math.Float64frombits(binary.LittleEndian.Uint64(data))))
		case typeFixed:
			v.texts = append(v.texts, string(data[:width]))
		case typeByteArray:
			if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data)-4) {
				return errShortPage
			}
			end := 4 + int(binary.LittleEndian.Uint32(data))
			v.texts = append(v.texts, string(data[4:end]))
			data = data[end:]
			continue
		}
		data = data[width:]
	}
	return nil
}

// appendIndexed appends values of a dictionary.
func (v *parquetValues) appendIndexed(dictionary *parquetValues, indices []uint32) error {
	size := uint32(max(len(dictionary.floats), len(dictionary.ints), len(dictionary.texts)))
	for _, i := range indices {
		if i >= size {
			return errors.New("a value is not in the dictionary")
		}
		switch {
		case dictionary.floats != nil:
			v.floats = append(v.floats, dictionary.floats[i])
		case dictionary.ints != nil:
			v.ints = append(v.ints, dictionary.ints[i])
		default:
			v.texts = append(v.texts, dictionary.texts[i])
		}
	}
	return nil
}

// add appends a page's values: n with the nulls, which stand in the levels only.
func (v *parquetValues) add(column *parquetColumn, n int, repetitions, definitions []uint32, page *parquetValues) error {
	isNull := func(i int) bool { return definitions != nil && int(definitions[i]) != column.maxDefinition }
	if column.maxRepetition > 0 {
		for i := range n {
			definition := column.maxDefinition
			if definitions != nil {
				definition = int(definitions[i])
			}
			if repetitions[i] == 0 {
				v.lengths = append(v.lengths, 0)
				v.nulls = append(v.nulls, definition < column.listed-1)
			}
			row := len(v.lengths) - 1
			if row < 0 {
				return errors.New("it begins within a row")
			}
			if definition < column.listed {
				continue // the list is empty or missing
			}
			if _, ok := v.nullElements[row]; !ok && definition < column.maxDefinition {
				if v.nullElements == nil {
					v.nullElements = make(map[int]int)
				}
				v.nullElements[row] = v.lengths[row]
			}
			v.lengths[row]++
		}
		v.floats = append(v.floats, page.floats...)
		return nil
	}
	next := 0
	for i := range n {
		null := isNull(i)
		v.nulls = append(v.nulls, null)
		if column.isText() {
			text := ""
			if !null {
				text = page.texts[next]
			}
			v.texts = append(v.texts, text)
		} else {
			number := int64(0)
			if !null {
				number = page.ints[next]
			}
			v.ints = append(v.ints, number)
		}
		if !null {
			next++
		}
	}
	return nil
}
