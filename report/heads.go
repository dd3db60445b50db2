package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// Head is a fitted classifier as its file describes it.
type Head struct {
	File             string   `json:"file,omitempty"`
	Classifier       string   `json:"classifier"` // with the parameters that were given
	Kind             string   `json:"kind"`
	Power            float64  `json:"power"`
	Shrinkage        *float64 `json:"shrinkage,omitempty"`
	Penalty          *float64 `json:"penalty,omitempty"`
	Projections      int      `json:"projections,omitempty"`
	Temperature      float64  `json:"temperature"`
	Loss             float64  `json:"loss"` // mean negative log-likelihood of pictures that are left out, in nats
	Labels           []string `json:"labels"`
	Pictures         int      `json:"num_pictures"` // that it was fitted to
	Part             string   `json:"part"`         // which these are
	Model            string   `json:"model"`
	ModelSHA256      string   `json:"model_sha256"`
	Transform        string   `json:"transform"`
	Augmentation     string   `json:"augmentation,omitempty"`
	EmbeddingDim     int      `json:"embedding_dim"`
	DatabaseClasses  int      `json:"database_classes"` // when it was made
	DatabasePictures int      `json:"database_pictures"`
}

// Pairs are the keys and values of a summary.
func (h Head) Pairs() [][2]string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
	pairs := [][2]string{
		{"classifier", h.Classifier},
		{"classes", strconv.Itoa(len(h.Labels))},
		{"pictures", strconv.Itoa(h.Pictures) + ", " + h.Part},
		{"power", number(h.Power)},
	}
	if h.Shrinkage != nil {
		pairs = append(pairs, [2]string{"shrinkage", number(*h.Shrinkage)})
	}
	if h.Penalty != nil {
		pairs = append(pairs, [2]string{"penalty", number(*h.Penalty)})
	}
	return append(pairs, [][2]string{
		{"temperature", number(h.Temperature)},
		{"loss of pictures left out", number(h.Loss)},
		{"model", h.Model},
		{"embedding size", strconv.Itoa(h.EmbeddingDim)},
	}...)
}

// WriteHeads describes heads, one below the other.
func WriteHeads(w io.Writer, heads []Head) error {
	for i, h := range heads {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return fmt.Errorf("write heads: %w", err)
			}
		}
		pairs := append([][2]string{{"head", h.File}}, h.Pairs()...)
		augmentation := h.Augmentation
		if augmentation == "" {
			augmentation = "none"
		}
		pairs = append(pairs, [][2]string{
			{"SHA-256 of the model file", h.ModelSHA256},
			{"transform", h.Transform},
			{"augmentation", augmentation},
			{"database then", fmt.Sprintf("%d classes, %d pictures", h.DatabaseClasses, h.DatabasePictures)},
		}...)
		if err := WriteSummary(w, pairs); err != nil {
			return err
		}
	}
	return nil
}

// WriteHeadsJSON writes heads as JSON.
func WriteHeadsJSON(w io.Writer, heads []Head) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Schema int    `json:"schema"`
		Heads  []Head `json:"heads"`
	}{schema, heads})
	if err == nil {
		_, err = w.Write(text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write heads: %w", err)
	}
	return nil
}
