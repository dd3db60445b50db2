package exchange

import (
	"encoding/binary"
	"errors"
	"math"
)

// The types of Thrift's compact protocol, in which the metadata of a Parquet file is written.
// Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftInt16  = 4
	thriftInt32  = 5
	thriftInt64  = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftStruct = 12
)

// Bounds on what is read. A column chunk of a row group needs about ten values, so there may be
// thousands of them.
const (
	maxThriftValues = 1 << 19
	maxThriftDepth  = 16
)

var (
	errThrift     = errors.New("its metadata is damaged")
	errThriftSize = errors.New("its metadata is larger than that of a table of embeddings can be")
)

// thriftValue is a value of any type: what is not of its type is zero.
type thriftValue struct {
	number int64 // of integers and booleans
	text   []byte
	list   []thriftValue
	fields []thriftField
}

type thriftField struct {
	id    int16
	value thriftValue
}

// field returns a field of a struct, a zero value if it is not there.
func (v *thriftValue) field(id int16) *thriftValue {
	for i := range v.fields {
		if v.fields[i].id == id {
			return &v.fields[i].value
		}
	}
	return &thriftValue{}
}

// has reports whether a struct has a field.
func (v *thriftValue) has(id int16) bool {
	for i := range v.fields {
		if v.fields[i].id == id {
			return true
		}
	}
	return false
}

// thriftReader reads values from the beginning of data. It allocates no more than data and the
// bounds account for.
type thriftReader struct {
	data   []byte
	values int // that may still come
}

// readThrift reads a struct from the beginning of data and returns how many bytes it has.
func readThrift(data []byte) (thriftValue, int, error) {
	r := &thriftReader{data, maxThriftValues}
	v, err := r.structure(0)
	return v, len(data) - len(r.data), err
}

func (r *thriftReader) structure(depth int) (v thriftValue, err error) {
	id := int16(0)
	for {
		head, err := r.byte()
		if err != nil || head == 0 {
			return v, err
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			n, err := r.varint()
			if err != nil || n < math.MinInt16 || n > math.MaxInt16 {
				return v, errThrift
			}
			id = int16(n)
		}
		if r.values--; r.values < 0 || depth > maxThriftDepth {
			return v, errThriftSize
		}
		field := thriftField{id: id}
		switch kind := head & 15; kind {
		case thriftTrue:
			field.value.number = 1
		case thriftFalse:
		default:
			if field.value, err = r.value(kind, depth+1); err != nil {
				return v, err
			}
		}
		v.fields = append(v.fields, field)
	}
}

func (r *thriftReader) value(kind byte, depth int) (v thriftValue, err error) {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte: // booleans have a byte of their own in lists
		b, err := r.byte()
		v.number = int64(int8(b))
		return v, err
	case thriftInt16, thriftInt32, thriftInt64:
		v.number, err = r.varint()
		return v, err
	case thriftDouble:
		v.text, err = r.bytes(8)
		return v, err
	case thriftBinary:
		n, err := r.uvarint()
		if err != nil {
			return v, err
		}
		v.text, err = r.bytes(n)
		return v, err
	case thriftList, thriftSet:
		return r.list(depth)
	case thriftStruct:
		return r.structure(depth)
	}
	return v, errThrift
}

func (r *thriftReader) list(depth int) (v thriftValue, err error) {
	head, err := r.byte()
	if err != nil {
		return v, err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = r.uvarint(); err != nil {
			return v, err
		}
	}
	for range n {
		if r.values--; r.values < 0 || depth > maxThriftDepth {
			return v, errThriftSize
		}
		element, err := r.value(head&15, depth+1)
		if err != nil {
			return v, err
		}
		v.list = append(v.list, element)
	}
	return v, nil
}

func (r *thriftReader) byte() (byte, error) {
	b, err := r.bytes(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

func (r *thriftReader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)) {
		return nil, errThrift
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b, nil
}

func (r *thriftReader) uvarint() (uint64, error) {
	u, n := binary.Uvarint(r.data)
	if n <= 0 {
		return 0, errThrift
	}
	r.data = r.data[n:]
	return u, nil
}

// varint reads an integer in zigzag order, as encoding/binary writes it too.
func (r *thriftReader) varint() (int64, error) {
	i, n := binary.Varint(r.data)
	if n <= 0 {
		return 0, errThrift
	}
	r.data = r.data[n:]
	return i, nil
}
