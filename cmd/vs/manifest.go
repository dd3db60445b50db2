package main

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

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/atomicfile"
	"vs/data/input"
	"vs/encoder"
	"vs/report"
	"vs/torch"
)

// manifest is what it takes to repeat an evaluation, and what came out.
type manifest struct {
	Format   int              `json:"format"` // 1
	Created  string           `json:"created"`
	Program  manifestProgram  `json:"program"`
	Settings settings         `json:"settings"`
	Inputs   inputs           `json:"inputs"`
	Models   []manifestModel  `json:"models"`
	Results  []manifestResult `json:"results"`
}

const manifestFormat = 1

// inputs are the files that an evaluation reads: databases, or models with a folder of pictures.
type inputs struct {
	Databases []string `json:"databases,omitempty"`
	Models    []string `json:"models,omitempty"`
	Data      string   `json:"data,omitempty"`
	Nested    bool     `json:"nested,omitempty"` // pictures of Data lie in nested folders, too
}

func inputsOf(c *cli.Context) inputs {
	return inputs{Databases: c.StringSlice("db"), Models: c.StringSlice("model"), Data: c.String("data"), Nested: c.Bool("nested")}
}

// absolute returns the inputs with paths that hold from every folder.
func (in inputs) absolute() inputs {
	all := func(paths []string) (out []string) {
		for _, path := range paths {
			if path != encoder.Builtin {
				path = absolute(path)
			}
			out = append(out, path)
		}
		return out
	}
	out := inputs{Databases: all(in.Databases), Models: all(in.Models), Nested: in.Nested}
	if in.Data != "" {
		out.Data = absolute(in.Data)
	}
	return out
}

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

// manifestClass has digests of a class, so that a difference can be named without a list of all pictures.
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
}

func newManifest(c *cli.Context, e *evaluated) (*manifest, error) {
	program, err := thisProgram(c)
	if err != nil {
		return nil, err
	}
	st := e.settings
	st.Labels, st.LabelShare, st.TopK = e.evaluations[0].Labels, 0, e.evaluations[0].TopK
	if st.Split != "" {
		st.Split = absolute(st.Split)
	}
	m := &manifest{
		Format: manifestFormat, Created: time.Now().UTC().Format(time.RFC3339), Program: program, Settings: st, Inputs: e.inputs.absolute(),
	}
	for _, s := range e.sources {
		m.Models = append(m.Models, s.manifest())
	}
	for _, one := range e.evaluations {
		m.Results = append(m.Results, resultOf(one))
	}
	return m, nil
}

func thisProgram(c *cli.Context) (manifestProgram, error) {
	info, err := torch.GetInfo()
	if err != nil {
		return manifestProgram{}, err
	}
	build, err := torch.Build()
	if err != nil {
		return manifestProgram{}, err
	}
	return manifestProgram{
		VS: c.App.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		LibTorch: info.LibTorch, Build: build, BLAS: info.BLAS,
	}, nil
}

func (s source) manifest() manifestModel {
	m := manifestModel{
		Name: s.model.Name, Hash: s.model.Hash, Transform: s.model.Recipe, Augmentation: s.augmentation.String(),
		Device: deviceName(s.device),
	}
	next := 0
	for c, label := range s.set.Labels {
		to := next + s.set.Counts[c]
		contents, embeddings := sha256.New(), sha256.New()
		for i := next; i < to; i++ {
			writeText(contents, s.set.Names[i])
			contents.Write(s.set.Hashes[i][:])
		}
		d := s.set.Dim
		// A write to a hash cannot fail.
		_ = binary.Write(embeddings, binary.LittleEndian, s.set.Vectors[next*d:to*d])
		if s.set.Training != nil {
			_ = binary.Write(embeddings, binary.LittleEndian, s.set.Training[next*d:to*d])
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
	return r
}

// encode gives the manifest's JSON.
func (m *manifest) encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(m)
	return text.Bytes(), err
}

// write puts the manifest in place of the file at once.
func (m *manifest) write(path string) error {
	text, err := m.encode()
	if err != nil {
		return fmt.Errorf("write manifest %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// manifestOutput is the file that --manifest names.
func manifestOutput(path string) outputFile {
	return outputFile{"--manifest", path, "manifest", func(path string) bool {
		_, err := readManifest(path)
		return err == nil
	}}
}

// readManifest reads and checks a manifest.
func readManifest(path string) (*manifest, error) {
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

func parseManifest(text []byte) (*manifest, error) {
	m := &manifest{}
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
		return nil, errors.New("it is no manifest; vs eval --manifest writes such files")
	case n == 0 || len(m.Inputs.Databases) > 0 && len(m.Inputs.Models) > 0 || len(m.Models) != n || len(m.Results) < n || len(m.Inputs.Models) > 0 && m.Inputs.Data == "":
		return nil, fmt.Errorf("it names %d databases and models, but %d models and %d results; it is damaged", n, len(m.Models), len(m.Results))
	}
	m.Settings.topKGiven = true
	if err := m.Settings.validate(); err != nil {
		return nil, err
	}
	return m, nil
}

// lines are the manifest for people, without the digests and results.
func (m *manifest) lines() [][2]string {
	st := m.Settings
	pictures := 0
	for _, c := range m.Models[0].Classes {
		pictures += c.Pictures
	}
	lines := [][2]string{
		{"date", m.Created},
		{"vs", m.Program.VS},
		{"Go", m.Program.Go + " " + m.Program.Platform},
		{"libtorch", m.Program.LibTorch},
		{"device", m.Models[0].Device},
		{"classes", fmt.Sprint(len(st.Labels))},
		{"pictures", fmt.Sprint(pictures)},
	}
	for i, model := range m.Models {
		prefix := "model"
		if len(m.Models) > 1 {
			prefix = fmt.Sprintf("model %d", i+1)
		}
		lines = append(lines,
			[2]string{prefix, model.Name},
			[2]string{prefix + " SHA-256", model.Hash},
			[2]string{prefix + " transform", model.Transform})
		if model.Augmentation != "" {
			lines = append(lines, [2]string{prefix + " augmentation", model.Augmentation})
		}
	}
	add := func(name, value string) { lines = append(lines, [2]string{name, value}) }
	switch {
	case st.Split != "":
		add("split file", st.Split)
	case st.Protocol == report.KFold:
		add("protocol", fmt.Sprintf("%s, %d folds", st.Protocol, st.Folds))
	case st.Protocol == report.LeaveOneOut:
		add("protocol", string(st.Protocol))
	default:
		add("protocol", fmt.Sprintf("%s, %d runs", st.Protocol, st.Runs))
	}
	if st.Split == "" && st.Protocol == report.Holdout {
		add("validation share", fmt.Sprint(st.ValidShare))
		add("test share", fmt.Sprint(st.TestShare))
	}
	add("part", st.Part)
	if policy := st.Duplicates; policy != "" && policy != data.KeepDuplicates {
		add("duplicates", string(policy))
	}
	add("seed", fmt.Sprint(st.Seed))
	add("method", st.Method.String())
	add("top-k", fmt.Sprint(st.TopK))
	add("confidence", fmt.Sprint(st.Confidence))
	if st.ShortRun > 0 {
		add("short run", fmt.Sprintf("the first %d pictures of each class", st.ShortRun))
	}
	return lines
}
