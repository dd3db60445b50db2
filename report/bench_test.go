package report

import (
	"bytes"
	"testing"
)

func TestBench(t *testing.T) {
	b := &Bench{
		Model: "vit", NumParams: 5_071_764, GMACs: 1.234, Device: "cpu", Versions: "libtorch 1.13.0", Pictures: 100,
		Stages: []BenchStage{
			{"decode", 1, 100, []float64{0.5, 0.25, 0.4}},
			{"all", 2, 100, []float64{4, 2, 2.5}},
		},
	}
	var table bytes.Buffer
	if err := WriteBenchTable(&table, b); err != nil {
		t.Fatal(err)
	}
	want := "" +
		"vit, 5.07 M parameters, 1.23 GMACs, cpu, libtorch 1.13.0\n\n" +
		"Stage   Workers  Pictures/s  ms a picture  Range (pictures/s)\n" +
		"──────  ───────  ──────────  ────────────  ──────────────────\n" +
		"decode        1       250.0          4.00         200.0–400.0\n" +
		"all           2        40.0         25.00           25.0–50.0\n" +
		"\nMedians of 3 measurements, the stages in turn.\n"
	if table.String() != want {
		t.Errorf("got\n%s\nwant\n%s", table.String(), want)
	}
	var text bytes.Buffer
	if err := WriteBenchJSON(&text, b); err != nil {
		t.Fatal(err)
	}
	if want := `{"schema":2,"model":"vit","num_params":5071764,"gmacs":1.234,"device":"cpu","versions":"libtorch 1.13.0","num_pictures":100,` +
		`"stages":[{"name":"decode","workers":1,"num_pictures":100,"seconds":[0.5,0.25,0.4]},{"name":"all","workers":2,"num_pictures":100,"seconds":[4,2,2.5]}]}` + "\n"; text.String() != want {
		t.Errorf("got %s", text.String())
	}
	if err := WriteBenchTable(&table, &Bench{Stages: []BenchStage{{Name: "nothing"}}}); err == nil {
		t.Error("a stage without measurements is no error")
	}
}

func TestMedian(t *testing.T) {
	for want, seconds := range map[float64][]float64{2: {3, 1, 2}, 2.5: {4, 1, 2, 3}, 0: nil} {
		if got := (BenchStage{Seconds: seconds}).Median(); got != want {
			t.Errorf("median of %v is %v, want %v", seconds, got, want)
		}
	}
}
