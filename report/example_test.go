package report_test

import (
	"fmt"
	"log"
	"os"

	"vs/report"
)

// cats is what two runs over four pictures came to.
func cats(model string, ranked ...[]int) *report.Evaluation {
	setup := report.Setup{
		Model: model, NumParams: 5_072_688, EmbeddingDim: 320,
		Labels: []string{"lynx", "ocelot"}, NumPictures: 20,
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
	if err := report.WriteTable(os.Stdout, evals, report.TableOptions{Format: report.Markdown, Brief: true}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ### Accuracy on part valid: 2 classes, 20 pictures, 2 runs, seed 17
	//
	// | Model                    | Encoder params (M) |        Accuracy |  Top-1 accuracy |
	// |:-------------------------|-------------------:|----------------:|----------------:|
	// | small                    |               5.07 |           0.500 |           0.500 |
	// |   95 % Wilson interval   |                    | \[0.150, 0.850] | \[0.150, 0.850] |
	// | large                    |               5.07 |   0.875 ± 1.588 |   0.875 ± 1.588 |
	// |   corrected for overlap  |                    |         ± 1.945 |         ± 1.945 |
	// |   ↳ error-rate reduction |                    |          75.0 % |          75.0 % |
	//
	// ± is the half-width of the 95 % Student-t interval of the mean over 2 runs.
	// The splits of the runs overlap, so it is too narrow.
	// "Corrected for overlap" allows for that (Nadeau and Bengio, 2003).
	// The Wilson interval stands where the runs do not vary: it is that of a share
	// among 4 different pictures.
	//
	// ↳ compares the errors of a model with those of the model above it.
	//
	// ### Paired differences from small
	//
	// | Model                   |            Accuracy |      Top-1 accuracy |
	// |:------------------------|--------------------:|--------------------:|
	// | large                   |      +0.375 ± 1.588 |      +0.375 ± 1.588 |
	// |   corrected for overlap |             ± 1.945 |             ± 1.945 |
	// |   error-rate reduction  |              75.0 % |              75.0 % |
	// |   verdict               | no clear difference | no clear difference |
	//
	// Each model less the first, run by run on the same splits. "Better" and "worse"
	// mean that the corrected interval excludes 0.
}

func ExampleCompare() {
	difference, err := report.Compare(cats("small", []int{0, 1, 1, 0}, []int{0, 1, 0, 1}), cats("large", []int{0, 0, 1, 1}, []int{0, 0, 1, 1}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+.2f, from %+.2f to %+.2f\n", difference.Accuracy.Mean, difference.Accuracy.Low, difference.Accuracy.High)
	// Output:
	// +0.50, from -0.23 to +0.85
}

func ExampleEvaluation_Suspicious() {
	for _, s := range cats("small", []int{0, 1, 1, 0}, []int{0, 1, 0, 1}).Suspicious(10) {
		fmt.Printf("%s: wrong in %d of %d runs\n", s.File, s.Wrong, s.Evaluated)
	}
	// Output:
	// lynx/b.jpg: wrong in 2 of 2 runs
}

func ExampleWriteClassCSV() {
	evals := []*report.Evaluation{cats("small", []int{0, 0, 1, 0}, []int{0, 0, 1, 1})}
	if err := report.WriteClassCSV(os.Stdout, evals); err != nil {
		log.Fatal(err)
	}
	// Output:
	// model,method,protocol,part,seed,runs,label,support,num_pictures,accuracy,accuracy_low,accuracy_high,precision,recall,f1
	// small,,holdout,valid,17,2,lynx,2,2,1,0.34238022750665315,1,0.8333333333333333,1,0.9
	// small,,holdout,valid,17,2,ocelot,2,2,0.75,0.19786745576231113,0.9733226579910154,1,0.75,0.8333333333333333
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
