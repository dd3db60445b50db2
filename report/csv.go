package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// WriteCSV writes one row a model, in the order given, with a header row.
// Numbers have all their digits. error_rate_reduction compares the accuracy
// with that of the row above; for that the evaluations must have the same
// setup, as for [WriteTable].
func WriteCSV(w io.Writer, evals []*Evaluation) error {
	if err := checkComparable(evals); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	records := [][]string{{
		"model", "num_params", "embedding_dim", "labels", "num_images", "part", "seed", "runs", "confidence",
		"accuracy", "accuracy_half_width", "accuracy_corrected_half_width",
		"top_k", "topk_accuracy", "topk_accuracy_half_width", "topk_accuracy_corrected_half_width",
		"error_rate_reduction",
	}}
	for i, e := range evals {
		reduction := math.NaN()
		if i > 0 {
			reduction = ErrorRateReduction(evals[i-1].Accuracy.Mean, e.Accuracy.Mean)
		}
		records = append(records, []string{
			e.Model, strconv.FormatInt(e.NumParams, 10), strconv.Itoa(e.EmbeddingDim),
			strconv.Itoa(len(e.Labels)), strconv.Itoa(e.NumImages),
			e.Part, strconv.FormatUint(e.Seed, 10), strconv.Itoa(len(e.Runs)), exact(e.Confidence),
			exact(e.Accuracy.Mean), exact(e.Accuracy.HalfWidth), exact(e.Accuracy.CorrectedHalfWidth),
			strconv.Itoa(e.TopK),
			exact(e.TopKAccuracy.Mean), exact(e.TopKAccuracy.HalfWidth), exact(e.TopKAccuracy.CorrectedHalfWidth),
			exact(reduction),
		})
	}
	return writeRecords(w, records)
}

// WriteClassCSV writes one row a class of each model, models in the order
// given, classes in label order, with a header row.
func WriteClassCSV(w io.Writer, evals []*Evaluation) error {
	records := [][]string{{"model", "part", "seed", "runs", "label", "pictures_per_run", "accuracy"}}
	for _, e := range evals {
		for _, c := range e.Classes() {
			records = append(records, []string{
				e.Model, e.Part, strconv.FormatUint(e.Seed, 10), strconv.Itoa(len(e.Runs)),
				c.Label, exact(c.Pictures), exact(c.Accuracy),
			})
		}
	}
	return writeRecords(w, records)
}

func writeRecords(w io.Writer, records [][]string) error {
	if err := csv.NewWriter(w).WriteAll(records); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// exact prints the fewest digits that read back as the same number, and
// nothing for a number that is not defined.
func exact(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
