package head

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"

	"vs/data/input"
	"vs/search/classifier"
	"vs/search/database"
	"vs/search/exchange"
)

// The parts of the file.
const (
	keyHead           = "head"
	keyChecksum       = "crc32c"
	tensorWeights     = "weights"     // [C, F]
	tensorBias        = "bias"        // [C]
	tensorConfidences = "confidences" // [N]
)

// format is the version of the file that this program writes and reads.
const format = 2

// description is the JSON object in the metadata.
type description struct {
	Format       int                   `json:"format"`
	Classifier   classifier.Spec       `json:"classifier"`
	Power        float64               `json:"power"`
	Parameter    float64               `json:"parameter"` // shrinkage or penalty
	Temperature  float64               `json:"temperature"`
	Loss         float64               `json:"loss"`
	LeftOut      int                   `json:"left_out"` // how many confidences there are
	Labels       []string              `json:"labels"`
	Model        Model                 `json:"model"`
	Augmentation string                `json:"augmentation,omitempty"`
	Classes      []database.ClassState `json:"classes"`
	Pictures     int                   `json:"pictures"`
	Split        *Split                `json:"split,omitempty"`
	Key          string                `json:"key,omitempty"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write writes a head.
func Write(w io.Writer, h *Head) error {
	s := h.Solution
	text, err := encode(description{
		format, h.Spec, s.Power, s.Parameter, s.Temperature, s.Loss, len(s.Confidences), h.Labels, h.Model, h.Augmentation, h.Classes, h.Pictures, h.Split, h.Key,
	})
	if err != nil {
		return err
	}
	classes := len(s.Bias)
	weights := exchange.Tensor{Name: tensorWeights, Shape: []int{classes, len(s.Weights) / max(1, classes)}, Values: s.Weights}
	bias := exchange.Tensor{Name: tensorBias, Shape: []int{classes}, Values: s.Bias}
	crc := crc32.Checksum(text, castagnoli)
	confidences := exchange.Tensor{Name: tensorConfidences, Shape: []int{len(s.Confidences)}, Values: s.Confidences}
	for _, t := range []exchange.Tensor{weights, bias, confidences} {
		crc = crc32.Update(crc, castagnoli, t.Bytes())
	}
	return exchange.WriteTensors(w, map[string]string{keyHead: string(text), keyChecksum: strconv.FormatUint(uint64(crc), 10)}, weights, bias, confidences)
}

func encode(d description) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(d)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

// Open reads a head from a file.
func Open(path string) (*Head, error) {
	h, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("read head %s: %w", path, input.Reason(err))
	}
	return h, nil
}

func open(path string) (*Head, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := input.Regular(info); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	return Read(f, info.Size())
}

// Is reports whether a file says that it is a head, which may still be damaged.
func Is(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	t, err := exchange.OpenTensors(f, info.Size(), "a head", tensorWeights, tensorBias, tensorConfidences)
	return err == nil && t.Metadata[keyHead] != ""
}

// Read reads a head of some bytes from anywhere. It takes no more memory than a few times these.
func Read(r io.ReaderAt, size int64) (*Head, error) {
	file, err := exchange.OpenTensors(r, size, "a head", tensorWeights, tensorBias, tensorConfidences)
	if err != nil {
		return nil, err
	}
	text, ok := file.Metadata[keyHead]
	if !ok {
		return nil, errors.New("it is not a head; vs train writes them")
	}
	var d description
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("its description: %w", err)
	}
	if d.Format != format {
		return nil, fmt.Errorf("it has format %d, and this program reads %d; train it again, or update vs", d.Format, format)
	}
	if err := checkDim(d.Model.EmbeddingDim); err != nil {
		return nil, err
	}
	if err := d.Classifier.Validate(); err != nil {
		return nil, err
	}
	crc := crc32.Checksum([]byte(text), castagnoli)
	see := func(data []byte) { crc = crc32.Update(crc, castagnoli, data) }
	solved := classifier.Solution{Power: d.Power, Parameter: d.Parameter, Temperature: d.Temperature, Loss: d.Loss}
	classes := len(d.Labels)
	if solved.Weights, err = file.Float64s(tensorWeights, see, classes, d.Classifier.Features(d.Model.EmbeddingDim)); err != nil {
		return nil, err
	}
	if solved.Bias, err = file.Float64s(tensorBias, see, classes); err != nil {
		return nil, err
	}
	if solved.Confidences, err = file.Float64s(tensorConfidences, see, d.LeftOut); err != nil {
		return nil, err
	}
	if file.Metadata[keyChecksum] != strconv.FormatUint(uint64(crc), 10) {
		return nil, errors.New("its checksum is wrong; it is damaged")
	}
	h := &Head{
		Spec: d.Classifier, Solution: solved, Labels: d.Labels, Model: d.Model, Augmentation: d.Augmentation,
		Classes: d.Classes, Pictures: d.Pictures, Split: d.Split, Key: d.Key,
	}
	return h, h.check()
}
