// Command classifiers measures how fast classifiers are fitted: seconds on stdout as JSON. It is
// the counterpart of scripts/bench/classifiers.py, which makes the file of vectors.
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"time"

	"vs/data"
	"vs/search"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch"
)

func main() {
	path := flag.String("vectors", "", "`FILE` of float32 vectors, class after class")
	classes := flag.Int("classes", 90, "number of classes, which have equally many vectors")
	dim := flag.Int("dim", 576, "elements of a vector")
	kind := flag.String("kind", classifier.LDA, "classifier")
	what := flag.String("what", "runs", "runs: evaluate on splits of 80/20; fit: fit to all; loo: leave each one out")
	runs := flag.Int("runs", 20, "splits")
	parameter := flag.String("parameter", "auto", "shrinkage or penalty, with the power 1 unless it is auto")
	name := flag.String("device", "cpu", "where to compute: cpu, cuda, cuda:N or auto")
	flag.Parse()
	spec := classifier.Spec{Kind: *kind}
	chosen := &spec.Penalty
	if *kind == classifier.LDA {
		chosen = &spec.Shrinkage
	}
	err := chosen.UnmarshalText([]byte(*parameter))
	if _, given := chosen.Value(); given {
		spec.Power = classifier.Given(1)
	}
	if err == nil {
		err = run(*path, *classes, *dim, *what, *runs, spec, *name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "classifiers:", err)
		os.Exit(1)
	}
}

func run(path string, classes, dim int, what string, runs int, spec classifier.Spec, name string) error {
	device, err := torch.ParseDevice(name)
	if err != nil {
		return err
	}
	set, err := readSet(path, classes, dim)
	if err != nil {
		return err
	}
	seed, err := torch.NewGenerator(17)
	if err != nil {
		return err
	}
	splits, err := data.Splits(set.Counts, set.Labels, max(1, runs), data.Shares{Valid: 0.2}, seed)
	if err != nil {
		return err
	}
	method := search.Method{Classifier: spec}
	start := time.Now()
	var answers []search.Answers
	switch what {
	case "runs":
		answers, err = search.Evaluate(context.Background(), set, device, splits, "valid", 1, method)
	case "loo":
		answers = make([]search.Answers, 1)
		answers[0], err = search.LeaveOneOut(context.Background(), set, device, 1, method)
	case "fit":
		_, err = search.BuildIndex(context.Background(), set, device, method)
	default:
		err = fmt.Errorf("-what %s: use runs, loo or fit", what)
	}
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	right, all := 0, 0
	class := set.Classes()
	for r, a := range answers {
		for i, best := range a.Classes {
			picture := i
			if what == "runs" {
				picture = splits[r].Valid[i]
			}
			if best[0] == class[picture] {
				right++
			}
			all++
		}
	}
	fmt.Printf("{\"seconds\": %g, \"accuracy\": %g}\n", seconds, float64(right)/float64(max(1, all)))
	return nil
}

func readSet(path string, classes, dim int) (*database.Embeddings, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := &database.Embeddings{Dim: dim, Vectors: make([]float32, len(text)/4)}
	if _, err := binary.Decode(text, binary.LittleEndian, set.Vectors); err != nil {
		return nil, err
	}
	pictures := len(set.Vectors) / dim / classes
	if len(text) != 4*classes*pictures*dim {
		return nil, fmt.Errorf("%s: %d bytes are not vectors of %d elements for %d classes", path, len(text), dim, classes)
	}
	for c := range classes {
		set.Labels = append(set.Labels, fmt.Sprintf("%04d", c))
		set.Counts = append(set.Counts, pictures)
	}
	set.Names = make([]string, classes*pictures)
	return set, nil
}
