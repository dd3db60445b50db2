package report

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
)

// readRows reads CSV into one map from column to cell for each row.
func readRows(t *testing.T, text string) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestWriteCSV(t *testing.T) {
	evals := []*Evaluation{
		sample(t, "small", Setup{NumParams: 5072688, EmbeddingDim: 320}, "133", "123"),
		sample(t, `big, "new"`, Setup{NumParams: 10551808, EmbeddingDim: 448}, "113", "111"),
	}
	var text strings.Builder
	if err := WriteCSV(&text, evals); err != nil {
		t.Fatal(err)
	}
	const header = "model,num_params,embedding_dim,num_labels,num_pictures,part,seed,runs,confidence," +
		"accuracy,accuracy_half_width,accuracy_corrected_half_width," +
		"top_k,topk_accuracy,topk_accuracy_half_width,topk_accuracy_corrected_half_width,error_rate_reduction," +
		"protocol,method,accuracy_low,accuracy_high,topk_accuracy_low,topk_accuracy_high," +
		"accuracy_difference,accuracy_difference_half_width,accuracy_difference_corrected_half_width," +
		"accuracy_difference_low,accuracy_difference_high," +
		"topk_accuracy_difference,topk_accuracy_difference_half_width,topk_accuracy_difference_corrected_half_width," +
		"topk_accuracy_difference_low,topk_accuracy_difference_high," +
		"error_rate_reduction_from_first,topk_error_rate_reduction_from_first," +
		"accuracy_interval,topk_accuracy_interval,accuracy_difference_interval,topk_accuracy_difference_interval," +
		"duplicates,equal_within,equal_across,left_out,contradictory,crossing," +
		"log_loss,brier_score,expected_calibration_error\n"
	if !strings.HasPrefix(text.String(), header) {
		t.Errorf("got %s, want header %s", text.String(), header)
	}
	rows := readRows(t, text.String())
	difference, err := Compare(evals[0], evals[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		row           int
		column, value string
	}{
		{0, "model", "small"},
		{0, "num_params", "5072688"},
		{0, "embedding_dim", "320"},
		{0, "num_labels", "3"},
		{0, "num_pictures", "30"},
		{0, "part", "valid"},
		{0, "seed", "17"},
		{0, "runs", "2"},
		{0, "confidence", "0.95"},
		{0, "accuracy", "0.3333333333333333"},
		{0, "accuracy_half_width", ""}, // both runs have one of three right
		{0, "accuracy_corrected_half_width", ""},
		{0, "accuracy_interval", "wilson"},
		{0, "topk_accuracy_interval", "corrected-t"},
		{0, "accuracy_difference_interval", ""},
		{1, "accuracy_interval", "corrected-t"},
		{1, "topk_accuracy_difference_interval", "paired-score"},
		{0, "top_k", "2"},
		{0, "topk_accuracy", "0.5"},
		{0, "topk_accuracy_half_width", Exact(evals[0].TopKAccuracy.HalfWidth)},
		{0, "topk_accuracy_corrected_half_width", Exact(evals[0].TopKAccuracy.CorrectedHalfWidth)},
		{0, "error_rate_reduction", ""},
		{1, "model", `big, "new"`},
		{1, "error_rate_reduction", "0.7499999999999999"},
		{0, "protocol", "holdout"},
		{0, "accuracy_low", Exact(evals[0].Accuracy.Low)},
		{0, "topk_accuracy_high", "1"},
		{0, "accuracy_difference", ""},
		{0, "topk_error_rate_reduction_from_first", ""},
		{1, "accuracy_difference", "0.5"},
		{1, "accuracy_difference_half_width", Exact(difference.Accuracy.HalfWidth)},
		{1, "accuracy_difference_corrected_half_width", Exact(difference.Accuracy.CorrectedHalfWidth)},
		{1, "accuracy_difference_low", "-1"},
		{1, "accuracy_difference_high", "1"},
		{1, "topk_accuracy_difference", Exact(difference.TopKAccuracy.Mean)},
		{1, "topk_accuracy_difference_high", Exact(difference.TopKAccuracy.High)},
		{1, "error_rate_reduction_from_first", "0.7499999999999999"},
		{1, "topk_error_rate_reduction_from_first", Exact(difference.TopKErrorRateReduction)},
	} {
		if got := rows[want.row][want.column]; got != want.value {
			t.Errorf("row %d: %s is %q, want %q", want.row, want.column, got, want.value)
		}
	}
}

func TestCSVOfMethodsDoesNotReduceTheErrorsOfTheRowAbove(t *testing.T) {
	var text strings.Builder
	evals := []*Evaluation{
		sample(t, "vit", Setup{}, "133", "123"), sample(t, "vit", Setup{Method: "median, cosine"}, "113", "111"),
		sample(t, "other", Setup{Method: "median, cosine"}, "111", "111"),
	}
	if err := WriteCSV(&text, evals); err != nil {
		t.Fatal(err)
	}
	rows := readRows(t, text.String())
	if row := rows[1]; row["method"] != "median, cosine" || row["error_rate_reduction"] != "" || row["error_rate_reduction_from_first"] == "" {
		t.Errorf("another method: %v", row)
	}
	if row := rows[2]; row["error_rate_reduction"] != "1" || row["accuracy_difference"] != "0.6666666666666667" {
		t.Errorf("another model: %v", row)
	}
}

func TestDetailCSV(t *testing.T) {
	low, high := wilson(0.5, 2, 0.95)
	for _, row := range []struct {
		name  string
		write func(io.Writer, []*Evaluation) error
		want  string
	}{
		{
			"classes", WriteClassCSV,
			"label,support,num_pictures,accuracy,accuracy_low,accuracy_high,precision,recall,f1\n" +
				"#,a,1,2,0.5," + Exact(low) + "," + Exact(high) + ",1,0.5,0.5\n" +
				"#,\"b, \"\"grey\"\"\n\",1,1,1," + Exact(first(wilson(1, 1, 0.95))) + ",1,0.75,1,0.8333333333333333\n" +
				"#,c,0,0,,,,,,\n",
		},
		{
			"confusion", WriteConfusionCSV,
			"label,prediction,pictures_per_run,share\n" +
				"#,a,a,0.5,0.5\n#,a,\"b, \"\"grey\"\"\n\",0.5,0.5\n#,\"b, \"\"grey\"\"\n\",\"b, \"\"grey\"\"\n\",1,1\n",
		},
		{
			"suspicious pictures", WriteSuspiciousCSV,
			"file,label,prediction,wrong_runs,evaluated_runs,margin\n#,a/2.jpg,a,\"b, \"\"grey\"\"\n\",1,1,0.25\n",
		},
		{"runs", WriteRunsCSV, "run,num_pictures,accuracy,top_k,topk_accuracy\n#,0,2,1,1,1\n#,1,2,0.5,1,0.5\n"},
	} {
		e := answered(t, Setup{Model: "vit", Method: "median", Seed: 17}, "a1>a:0 b1>b:0", "a2>b:0.25 b1>b:0")
		e.Labels = []string{"a", "b, \"grey\"\n", "c"}
		var text strings.Builder
		if err := row.write(&text, []*Evaluation{e, e}); err != nil {
			t.Fatal(err)
		}
		header, rows, _ := strings.Cut(row.want, "\n")
		rows = strings.ReplaceAll(rows, "#", "vit,median,holdout,valid,17,2")
		if want := "model,method,protocol,part,seed,runs," + header + "\n" + rows + rows; text.String() != want {
			t.Errorf("%s: got\n%swant\n%s", row.name, text.String(), want)
		}
	}
}

func first(low, _ float64) float64 { return low }

func TestCSVReportsAFailedWrite(t *testing.T) {
	for name, write := range map[string]func() error{
		"models":    func() error { return WriteCSV(fullDisk{}, nil) },
		"classes":   func() error { return WriteClassCSV(fullDisk{}, nil) },
		"confusion": func() error { return WriteConfusionCSV(fullDisk{}, nil) },
	} {
		if err := write(); !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want %v", name, err, errFull)
		}
	}
}

func TestCSVRefusesEvaluationsThatDoNotCompare(t *testing.T) {
	evals := []*Evaluation{sample(t, "a", Setup{}, "111"), sample(t, "b", Setup{Part: "test"}, "111")}
	const want = `write CSV: models "a" and "b" (row 2) were evaluated with different parts; write them separately`
	if err := WriteCSV(&strings.Builder{}, evals); err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
