package gallery_test

import (
	"context"
	"fmt"
	"log"

	"vs/report"
	"vs/report/gallery"
)

func Example() {
	e, err := report.Evaluate(report.Setup{
		Model: "tiny_vit_5m_224", Labels: []string{"fox", "wolf"}, Part: "valid", TopK: 1, Confidence: 0.95,
	}, []report.Run{{
		Files:   []string{"fox/1.jpg", "fox/2.jpg", "wolf/1.jpg"},
		Targets: []int{0, 0, 1},
		TopK:    [][]int{{0}, {1}, {1}},
		Margins: []float32{0, 0.12, 0},
	}})
	if err != nil {
		log.Fatal(err)
	}
	worst, total := gallery.Mistakes(e, 6)
	for _, p := range worst {
		fmt.Printf("%s is taken for a %s\n", p.File, p.Prediction)
	}
	tiles, err := gallery.Load(context.Background(), "animals", worst, 0)
	if err != nil {
		log.Fatal(err)
	}
	sheet := gallery.Sheet(tiles, gallery.Options{Title: e.Model, Subtitle: fmt.Sprintf("%d mistakes", total)})
	fmt.Println(sheet.Bounds().Dx(), "pixels wide")
	// Output:
	// fox/2.jpg is taken for a wolf
	// 1264 pixels wide
}
