package head

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vs/search/classifier"
	"vs/search/database"
	"vs/search/exchange"
)

// trees is a head of three classes for embeddings of two elements.
func trees() *Head {
	return &Head{
		Spec:     classifier.Spec{Kind: classifier.LDA, Shrinkage: classifier.Given(0.3)},
		Solution: classifier.Solution{Power: 0.5, Parameter: 0.3, Temperature: 1. / 3, Loss: 0.7, Weights: []float64{1, 2, 3, 4, -5, 1e-300}, Bias: []float64{0, -1, 0.1}, Confidences: []float64{0.25, 0.5, 0.5, 1}},
		Labels:   []string{"ash", "birch", "cedar"},
		Model:    Model{Name: "tiny", Hash: "0123456789abcdef", Recipe: "crop=8", EmbeddingDim: 2, NumParams: 9},
		Classes:  []database.ClassState{{Label: "ash", Pictures: 3, Vectors: "aa"}, {Label: "birch", Pictures: 4, Vectors: "bb"}, {Label: "cedar", Pictures: 1, Vectors: "cc"}},
		Pictures: 8,
		Split:    &Split{SHA256: "fedc", Part: "training"},
	}
}

func bytesOf(t testing.TB, h *Head) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, h); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func readBytes(content []byte) (*Head, error) {
	return Read(bytes.NewReader(content), int64(len(content)))
}

func TestAHeadComesBackAsItWas(t *testing.T) {
	plain := trees()
	plain.Split, plain.Key, plain.Augmentation = nil, "abc", "3 instances"
	random := trees()
	random.Spec = classifier.Spec{Kind: classifier.Ridge, Projections: 2, Seed: 7}
	for _, h := range []*Head{trees(), plain, random} {
		path := filepath.Join(t.TempDir(), "a.head")
		if err := os.WriteFile(path, bytesOf(t, h), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Open(path)
		if err != nil || !reflect.DeepEqual(got, h) || !Is(path) {
			t.Errorf("got %+v (%v), want %+v", got, err, h)
		}
		if _, err := got.Linear(); err != nil {
			t.Error(err)
		}
	}
}

func TestChanges(t *testing.T) {
	h := trees()
	state := func(change func(classes []database.ClassState) []database.ClassState) *database.State {
		return &database.State{Classes: change(append([]database.ClassState(nil), h.Classes...))}
	}
	many := func(classes []database.ClassState) []database.ClassState {
		for i := range 7 {
			classes = append(classes, database.ClassState{Label: fmt.Sprintf("elm%d", i)})
		}
		return classes[1:]
	}
	tests := []struct {
		name   string
		change func(classes []database.ClassState) []database.ClassState
		want   string
	}{
		{"nothing", func(c []database.ClassState) []database.ClassState { return c }, ""},
		{"a class more", func(c []database.ClassState) []database.ClassState {
			return append(c, database.ClassState{Label: "elm"})
		}, "1 class added (elm)"},
		{"a class fewer", func(c []database.ClassState) []database.ClassState { return c[:2] }, "1 class removed (cedar)"},
		{"other pictures", func(c []database.ClassState) []database.ClassState { c[1].Vectors = "zz"; return c }, "1 class changed (birch)"},
		{"another name", func(c []database.ClassState) []database.ClassState { c[2].Label = "elm"; return c }, "1 class added (elm), 1 class removed (cedar)"},
		{"many", many, "7 classes added (elm0, elm1, elm2, elm3, elm4, …), 1 class removed (ash)"},
	}
	for _, tt := range tests {
		if got := h.Changes(state(tt.change)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAHeadIsForOneModel(t *testing.T) {
	h := trees()
	model := database.Model{Name: "tiny", Hash: h.Model.Hash, Recipe: h.Model.Recipe, EmbeddingDim: 2}
	if err := h.CheckModel(model); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(m *database.Model){
		"made with tiny (SHA-256 0123456789ab…), not with other": func(m *database.Model) { m.Name, m.Hash = "other", "ffff" },
		"prepared by crop=8, not by crop=9":                      func(m *database.Model) { m.Recipe = "crop=9" },
		"of 2 elements, not 3":                                   func(m *database.Model) { m.EmbeddingDim = 3 },
	} {
		m := model
		change(&m)
		if err := h.CheckModel(m); !errors.Is(err, database.ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// raw writes tensors and a description as they are.
func raw(t *testing.T, description string, tensors ...exchange.Tensor) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := exchange.WriteTensors(&file, map[string]string{keyHead: description}, tensors...); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestHeadsThatCannotBeAreRefused(t *testing.T) {
	spoilt := func(change func(h *Head)) []byte {
		h := trees()
		change(h)
		return bytesOf(t, h)
	}
	sound := bytesOf(t, trees())
	huge := append([]byte(nil), sound...)
	binary.LittleEndian.PutUint64(huge, 1<<40)
	flipped := append([]byte(nil), sound...)
	flipped[len(flipped)-9] ^= 1
	renamed := bytes.Replace(append([]byte(nil), sound...), []byte("birch"), []byte("bjrch"), 1)
	weights := exchange.Tensor{Name: tensorWeights, Shape: []int{1, 2}, Values: []float64{1, 2}}
	bias := exchange.Tensor{Name: tensorBias, Shape: []int{1}, Values: []float64{0}}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "too short"},
		{"a picture", []byte("\xff\xd8\xff\xe0 picture, and more of it"), "not a safetensors file"},
		{"cut off", sound[:len(sound)-8], "bytes"},
		{"a header of a terabyte", huge, "does not fit"},
		{"a flipped bit", flipped, "damaged"},
		{"another label", renamed, "damaged"},
		{"a file of embeddings", raw(t, "{}", exchange.Tensor{Name: "embeddings", Shape: []int{1, 1}, Values: []float64{1}}), "a head has weights, bias, confidences"},
		{"no weights", raw(t, `{"format":2,"classifier":{"kind":"lda"},"model":{"embedding_dim":2},"labels":["a"]}`, bias), "no tensor weights"},
		{"no description", raw(t, "x", weights, bias), "description"},
		{"an older format", raw(t, `{"format":1}`, weights, bias), "format 1"},
		{"no size", raw(t, `{"format":2}`, weights, bias), "embeddings of 0 elements"},
		{"an enormous size", raw(t, `{"format":2,"model":{"embedding_dim":1000000000000}}`, weights, bias), "embeddings of 1000000000000 elements"},
		{"no classifier", raw(t, `{"format":2,"model":{"embedding_dim":2}}`, weights, bias), "no classifier"},
		{"a hundred labels", raw(t, `{"format":2,"classifier":{"kind":"lda"},"model":{"embedding_dim":2},"labels":["a","b"]}`, weights, bias), "shape"},
		{"other weights", spoilt(func(h *Head) { h.Solution.Weights = h.Solution.Weights[:3] }), "shape"},
		{"NaN", spoilt(func(h *Head) { h.Solution.Weights[2] = math.NaN() }), "NaN"},
		{"infinity", spoilt(func(h *Head) { h.Solution.Bias[2] = math.Inf(1) }), "+Inf"},
		{"too large", spoilt(func(h *Head) { h.Solution.Bias[2] = 1e200 }), "1e+200"},
		{"a cold temperature", spoilt(func(h *Head) { h.Solution.Temperature = 0 }), "temperature"},
		{"a power of nothing", spoilt(func(h *Head) { h.Solution.Power = -1 }), "power"},
		{"a shrinkage above 1", spoilt(func(h *Head) { h.Spec.Shrinkage = classifier.Given(2) }), "--shrinkage 2"},
		{"labels in another order", spoilt(func(h *Head) { h.Labels[0], h.Labels[1] = h.Labels[1], h.Labels[0] }), "wrong place"},
		{"a label twice", spoilt(func(h *Head) { h.Labels[1] = h.Labels[0] }), "wrong place"},
		{"a label that leads elsewhere", spoilt(func(h *Head) { h.Labels[0] = "../ash" }), "../ash"},
		{"confidences out of order", spoilt(func(h *Head) { h.Solution.Confidences[1] = 0.1 }), "must ascend"},
		{"a confidence above 1", spoilt(func(h *Head) { h.Solution.Confidences[3] = 1.5 }), "must ascend"},
		{"no confidences", raw(t, `{"format":2,"classifier":{"kind":"lda"},"model":{"embedding_dim":2},"labels":["a"]}`, weights, bias), "no tensor confidences"},
		{"no model", spoilt(func(h *Head) { h.Model.Hash = "" }), "which model"},
		{"fewer pictures than classes", spoilt(func(h *Head) { h.Pictures = 2 }), "2 pictures"},
		{"classes out of order", spoilt(func(h *Head) { h.Classes[2].Label = "a" }), "wrong place"},
	}
	for _, tt := range tests {
		h, err := readBytes(tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, error %v, want one line with %q", tt.name, h, err, tt.want)
		}
	}
	for path, want := range map[string]string{t.TempDir(): "", filepath.Join(t.TempDir(), "none"): "no such file", "/dev/null": ""} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) || Is(path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(bytesOf(f, trees()))
	random := trees()
	random.Spec, random.Split = classifier.Spec{Kind: classifier.Ridge, Projections: 2, Seed: 7}, nil
	f.Add(bytesOf(f, random))
	f.Fuzz(func(t *testing.T, content []byte) {
		h, err := readBytes(content)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %v", err)
			}
			return
		}
		again, err := readBytes(bytesOf(t, h))
		if err != nil || !reflect.DeepEqual(again, h) {
			t.Errorf("%+v comes back as %+v (%v)", h, again, err)
		}
	})
}

// FuzzReadDescription reads files that are right by their checksum.
func FuzzReadDescription(f *testing.F) {
	for _, h := range []*Head{trees()} {
		t, err := exchange.OpenTensors(bytes.NewReader(bytesOf(f, h)), int64(len(bytesOf(f, h))), "", tensorWeights, tensorBias, tensorConfidences)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(t.Metadata[keyHead], uint8(3), uint8(2), uint8(4), byte(0))
	}
	f.Add(`{"format":2,"classifier":{"kind":"ridge","projections":2},"power":1,"temperature":1,"labels":["a"],"pictures":1,"model":{"name":"m","hash":"h","embedding_dim":9}}`,
		uint8(1), uint8(2), uint8(0), byte(1))
	f.Fuzz(func(t *testing.T, text string, classes, size, leftOut uint8, fill byte) {
		weights := exchange.Tensor{Name: tensorWeights, Shape: []int{int(classes), int(size)}, Values: make([]float64, int(classes)*int(size))}
		bias := exchange.Tensor{Name: tensorBias, Shape: []int{int(classes)}, Values: make([]float64, classes)}
		for i := range weights.Values {
			weights.Values[i] = math.Ldexp(1, int(fill)*i)
		}
		crc := crc32.Checksum([]byte(text), castagnoli)
		confidences := exchange.Tensor{Name: tensorConfidences, Shape: []int{int(leftOut)}, Values: make([]float64, leftOut)}
		crc = crc32.Update(crc, castagnoli, slices.Concat(weights.Bytes(), bias.Bytes(), confidences.Bytes()))
		var file bytes.Buffer
		if err := exchange.WriteTensors(&file, map[string]string{keyHead: text, keyChecksum: fmt.Sprint(crc)}, weights, bias, confidences); err != nil {
			t.Skip()
		}
		h, err := readBytes(file.Bytes())
		if err != nil {
			return
		}
		again, err := readBytes(bytesOf(t, h))
		if err != nil || !reflect.DeepEqual(again, h) {
			t.Errorf("%+v comes back as %+v (%v)", h, again, err)
		}
		h.Changes(&database.State{Classes: h.Classes})
	})
}
