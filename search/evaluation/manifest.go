package evaluation

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"runtime"
	"time"

	"vs/data/atomicfile"
	"vs/data/input"
	"vs/report"
	"vs/torch"
)

// Manifest is what it takes to repeat an evaluation, and what came out.
type Manifest struct {
	Format   int              `json:"format"` // 1
	Created  string           `json:"created"`
	Program  manifestProgram  `json:"program"`
	Settings Settings         `json:"settings"`
	Inputs   Inputs           `json:"inputs"`
	Models   []manifestModel  `json:"models"`
	Results  []manifestResult `json:"results"`
}

const manifestFormat = 1

type manifestProgram struct {
	VS       string `json:"vs"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	LibTorch string `json:"libtorch"`
	Build    string `json:"libtorch_build"` // "" in manifests of earlier versions
	BLAS     string `json:"blas"`
}

// manifestModel is one source: the model and the pictures under it.
type manifestModel struct {
	Name         string          `json:"name"`
	Hash         string          `json:"hash"` // SHA-256 of the model file
	Transform    string          `json:"transform"`
	Augmentation string          `json:"augmentation"`
	Device       string          `json:"device"`
	Classes      []manifestClass `json:"classes"`
}

// manifestClass has digests of a class, so that a difference can be named without a list of all
// pictures.
type manifestClass struct {
	Label      string `json:"label"`
	Pictures   int    `json:"pictures"`
	Contents   string `json:"contents"`   // SHA-256 of the names and the SHA-256 of the files
	Embeddings string `json:"embeddings"` // SHA-256 of the vectors
}

type manifestResult struct {
	Model         string    `json:"model"`
	Method        string    `json:"method,omitempty"`
	Accuracy      float64   `json:"accuracy"`
	Low           *float64  `json:"low"` // null where there is no interval
	High          *float64  `json:"high"`
	Interval      string    `json:"interval,omitempty"` // which they are
	TopKAccuracy  float64   `json:"topk_accuracy"`
	RunAccuracies []float64 `json:"run_accuracies"`
	Predictions   string    `json:"predictions"` // SHA-256 of all files, targets and predictions

	// What manifests of earlier versions lack, and where there is none.
	LogLoss *float64           `json:"log_loss,omitempty"`
	AUROC   map[string]float64 `json:"auroc,omitempty"` // by the name of the score
}

// NewManifest describes an outcome; version is that of the program.
func NewManifest(version string, o *Outcome) (*Manifest, error) {
	program, err := thisProgram(version)
	if err != nil {
		return nil, err
	}
	st := o.Settings
	st.Labels, st.LabelShare, st.TopK = o.Evaluations[0].Labels, 0, o.Evaluations[0].TopK
	if st.Split != "" {
		st.Split = absolute(st.Split)
	}
	m := &Manifest{
		Format: manifestFormat, Created: time.Now().UTC().Format(time.RFC3339), Program: program, Settings: st, Inputs: o.Inputs.absolute(),
	}
	for _, s := range o.Sources {
		m.Models = append(m.Models, s.manifest())
	}
	for _, one := range o.Evaluations {
		m.Results = append(m.Results, resultOf(one))
	}
	return m, nil
}

func thisProgram(version string) (manifestProgram, error) {
	info, err := torch.GetInfo()
	if err != nil {
		return manifestProgram{}, err
	}
	build, err := torch.Build()
	if err != nil {
		return manifestProgram{}, err
	}
	return manifestProgram{
		VS: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		LibTorch: info.LibTorch, Build: build, BLAS: info.BLAS,
	}, nil
}

func (s *Source) manifest() manifestModel {
	m := manifestModel{
		Name: s.Model.Name, Hash: s.Model.Hash, Transform: s.Model.Recipe, Augmentation: s.Augmentation.String(),
		Device: deviceName(s.Device),
	}
	next := 0
	for c, label := range s.Embeddings.Labels {
		to := next + s.Embeddings.Counts[c]
		contents, embeddings := sha256.New(), sha256.New()
		for i := next; i < to; i++ {
			writeText(contents, s.Embeddings.Names[i])
			contents.Write(s.Embeddings.Hashes[i][:])
		}
		d := s.Embeddings.Dim
		// A write to a hash cannot fail.
		_ = binary.Write(embeddings, binary.LittleEndian, s.Embeddings.Vectors[next*d:to*d])
		if s.Embeddings.Training != nil {
			_ = binary.Write(embeddings, binary.LittleEndian, s.Embeddings.Training[next*d:to*d])
		}
		if s.Embeddings.Examples != nil {
			d *= s.Embeddings.ExamplesEach()
			_ = binary.Write(embeddings, binary.LittleEndian, s.Embeddings.Examples[next*d:to*d])
		}
		m.Classes = append(m.Classes, manifestClass{label, to - next, digest(contents), digest(embeddings)})
		next = to
	}
	return m
}

// deviceName says what a device is, for CUDA with the name of the GPU.
func deviceName(d torch.Device) string {
	if d.Type == torch.CUDAType {
		if info, err := torch.GetCUDAInfo(d.Index); err == nil {
			return d.String() + ", " + info.Name
		}
	}
	return d.String()
}

// writeText writes a string and its end, so that two strings are not taken for one.
func writeText(h hash.Hash, s string) { fmt.Fprintf(h, "%s\x00", s) }

func digest(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

func resultOf(e *report.Evaluation) manifestResult {
	r := manifestResult{
		Model: e.Model, Method: e.Method, Accuracy: e.Accuracy.Mean, TopKAccuracy: e.TopKAccuracy.Mean, Interval: string(e.Accuracy.Interval),
	}
	if !math.IsNaN(e.Accuracy.Low) {
		r.Low, r.High = &e.Accuracy.Low, &e.Accuracy.High
	}
	h := sha256.New()
	for _, run := range e.Runs {
		r.RunAccuracies = append(r.RunAccuracies, run.Accuracy)
		for i, file := range run.Files {
			writeText(h, file)
			fmt.Fprintf(h, "%d %d\n", run.Targets[i], run.Predictions[i])
		}
	}
	r.Predictions = digest(h)
	if e.Probabilities != nil {
		r.LogLoss = &e.Probabilities.LogLoss.Mean
	}
	if e.OpenSet != nil {
		r.AUROC = make(map[string]float64)
		for _, s := range e.OpenSet.Scores {
			r.AUROC[s.Score] = s.AUROC.Mean
		}
	}
	return r
}

// Encode returns the manifest as JSON.
func (m *Manifest) Encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(m)
	return text.Bytes(), err
}

// Write puts the manifest in place of the file at once.
func (m *Manifest) Write(path string) error {
	text, err := m.Encode()
	if err != nil {
		return fmt.Errorf("write manifest %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// ReadManifest reads and checks a manifest.
func ReadManifest(path string) (*Manifest, error) {
	text, err := input.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", path, err)
	}
	return m, nil
}

func parseManifest(text []byte) (*Manifest, error) {
	m := &Manifest{}
	text, err := input.DecodeText(text)
	if err == nil {
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; vs eval --manifest writes such files", err)
	}
	switch n := len(m.Inputs.Databases) + len(m.Inputs.Models); {
	case m.Format > manifestFormat:
		return nil, fmt.Errorf("it has format %d, newer than this program reads (%d); update vs", m.Format, manifestFormat)
	case m.Format != manifestFormat:
		return nil, errors.New("it is not a manifest; vs eval --manifest writes such files")
	case n == 0 || len(m.Inputs.Databases) > 0 && len(m.Inputs.Models) > 0 || len(m.Models) != n || len(m.Results) < n || len(m.Inputs.Models) > 0 && m.Inputs.Data == "":
		return nil, fmt.Errorf("it names %d databases and models, but %d models and %d results; it is damaged", n, len(m.Models), len(m.Results))
	}
	m.Settings.TopKGiven = true
	if err := m.Settings.validate(); err != nil {
		return nil, err
	}
	return m, nil
}
