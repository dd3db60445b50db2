package exchange

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// The names of the tensors.
const (
	tensorCounts     = "counts"     // [N] I64, of classes
	tensorEmbeddings = "embeddings" // [N, D] F32
	tensorHashes     = "hashes"     // [N, 32] U8, of pictures
)

// The keys of the metadata that hold the names, as JSON lists of strings.
const (
	keyLabels = "labels"
	keyFiles  = "files"
)

// maxSafeTensorsHeader is the format's own bound.
const maxSafeTensorsHeader = 100_000_000

// tensorInfo is a tensor's entry in the header.
type tensorInfo struct {
	DType   string  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // begin and end, counted from the end of the header
}

// WriteSafeTensors writes the embeddings as a tensor of float32, with names and model in the
// metadata. Source: https://huggingface.co/docs/safetensors/index#format
func WriteSafeTensors(w io.Writer, t *Table) error {
	header, err := t.safeTensorsHeader()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	binary.Write(out, binary.LittleEndian, uint64(len(header)))
	out.Write(header)
	binary.Write(out, binary.LittleEndian, t.Counts)
	writeFloats(out, t.Rows)
	for _, hash := range t.Hashes {
		out.Write(hash[:])
	}
	return out.Flush() // reports the first error of any write
}

// safeTensorsHeader lays out the tensors, those of wider elements first, so that each begins at a
// multiple of its width.
func (t *Table) safeTensorsHeader() ([]byte, error) {
	metadata := t.metadata()
	names := map[string][]string{keyLabels: t.Labels}
	if t.What == Pictures {
		names[keyFiles] = t.Files
	}
	for key, list := range names {
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		metadata[key] = string(text)
	}
	header := map[string]any{"__metadata__": metadata}
	n, end := int64(len(t.Labels)), int64(0)
	add := func(name, dtype string, width int64, shape ...int64) {
		begin := end
		for _, size := range shape {
			width *= size
		}
		end += width
		header[name] = tensorInfo{dtype, shape, []int64{begin, end}}
	}
	if t.Counts != nil {
		add(tensorCounts, "I64", 8, n)
	}
	add(tensorEmbeddings, "F32", 4, n, int64(t.Dim))
	if t.Hashes != nil {
		add(tensorHashes, "U8", 1, n, 32)
	}
	text, err := encodeSafeTensorsHeader(header)
	if err != nil {
		return nil, err
	}
	if len(text) > maxSafeTensorsHeader {
		return nil, fmt.Errorf("the names of %d rows are more than a safetensors header may hold; choose another format", n)
	}
	return text, nil
}
