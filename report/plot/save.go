package plot

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"vs/data/atomicfile"
	"vs/data/progress"
	"vs/report"
)

// Model is an evaluated model with the embeddings that it was evaluated on.
type Model struct {
	Evaluation *report.Evaluation
	Means      []float32 // [C, D], the mean embedding of each class, in the order of the evaluation's labels
	Embeddings []float32 // [N, D]
	Dim        int       // D
	Classes    []int     // [N], indices into the labels
	Files      []string  // [N], "label/name", as the evaluation names them
}

// Options of AddAll.
type Options struct {
	SafeCSV bool // the numbers are for spreadsheets, see [report.SafeCSV]
}

// AddAll draws all plots of some models and adds them to the files that a group will put into a
// folder, which is made if it does not exist, and beside each the numbers that it shows:
//
//   - cumulative_accuracy and accuracy_per_run, of all models, and reliability where there are
//     probabilities, as .png, .svg and .csv
//   - MODEL.confusion, MODEL.class_similarity and MODEL.map, as .png, .svg and .csv
//   - MODEL.risk_coverage where classes were left out, as .png, .svg and .csv
//   - MODEL.classes.csv and MODEL.suspicious.csv
//
// Models of the same name are told apart by their method, or by a number.
func AddAll(ctx context.Context, files *atomicfile.Group, dir string, models []Model, o Options) error {
	var evals []*report.Evaluation
	for _, m := range models {
		evals = append(evals, m.Evaluation)
	}
	if len(evals) == 0 {
		return fmt.Errorf("save plots: %w", errNoEvaluations)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("save plots: %w", err)
	}
	plots := 2 + 3*len(models)
	if hasProbabilities(evals) {
		plots++
	}
	for _, e := range evals {
		if e.OpenSet != nil {
			plots++
		}
	}
	s := saver{ctx: ctx, files: files, dir: dir, o: o, task: progress.Begin(ctx, "drawing", "plots", plots)}
	defer s.task.End()
	s.plot("cumulative_accuracy", func() (*Plot, error) { return CumulativeAccuracy(evals) })
	s.csv("cumulative_accuracy", cumulativeRecords(evals))
	s.plot("accuracy_per_run", func() (*Plot, error) { return AccuracyPerRun(evals) })
	s.table("accuracy_per_run", func(w io.Writer) error { return report.WriteRunsCSV(w, evals) })
	if hasProbabilities(evals) {
		s.plot("reliability", func() (*Plot, error) { return Reliability(evals) })
		s.csv("reliability", reliabilityRecords(evals))
	}
	names, titles := report.FileNames(evals), report.DisplayNames(evals)
	for i, m := range models {
		s.model(names[i], titles[i], m)
	}
	if s.err != nil {
		return fmt.Errorf("save plots: %w", s.err)
	}
	return nil
}

// saver draws and adds files until one fails.
type saver struct {
	ctx   context.Context
	files *atomicfile.Group
	dir   string
	o     Options
	task  *progress.Task
	err   error
}

// ok reports whether there is a reason to go on.
func (s *saver) ok() bool {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	return s.err == nil
}

func (s *saver) plot(name string, make func() (*Plot, error)) {
	if !s.ok() {
		return
	}
	p, err := make()
	if err == nil {
		err = p.add(s.files, s.dir, name)
		s.task.Add(1)
	}
	s.err = err
}

func (s *saver) table(name string, write func(w io.Writer) error) {
	if s.ok() {
		s.err = s.files.Add(filepath.Join(s.dir, name+".csv"), func(w io.Writer) error {
			if s.o.SafeCSV {
				w = report.SafeCSV(w)
			}
			return write(w)
		})
	}
}

func (s *saver) csv(name string, records [][]string) {
	s.table(name, func(w io.Writer) error { return report.WriteRecords(w, records) })
}

func (s *saver) model(name, title string, m Model) {
	if !s.ok() {
		return
	}
	e := m.Evaluation
	if err := m.check(); err != nil {
		s.err = fmt.Errorf("model %q: %w", e.Model, err)
		return
	}
	similarity, err := report.ClassSimilarity(m.Means, m.Dim)
	if err != nil {
		s.err = fmt.Errorf("model %q: %w", e.Model, err)
		return
	}
	projection, err := report.PCA(s.ctx, m.Embeddings, m.Dim)
	if err != nil {
		s.err = fmt.Errorf("model %q: %w", e.Model, err)
		return
	}
	wrong := m.wrong()
	note := trial([]*report.Evaluation{e})
	one := []*report.Evaluation{e}
	s.table(name+".classes", func(w io.Writer) error { return report.WriteClassCSV(w, one) })
	s.table(name+".suspicious", func(w io.Writer) error { return report.WriteSuspiciousCSV(w, one) })
	s.plot(name+".confusion", func() (*Plot, error) { return ConfusionMatrix("Confusion of classes: "+title+note, e) })
	s.table(name+".confusion", func(w io.Writer) error { return report.WriteConfusionCSV(w, one) })
	s.plot(name+".class_similarity", func() (*Plot, error) {
		return ClassSimilarity("Similarity of classes: "+title+note, e.Labels, similarity)
	})
	s.csv(name+".class_similarity", similarityRecords(e.Labels, similarity))
	if e.OpenSet != nil {
		s.plot(name+".risk_coverage", func() (*Plot, error) { return RiskCoverage("Risk and coverage: "+title+note, e) })
		s.csv(name+".risk_coverage", coverageRecords(e))
	}
	s.plot(name+".map", func() (*Plot, error) {
		return EmbeddingMap("Embeddings: "+title+note, projection, m.Classes, e.Labels, wrong)
	})
	s.csv(name+".map", mapRecords(m, projection, wrong))
}

func (m *Model) check() error {
	classes, pictures := len(m.Evaluation.Labels), len(m.Files)
	switch {
	case len(m.Means) != classes*m.Dim:
		return fmt.Errorf("means of %d numbers, but there are %d labels and %d elements", len(m.Means), classes, m.Dim)
	case len(m.Embeddings) != pictures*m.Dim || len(m.Classes) != pictures:
		return fmt.Errorf("%d embedding numbers and %d classes for %d files of %d elements",
			len(m.Embeddings), len(m.Classes), pictures, m.Dim)
	}
	for i, class := range m.Classes {
		if class < 0 || class >= classes {
			return fmt.Errorf("%s: class %d, but there are %d labels", m.Files[i], class, classes)
		}
	}
	return nil
}

// wrong reports which pictures are wrong in more than half of the runs that evaluate them.
func (m *Model) wrong() []bool {
	suspicious := map[string]bool{}
	for _, s := range m.Evaluation.Suspicious(math.MaxInt) {
		suspicious[s.File] = true
	}
	wrong := make([]bool, len(m.Files))
	for i, file := range m.Files {
		wrong[i] = suspicious[file]
	}
	return wrong
}

// cumulativeRecords has a row for each step of the curves.
func cumulativeRecords(evals []*report.Evaluation) [][]string {
	records := [][]string{{"model", "share", "accuracy"}}
	for i, name := range report.DisplayNames(evals) {
		curve := cumulative(evals[i])
		for k := range curve.Shares {
			records = append(records, []string{name, report.Exact(curve.Shares[k]), report.Exact(curve.Accuracies[k])})
		}
	}
	return records
}

// similarityRecords is the matrix with the labels in its first row and column.
func similarityRecords(labels []string, matrix [][]float64) [][]string {
	records := [][]string{append([]string{"label"}, labels...)}
	for a, row := range matrix {
		record := []string{labels[a]}
		for _, s := range row {
			record = append(record, report.Exact(s))
		}
		records = append(records, record)
	}
	return records
}

func mapRecords(m Model, p *report.Projection, wrong []bool) [][]string {
	records := [][]string{{"file", "label", "x", "y", "wrong_in_most_runs"}}
	for i, point := range p.Points {
		records = append(records, []string{
			m.Files[i], m.Evaluation.Labels[m.Classes[i]], report.Exact(point[0]), report.Exact(point[1]), strconv.FormatBool(wrong[i]),
		})
	}
	return records
}
