package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// WriteCSV writes one row a model, in the order given, with a header row. Numbers have all their
// digits. error_rate_reduction compares the accuracy with that of the row above, unless that is the
// same model by another method; the columns of differences and those that end in _from_first
// compare with the first row, see [Compare]. For that the evaluations must have the same setup, as
// for [WriteTable].
func WriteCSV(w io.Writer, evals []*Evaluation) error {
	if err := CheckComparable(evals); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	header := []string{
		"model", "num_params", "embedding_dim", "num_labels", "num_pictures", "part", "seed", "runs", "confidence",
		"accuracy", "accuracy_half_width", "accuracy_corrected_half_width",
		"top_k", "topk_accuracy", "topk_accuracy_half_width", "topk_accuracy_corrected_half_width",
		"error_rate_reduction",
		"protocol", "method", "accuracy_low", "accuracy_high", "topk_accuracy_low", "topk_accuracy_high",
	}
	for _, name := range []string{"accuracy_difference", "topk_accuracy_difference"} {
		header = append(header, name, name+"_half_width", name+"_corrected_half_width", name+"_low", name+"_high")
	}
	records := [][]string{append(header, "error_rate_reduction_from_first", "topk_error_rate_reduction_from_first",
		"accuracy_interval", "topk_accuracy_interval", "accuracy_difference_interval", "topk_accuracy_difference_interval",
		"duplicates", "equal_within", "equal_across", "left_out", "contradictory", "crossing",
		"log_loss", "brier_score", "expected_calibration_error")}
	for i, e := range evals {
		reduction := math.NaN()
		if i > 0 && reducesErrorsOf(evals[i-1], e) {
			reduction = ErrorRateReduction(evals[i-1].Accuracy.Mean, e.Accuracy.Mean)
		}
		record := []string{
			e.Model, strconv.FormatInt(e.NumParams, 10), strconv.Itoa(e.EmbeddingDim),
			strconv.Itoa(len(e.Labels)), strconv.Itoa(e.NumPictures),
			e.Part, strconv.FormatUint(e.Seed, 10), strconv.Itoa(len(e.Runs)), Exact(e.Confidence),
			Exact(e.Accuracy.Mean), Exact(e.Accuracy.HalfWidth), Exact(e.Accuracy.CorrectedHalfWidth),
			strconv.Itoa(e.TopK),
			Exact(e.TopKAccuracy.Mean), Exact(e.TopKAccuracy.HalfWidth), Exact(e.TopKAccuracy.CorrectedHalfWidth),
			Exact(reduction),
			string(e.protocol()), e.Method,
			Exact(e.Accuracy.Low), Exact(e.Accuracy.High), Exact(e.TopKAccuracy.Low), Exact(e.TopKAccuracy.High),
		}
		within, across := e.Duplicates.Counts()
		rest := []string{
			cmp.Or(e.Duplicates.Policy, "keep"), strconv.Itoa(within), strconv.Itoa(across),
			strconv.Itoa(e.Duplicates.LeftOut), strconv.Itoa(e.Duplicates.Contradictory), Exact(e.Duplicates.Crossing),
			"", "", "",
		}
		if p := e.Probabilities; p != nil {
			copy(rest[6:], []string{Exact(p.LogLoss.Mean), Exact(p.Brier.Mean), Exact(p.CalibrationError)})
		}
		kinds := []string{string(e.Accuracy.Interval), string(e.TopKAccuracy.Interval)}
		if i == 0 {
			// Nothing to compare with.
			record = append(record, slices.Repeat([]string{""}, len(records[0])-len(record)-4-len(rest))...)
			records = append(records, slices.Concat(record, kinds, []string{"", ""}, rest))
			continue
		}
		d, err := Compare(evals[0], e)
		if err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		for _, x := range []Estimate{d.Accuracy, d.TopKAccuracy} {
			record = append(record, Exact(x.Mean), Exact(x.HalfWidth), Exact(x.CorrectedHalfWidth), Exact(x.Low), Exact(x.High))
		}
		record = append(record, Exact(d.ErrorRateReduction), Exact(d.TopKErrorRateReduction))
		records = append(records, slices.Concat(record, kinds, []string{string(d.Accuracy.Interval), string(d.TopKAccuracy.Interval)}, rest))
	}
	return WriteRecords(w, records)
}

// reducesErrorsOf reports whether the errors of two neighbours are compared: not those of two
// methods of one model, whose order says nothing.
func reducesErrorsOf(above, e *Evaluation) bool {
	return above.Model != e.Model || above.methodName() == e.methodName()
}

// Exact prints the fewest digits that read back as the same number, and
// nothing for a number that is not defined.
func Exact(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
