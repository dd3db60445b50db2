package encoder

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"vs/data/text"
	"vs/data/transform"
)

// metadataName is the extra file of the archive; metadataFormat the only version of it so far.
const (
	metadataName   = "vs.json"
	metadataFormat = 1
)

// Metadata is what vs.json says about a model.
type Metadata struct {
	Format        int        `json:"format"`
	ModelName     string     `json:"model_name"`    // timm's name with its tag
	NumParams     int64      `json:"num_params"`    // of the encoder, classifier removed
	EmbeddingDim  int        `json:"embedding_dim"` // D
	InputSize     [3]int     `json:"input_size"`    // channels, height, width
	Interpolation string     `json:"interpolation"`
	Mean          [3]float64 `json:"mean"`
	Std           [3]float64 `json:"std"`
	CropPct       float64    `json:"crop_pct"`
	CropMode      string     `json:"crop_mode"`

	GMACs        float64 `json:"gmacs,omitempty"`        // multiply-accumulates of one picture, 1e9
	MActivations float64 `json:"mactivations,omitempty"` // elements of convolutions' and products' outputs, 1e6
	HFHubID      string  `json:"hf_hub_id,omitempty"`
	TimmVersion  string  `json:"timm_version,omitempty"`
	TorchVersion string  `json:"torch_version,omitempty"`
	Weights      string  `json:"weights,omitempty"` // where they come from

	raw string
}

// Raw returns vs.json as it stands in the model file, unknown keys included.
func (m Metadata) Raw() string { return m.raw }

// Transform returns how a picture is prepared for the model.
func (m Metadata) Transform() transform.Spec {
	return transform.Spec{
		Height:        m.InputSize[1],
		Width:         m.InputSize[2],
		Interpolation: m.Interpolation,
		Mean:          m.Mean,
		Std:           m.Std,
		CropPct:       m.CropPct,
		CropMode:      m.CropMode,
	}
}

// elements returns the number of elements of a picture.
func (m Metadata) elements() int { return m.InputSize[0] * m.InputSize[1] * m.InputSize[2] }

// ParseMetadata reads and checks vs.json.
func ParseMetadata(text string) (Metadata, error) {
	m := Metadata{raw: text}
	var keys map[string]json.RawMessage
	err := cmp.Or(json.Unmarshal([]byte(text), &keys), json.Unmarshal([]byte(text), &m))
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return Metadata{}, fmt.Errorf("%s: %s is a JSON %s, which it cannot be; trace the model again", metadataName, wrong.Field, wrong.Value)
	case err != nil:
		return Metadata{}, fmt.Errorf("%s: %w", metadataName, err)
	}
	if err := m.checkFormat(); err != nil {
		return Metadata{}, err
	}
	// JSON leaves out what is missing, and a mean of 0 would pass for one that is meant.
	for _, key := range []string{"mean", "std", "input_size"} {
		var list []json.RawMessage
		if err := json.Unmarshal(keys[key], &list); err != nil || len(list) != 3 {
			return Metadata{}, fmt.Errorf("%s: %s does not have three numbers; trace the model again", metadataName, key)
		}
	}
	return m, m.validate()
}

// maxEmbeddingDim bounds the memory that is taken for what a file claims, far beyond any model's.
const maxEmbeddingDim = 1 << 16

// checkFormat comes before all else: another format may have other keys.
func (m Metadata) checkFormat() error {
	switch {
	case m.Format > metadataFormat:
		return fmt.Errorf("%s: format %d is newer than this program reads (%d); update vs", metadataName, m.Format, metadataFormat)
	case m.Format != metadataFormat:
		return fmt.Errorf("%s: format %d is unknown", metadataName, m.Format)
	}
	return nil
}

func (m Metadata) validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: %w", metadataName, fmt.Errorf(format, args...))
	}
	switch {
	case m.ModelName == "":
		return fail("model_name is missing")
	case text.Check(m.ModelName) != nil:
		return fail("model_name %q: the name %w", m.ModelName, text.Check(m.ModelName))
	case m.EmbeddingDim < 1 || m.EmbeddingDim > maxEmbeddingDim:
		return fail("embedding_dim is %d; 1 to %d work", m.EmbeddingDim, maxEmbeddingDim)
	case m.NumParams < 0:
		return fail("num_params is %d", m.NumParams)
	case m.InputSize[0] != 3:
		return fail("input_size has %d channels; vs gives a model 3", m.InputSize[0])
	}
	if err := m.Transform().Validate(); err != nil {
		return fail("%w", err)
	}
	return nil
}

// errNoMetadata is the reason for refusing a model without vs.json.
var errNoMetadata = errors.New("it has no " + metadataName + ", so its input size, mean and crop are unknown; trace the model with scripts/trace_timm.py")
