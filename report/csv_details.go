package report

import (
	"io"
	"math"
	"strconv"
)

// writeDetails writes the rows of each model in turn, each after the columns that tell what they
// belong to.
func writeDetails(w io.Writer, evals []*Evaluation, header []string, rows func(*Evaluation) [][]string) error {
	records := [][]string{append([]string{"model", "method", "protocol", "part", "seed", "runs"}, header...)}
	for _, e := range evals {
		for _, row := range rows(e) {
			records = append(records, append([]string{
				e.Model, e.Method, string(e.protocol()), e.Part, strconv.FormatUint(e.Seed, 10), strconv.Itoa(len(e.Runs)),
			}, row...))
		}
	}
	return WriteRecords(w, records)
}

// WriteClassCSV writes one row a class of each model, models in the order
// given, classes in label order, with a header row. The columns are those of [ClassStats].
func WriteClassCSV(w io.Writer, evals []*Evaluation) error {
	header := []string{"label", "support", "num_pictures", "accuracy", "accuracy_low", "accuracy_high", "precision", "recall", "f1"}
	return writeDetails(w, evals, header, func(e *Evaluation) (rows [][]string) {
		for _, c := range e.ClassStats() {
			rows = append(rows, []string{
				c.Label, Exact(c.Support), strconv.Itoa(c.NumPictures),
				Exact(c.Accuracy), Exact(c.Low), Exact(c.High), Exact(c.Precision), Exact(c.Recall), Exact(c.F1),
			})
		}
		return rows
	})
}

// WriteConfusionCSV writes one row for each entry of the confusion matrix of each model that is not
// 0, right answers too, in label order. The columns are those of [Confused].
func WriteConfusionCSV(w io.Writer, evals []*Evaluation) error {
	return writeDetails(w, evals, []string{"label", "prediction", "pictures_per_run", "share"}, func(e *Evaluation) (rows [][]string) {
		for _, a := range e.answers() {
			rows = append(rows, []string{e.Labels[a.Target], e.Labels[a.Prediction], Exact(a.Count), Exact(a.Share)})
		}
		return rows
	})
}

// WriteSuspiciousCSV writes one row for each suspicious picture of each model, most suspicious
// first. The columns are those of [Suspicious].
func WriteSuspiciousCSV(w io.Writer, evals []*Evaluation) error {
	header := []string{"file", "label", "prediction", "wrong_runs", "evaluated_runs", "margin"}
	return writeDetails(w, evals, header, func(e *Evaluation) (rows [][]string) {
		for _, s := range e.Suspicious(math.MaxInt) {
			rows = append(rows, []string{
				s.File, e.Labels[s.Target], e.Labels[s.Prediction], strconv.Itoa(s.Wrong), strconv.Itoa(s.Evaluated), Exact(s.Margin),
			})
		}
		return rows
	})
}

// WriteRunsCSV writes one row a run of each model.
func WriteRunsCSV(w io.Writer, evals []*Evaluation) error {
	header := []string{"run", "num_pictures", "accuracy", "top_k", "topk_accuracy"}
	return writeDetails(w, evals, header, func(e *Evaluation) (rows [][]string) {
		for r, run := range e.Runs {
			rows = append(rows, []string{
				strconv.Itoa(r), strconv.Itoa(len(run.Files)), Exact(run.Accuracy), strconv.Itoa(e.TopK), Exact(run.TopKAccuracy),
			})
		}
		return rows
	})
}
