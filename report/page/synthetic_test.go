package page

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"

	"vs/report"
)

// synthetic is a page of made-up classes, "class 00" and so on, evaluated in some runs by some
// models. One answer in five is wrong, and the first picture of each class always is.
func synthetic(t testing.TB, labels []string, perClass, runs, models int) *Page {
	t.Helper()
	p := &Page{Title: "Evaluation of made-up pictures", Threshold: 0.8, Thumbnails: map[string][]byte{},
		Manifest: [][2]string{{"seed", "17"}, {"runs", fmt.Sprint(runs)}}}
	for m := range models {
		p.Models = append(p.Models, syntheticModel(t, fmt.Sprintf("encoder-%d", m), labels, perClass, runs, uint64(m)))
	}
	p.Pairs = &report.Pairs{Threshold: 0.98, Total: 40, Across: 1}
	for i, file := range p.Models[0].Files[1:min(len(p.Models[0].Files), 16)] {
		p.Pairs.Pairs = append(p.Pairs.Pairs, report.Pair{First: p.Models[0].Files[0], Second: file, Similarity: 0.9996 - float64(i)/1000})
	}
	last := p.Models[0].Files[len(p.Models[0].Files)-1]
	p.Pairs.Pairs = append([]report.Pair{{First: p.Models[0].Files[0], Second: last, Similarity: 1, Equal: true, Across: true}}, p.Pairs.Pairs...)
	random := rand.New(rand.NewPCG(1, 2))
	for _, file := range p.Models[0].Files {
		p.Thumbnails[file] = noise(t, random, 48, 32+random.IntN(3))
	}
	return p
}

func syntheticModel(t testing.TB, name string, labels []string, perClass, runs int, seed uint64) Model {
	t.Helper()
	splits, answers := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(5, seed))
	classes := len(labels)
	setup := report.Setup{
		Model: name, EmbeddingDim: 320, NumParams: 5_070_000, Labels: labels, NumPictures: classes * perClass,
		Part: "valid", Seed: 17, TopK: 2, Confidence: 0.95, EvalTrainRatio: 0.25,
	}
	all := make([]report.Run, runs)
	for r := range all {
		run := &all[r]
		for c, label := range labels {
			for _, i := range splits.Perm(perClass)[:max(1, perClass/5)] {
				target, prediction := c, c
				if i == 0 || answers.IntN(5) == 0 {
					prediction = (c + 1 + answers.IntN(3)) % classes
				}
				ranked := []int{prediction, target}
				if prediction == target {
					ranked[1] = (c + 1) % classes
				}
				run.Files = append(run.Files, fmt.Sprintf("%s/%03d.jpg", label, i))
				run.Targets = append(run.Targets, target)
				run.TopK = append(run.TopK, ranked)
				margin := float32(0)
				if prediction != target {
					margin = answers.Float32() / 10
				}
				run.Margins = append(run.Margins, margin)
			}
		}
	}
	e, err := report.Evaluate(setup, all)
	if err != nil {
		t.Fatal(err)
	}
	m := Model{Evaluation: e, Projection: &report.Projection{Explained: [2]float64{0.3, 0.1}}}
	for c, label := range labels {
		row := make([]float64, classes)
		for other := range row {
			row[other] = 1 / (1 + float64((c-other)*(c-other)))
		}
		m.Similarity = append(m.Similarity, row)
		for i := range perClass {
			m.Files = append(m.Files, fmt.Sprintf("%s/%03d.jpg", label, i))
			m.Projection.Points = append(m.Projection.Points, [2]float64{answers.NormFloat64()*0.1 + float64(c%10)*0.1, answers.NormFloat64()*0.1 + float64(c/10)*0.1})
		}
	}
	return m
}

func classLabels(n int) []string {
	labels := make([]string, n)
	for c := range labels {
		labels[c] = fmt.Sprintf("class %02d", c)
	}
	return labels
}

// noise is a JPEG that cannot be compressed much.
func noise(t testing.TB, random *rand.Rand, width, height int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, noiseImage(random, width, height), &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func noiseImage(random *rand.Rand, width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255})
		}
	}
	return img
}

// written is the page's bytes.
func written(t testing.TB, p *Page) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(out.Bytes())
}
