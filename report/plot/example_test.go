package plot_test

import (
	"bytes"
	"fmt"
	"image/png"

	"vs/report"
	"vs/report/plot"
)

func Example() {
	setup := report.Setup{
		Model: "tiny_vit_5m_224", Labels: []string{"ash", "birch"}, NumPictures: 10, Part: "valid", Seed: 17, TopK: 1, Confidence: 0.95,
	}
	run := report.Run{
		Files:   []string{"ash/1.jpg", "ash/2.jpg", "birch/1.jpg"},
		Targets: []int{0, 0, 1},
		TopK:    [][]int{{0}, {1}, {1}},
	}
	evaluation, err := report.Evaluate(setup, []report.Run{run})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plot.ConfusionMatrix("Confusion of classes", evaluation)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Save writes PNG and SVG into a folder.
	var file bytes.Buffer
	if err := p.WritePNG(&file); err != nil {
		fmt.Println(err)
		return
	}
	config, err := png.DecodeConfig(&file)
	fmt.Println(config.Width > 300, config.Height > 300, err)
	// Output: true true <nil>
}
