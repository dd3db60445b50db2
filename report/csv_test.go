package report

import (
	"encoding/csv"
	"errors"
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
	const header = "model,num_params,embedding_dim,labels,num_images,part,seed,runs,confidence," +
		"accuracy,accuracy_half_width,accuracy_corrected_half_width," +
		"top_k,topk_accuracy,topk_accuracy_half_width,topk_accuracy_corrected_half_width,error_rate_reduction\n"
	if !strings.HasPrefix(text.String(), header) {
		t.Errorf("got %s, want header %s", text.String(), header)
	}
	rows := readRows(t, text.String())
	for _, want := range []struct {
		row           int
		column, value string
	}{
		{0, "model", "small"},
		{0, "num_params", "5072688"},
		{0, "embedding_dim", "320"},
		{0, "labels", "3"},
		{0, "num_images", "30"},
		{0, "part", "valid"},
		{0, "seed", "17"},
		{0, "runs", "2"},
		{0, "confidence", "0.95"},
		{0, "accuracy", "0.3333333333333333"},
		{0, "accuracy_half_width", "0"},
		{0, "accuracy_corrected_half_width", "0"},
		{0, "top_k", "2"},
		{0, "topk_accuracy", "0.5"},
		{0, "topk_accuracy_half_width", exact(evals[0].TopKAccuracy.HalfWidth)},
		{0, "topk_accuracy_corrected_half_width", exact(evals[0].TopKAccuracy.CorrectedHalfWidth)},
		{0, "error_rate_reduction", ""},
		{1, "model", `big, "new"`},
		{1, "error_rate_reduction", "0.7499999999999999"},
	} {
		if got := rows[want.row][want.column]; got != want.value {
			t.Errorf("row %d: %s is %q, want %q", want.row, want.column, got, want.value)
		}
	}
}

func TestWriteClassCSV(t *testing.T) {
	e := sample(t, "vit", Setup{}, "13")
	e.Labels[1] = "beaver, \"grey\"\n"
	var text strings.Builder
	if err := WriteClassCSV(&text, []*Evaluation{e}); err != nil {
		t.Fatal(err)
	}
	const want = "model,part,seed,runs,label,pictures_per_run,accuracy\n" +
		"vit,valid,17,1,agaric,1,1\n" +
		"vit,valid,17,1,\"beaver, \"\"grey\"\"\n\",1,0\n" +
		"vit,valid,17,1,cinema,0,\n"
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
}

func TestCSVReportsAFailedWrite(t *testing.T) {
	for name, write := range map[string]func() error{
		"models":  func() error { return WriteCSV(fullDisk{}, nil) },
		"classes": func() error { return WriteClassCSV(fullDisk{}, nil) },
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
