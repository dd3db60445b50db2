package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// widths are the bytes of an element of the types that may occur.
var widths = map[string]int64{"F32": 4, "F64": 8, "I64": 8, "U8": 1}

// ReadSafeTensors reads a safetensors file of a tensor embeddings, F32 [N, D], whose metadata has
// the row's labels and, for pictures, files as JSON lists. It takes no other layout than the format
// allows: tensors without gaps and overlaps that fill the file.
func ReadSafeTensors(r io.ReaderAt, size int64) (*Table, error) {
	file, err := openTensors(r, size, tableTensors)
	if err != nil {
		return nil, err
	}
	embeddings, ok := file.tensors[tensorEmbeddings]
	if !ok || embeddings.DType != "F32" || len(embeddings.Shape) != 2 || embeddings.Shape[1] > MaxDim {
		return nil, fmt.Errorf("it has no tensor %s of type F32 and shape [rows, elements]", tensorEmbeddings)
	}
	t := &Table{What: Classes, Dim: int(embeddings.Shape[1])}
	if err := t.readMetadata(file.Metadata); err != nil {
		return nil, err
	}
	if err := t.readTensors(file); err != nil {
		return nil, err
	}
	return t, t.finish()
}

func readSafeTensorsHeader(r io.ReaderAt, size int64) ([]byte, error) {
	var length [8]byte
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, errors.New("it is too short for a safetensors file")
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxSafeTensorsHeader || int64(n) > size-8 {
		return nil, fmt.Errorf("it is not a safetensors file, or cut off: a header of %d bytes does not fit into it", n)
	}
	header := make([]byte, n)
	if _, err := r.ReadAt(header, 8); err != nil && !(err == io.EOF && n == 0) {
		return nil, fmt.Errorf("header: %w", err)
	}
	if !bytes.HasPrefix(header, []byte("{")) || !utf8.Valid(header) {
		return nil, errors.New("it is not a safetensors file: its header is not JSON")
	}
	return header, nil
}

// object reads a JSON object and refuses a key that occurs twice.
func object[T any](text []byte) (map[string]T, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("header: an object is missing")
	}
	values := make(map[string]T)
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("header: %w", err)
		}
		var value T
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("header: %v: %w", key, err)
		}
		name := key.(string) // the decoder lets nothing else stand there
		if _, ok := values[name]; ok {
			return nil, fmt.Errorf("header: %q occurs twice", name)
		}
		values[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if len(bytes.Trim(text[decoder.InputOffset():], " ")) > 0 {
		return nil, errors.New("header: something follows the object")
	}
	return values, nil
}

// tensorNames are the tensors that a kind of file may have, with the types that they may be of, and
// what to say where it has another one or another type.
type tensorNames struct {
	types        map[string]string
	other, typed string
}

// tableTensors are those of a [Table].
var tableTensors = tensorNames{
	types: map[string]string{tensorEmbeddings: "F32", tensorCounts: "I64", tensorHashes: "U8"},
	other: fmt.Sprintf("a file of embeddings has %s, and may have %s or %s", tensorEmbeddings, tensorCounts, tensorHashes),
	typed: fmt.Sprintf("it must be F32 (%s), I64 (%s) or U8 (%s)", tensorEmbeddings, tensorCounts, tensorHashes),
}

func parseSafeTensorsHeader(header []byte, names tensorNames) (map[string]tensorInfo, map[string]string, error) {
	entries, err := object[json.RawMessage](header)
	if err != nil {
		return nil, nil, err
	}
	var metadata map[string]string
	if text, ok := entries["__metadata__"]; ok {
		if metadata, err = object[string](text); err != nil {
			return nil, nil, fmt.Errorf("metadata: %w", err)
		}
		delete(entries, "__metadata__")
	}
	tensors := make(map[string]tensorInfo)
	for _, name := range sortedKeys(entries) {
		if names.types[name] == "" {
			return nil, nil, fmt.Errorf("it has a tensor %.80q; %s", name, names.other)
		}
		var info tensorInfo
		decoder := json.NewDecoder(bytes.NewReader(entries[name]))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&info); err != nil {
			return nil, nil, fmt.Errorf("header: tensor %s: %w", name, err)
		}
		tensors[name] = info
	}
	return tensors, metadata, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// checkLayout checks that the tensors follow each other from 0 to the end of the data, and that
// each has the bytes that its type and shape need.
func checkLayout(tensors map[string]tensorInfo, data int64, allowed tensorNames) error {
	names := sortedKeys(tensors)
	for _, name := range names {
		info := tensors[name]
		width, ok := widths[info.DType]
		if !ok {
			return fmt.Errorf("tensor %s is of type %.20q; %s", name, info.DType, allowed.typed)
		}
		need := width
		for _, n := range info.Shape {
			if n < 0 || n > 0 && need > math.MaxInt64/n {
				return fmt.Errorf("tensor %s has a shape that cannot be: %v", name, info.Shape)
			}
			need *= n
		}
		if len(info.Offsets) != 2 || info.Offsets[0] < 0 || info.Offsets[1]-info.Offsets[0] != need || info.Offsets[1] > data {
			return fmt.Errorf("tensor %s of shape %v needs %d bytes, which its offsets %v do not give it", name, info.Shape, need, info.Offsets)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(tensors[a].Offsets, tensors[b].Offsets)
	})
	end := int64(0)
	for _, name := range names {
		if begin := tensors[name].Offsets[0]; begin != end {
			return fmt.Errorf("tensor %s begins at byte %d of the data, and the one before ends at %d", name, begin, end)
		}
		end = tensors[name].Offsets[1]
	}
	if end != data {
		return fmt.Errorf("its tensors have %d bytes, its data %d", end, data)
	}
	return nil
}

// readMetadata takes names, kind and model from the metadata.
func (t *Table) readMetadata(metadata map[string]string) error {
	for key, list := range map[string]*[]string{keyLabels: &t.Labels, keyFiles: &t.Files} {
		text, ok := metadata[key]
		if !ok {
			continue
		}
		if err := json.Unmarshal([]byte(text), list); err != nil {
			return fmt.Errorf("metadata %s: it is not a JSON list of strings: %w", key, err)
		}
	}
	if t.Labels == nil {
		return fmt.Errorf("its metadata lacks %s, a JSON list of the rows' classes", keyLabels)
	}
	if t.Files != nil {
		t.What = Pictures
	}
	return t.setMetadata(metadata)
}

func (t *Table) readTensors(file *Tensors) error {
	n := int64(len(t.Labels))
	for name, info := range file.tensors {
		want := map[string]tensorInfo{
			tensorEmbeddings: {DType: "F32", Shape: []int64{n, int64(t.Dim)}},
			tensorCounts:     {DType: "I64", Shape: []int64{n}},
			tensorHashes:     {DType: "U8", Shape: []int64{n, 32}},
		}[name]
		if info.DType != want.DType || !slices.Equal(info.Shape, want.Shape) {
			return fmt.Errorf("tensor %s is %s %v, and for %d labels it must be %s %v", name, info.DType, info.Shape, n, want.DType, want.Shape)
		}
		data, err := file.read(name)
		if err != nil {
			return err
		}
		switch name {
		case tensorEmbeddings:
			t.Rows = appendFloats(make([]float32, 0, len(data)/4), data)
		case tensorCounts:
			t.Counts = make([]int64, n)
			for i := range t.Counts {
				t.Counts[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
			}
		case tensorHashes:
			t.Hashes = make([][32]byte, n)
			for i := range t.Hashes {
				t.Hashes[i] = [32]byte(data[32*i:])
			}
		}
	}
	return nil
}

// appendFloats appends little-endian float32.
func appendFloats(values []float32, data []byte) []float32 {
	for ; len(data) >= 4; data = data[4:] {
		values = append(values, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return values
}
