package exchange

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Tensors is a safetensors file whose layout has been checked: its tensors follow each other
// without gaps and fill the file, so that no size that it claims exceeds what it holds.
type Tensors struct {
	Metadata map[string]string

	r       io.ReaderAt
	begin   int64 // of the data
	tensors map[string]tensorInfo
}

// OpenTensors opens a safetensors file that may have tensors of float64 of some names and no
// others. Errors call it by what, such as "a head".
func OpenTensors(r io.ReaderAt, size int64, what string, names ...string) (*Tensors, error) {
	allowed := tensorNames{types: map[string]string{}, other: what + " has " + strings.Join(names, ", "), typed: "it must be F64"}
	for _, name := range names {
		allowed.types[name] = "F64"
	}
	return openTensors(r, size, allowed)
}

func openTensors(r io.ReaderAt, size int64, allowed tensorNames) (*Tensors, error) {
	header, err := readSafeTensorsHeader(r, size)
	if err != nil {
		return nil, err
	}
	t := &Tensors{r: r, begin: 8 + int64(len(header))}
	if t.tensors, t.Metadata, err = parseSafeTensorsHeader(header, allowed); err != nil {
		return nil, err
	}
	return t, checkLayout(t.tensors, size-t.begin, allowed)
}

// read returns the bytes of a tensor.
func (t *Tensors) read(name string) ([]byte, error) {
	info := t.tensors[name]
	data := make([]byte, info.Offsets[1]-info.Offsets[0])
	if _, err := t.r.ReadAt(data, t.begin+info.Offsets[0]); err != nil && !(err == io.EOF && len(data) == 0) {
		return nil, fmt.Errorf("tensor %s: %w", name, err)
	}
	return data, nil
}

// Float64s reads a tensor that must have a shape, and calls see with its bytes.
func (t *Tensors) Float64s(name string, see func([]byte), shape ...int) ([]float64, error) {
	var want []int64
	for _, n := range shape {
		want = append(want, int64(n))
	}
	switch info, ok := t.tensors[name]; {
	case !ok || info.DType != "F64":
		return nil, fmt.Errorf("it has no tensor %s of type F64", name)
	case !slices.Equal(info.Shape, want):
		return nil, fmt.Errorf("tensor %s has shape %v, and must have %v", name, info.Shape, want)
	}
	data, err := t.read(name)
	if err != nil {
		return nil, err
	}
	see(data)
	values := make([]float64, len(data)/8)
	for i := range values {
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return values, nil
}

// Tensor is a tensor of float64.
type Tensor struct {
	Name   string
	Shape  []int
	Values []float64
}

// Bytes are the values as a file holds them.
func (t Tensor) Bytes() []byte {
	data := make([]byte, 0, 8*len(t.Values))
	for _, v := range t.Values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return data
}

// WriteTensors writes a safetensors file.
func WriteTensors(w io.Writer, metadata map[string]string, tensors ...Tensor) error {
	header := map[string]any{"__metadata__": metadata}
	end := int64(0)
	for _, t := range tensors {
		begin := end
		end += 8 * int64(len(t.Values))
		info := tensorInfo{DType: "F64", Offsets: []int64{begin, end}}
		for _, n := range t.Shape {
			info.Shape = append(info.Shape, int64(n))
		}
		header[t.Name] = info
	}
	text, err := encodeSafeTensorsHeader(header)
	if err != nil {
		return err
	}
	if len(text) > maxSafeTensorsHeader {
		return fmt.Errorf("its metadata are more than a safetensors header may hold")
	}
	out := bufio.NewWriterSize(w, 1<<16)
	binary.Write(out, binary.LittleEndian, uint64(len(text)))
	out.Write(text)
	for _, t := range tensors {
		out.Write(t.Bytes())
	}
	return out.Flush() // reports the first error of any write
}

// encodeSafeTensorsHeader fills up with blanks, so that the data begin at a multiple of eight.
func encodeSafeTensorsHeader(header map[string]any) ([]byte, error) {
	text, err := json.Marshal(header)
	return append(text, strings.Repeat(" ", (8-len(text)%8)%8)...), err
}
