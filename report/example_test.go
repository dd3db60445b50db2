package report_test

import (
	"log"
	"os"

	"vs/report"
)

// cats is what two runs over four pictures came to.
func cats(model string, ranked ...[]int) *report.Evaluation {
	setup := report.Setup{
		Model: model, NumParams: 5_072_688, EmbeddingDim: 320,
		Labels: []string{"lynx", "ocelot"}, NumImages: 20,
		Part: "valid", Seed: 17, TopK: 1, Confidence: 0.95, EvalTrainRatio: 0.25,
	}
	var runs []report.Run
	for _, first := range ranked {
		run := report.Run{
			Files:   []string{"lynx/a.jpg", "lynx/b.jpg", "ocelot/c.jpg", "ocelot/d.jpg"},
			Targets: []int{0, 0, 1, 1},
		}
		for _, class := range first {
			run.TopK = append(run.TopK, []int{class, 1 - class})
		}
		runs = append(runs, run)
	}
	e, err := report.Evaluate(setup, runs)
	if err != nil {
		log.Fatal(err)
	}
	return e
}

func ExampleWriteTable() {
	evals := []*report.Evaluation{
		cats("small", []int{0, 1, 1, 0}, []int{0, 1, 0, 1}),
		cats("large", []int{0, 0, 1, 0}, []int{0, 0, 1, 1}),
	}
	if err := report.WriteTable(os.Stdout, evals, report.Markdown); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ### Accuracy on part valid: 2 classes, 20 pictures, 2 runs, seed 17
	//
	// | Model                    | Encoder parameters (M) |      Accuracy | Top-1 accuracy |
	// |:-------------------------|-----------------------:|--------------:|---------------:|
	// | small                    |                   5.07 | 0.500 ± 0.000 |  0.500 ± 0.000 |
	// |   corrected for overlap  |                        |       ± 0.000 |        ± 0.000 |
	// | large                    |                   5.07 | 0.875 ± 1.588 |  0.875 ± 1.588 |
	// |   corrected for overlap  |                        |       ± 1.945 |        ± 1.945 |
	// |   ↳ error-rate reduction |                        |        75.0 % |         75.0 % |
	//
	// ± is the half-width of the 95 % Student-t interval of the mean over 2 runs.
	// The splits of the runs overlap, so it is too narrow.
	// "Corrected for overlap" allows for that (Nadeau and Bengio, 2003).
	//
	// ↳ compares the errors of a model with those of the model above it.
	//
	// ### Class accuracy of small
	//
	// | Class  | Pictures evaluated per run | Accuracy |
	// |:-------|---------------------------:|---------:|
	// | lynx   |                          2 |    0.500 |
	// | ocelot |                          2 |    0.500 |
	//
	// ### Least accurate classes of small (below 0.8)
	//
	// | Class  | Pictures evaluated per run | Accuracy |
	// |:-------|---------------------------:|---------:|
	// | lynx   |                          2 |    0.500 |
	// | ocelot |                          2 |    0.500 |
	//
	// ### Class accuracy of large
	//
	// | Class  | Pictures evaluated per run | Accuracy |
	// |:-------|---------------------------:|---------:|
	// | lynx   |                          2 |    1.000 |
	// | ocelot |                          2 |    0.750 |
	//
	// ### Least accurate classes of large (below 0.8)
	//
	// | Class  | Pictures evaluated per run | Accuracy |
	// |:-------|---------------------------:|---------:|
	// | ocelot |                          2 |    0.750 |
}

func ExampleWriteClassCSV() {
	evals := []*report.Evaluation{cats("small", []int{0, 0, 1, 0}, []int{0, 0, 1, 1})}
	if err := report.WriteClassCSV(os.Stdout, evals); err != nil {
		log.Fatal(err)
	}
	// Output:
	// model,part,seed,runs,label,pictures_per_run,accuracy
	// small,valid,17,2,lynx,2,1
	// small,valid,17,2,ocelot,2,0.75
}

func ExampleWriteSummary() {
	err := report.WriteSummary(os.Stdout, [][2]string{{"labels", "20"}, {"pictures", "400"}})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// labels:    20
	// pictures:  400
}
