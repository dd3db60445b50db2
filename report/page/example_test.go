package page_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"log"

	"vs/report"
	"vs/report/page"
)

func ExampleWrite() {
	evaluation, err := report.Evaluate(report.Setup{
		Model: "tiny_vit_5m_224", EmbeddingDim: 320, NumParams: 5_070_000,
		Labels: []string{"cat", "lynx"}, NumPictures: 10, Part: "valid", Seed: 17, TopK: 1, Confidence: 0.95, EvalTrainRatio: 0.25,
	}, []report.Run{
		{Files: []string{"cat/1.jpg", "lynx/7.jpg"}, Targets: []int{0, 1}, TopK: [][]int{{0}, {1}}},
		{Files: []string{"cat/4.jpg", "lynx/2.jpg"}, Targets: []int{0, 1}, TopK: [][]int{{0}, {0}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	p := &page.Page{
		Title:     "Cats",
		Models:    []page.Model{{Evaluation: evaluation}},
		Threshold: 0.8,
		Manifest:  [][2]string{{"seed", "17"}},
	}
	files, err := p.Files()
	if err != nil {
		log.Fatal(err)
	}
	decode := func(file string, side int) (image.Image, error) {
		return image.NewRGBA(image.Rect(0, 0, side, side)), nil
	}
	p.Thumbnails, _, err = page.Thumbnails(context.Background(), files, decode, 0, page.ThumbnailBudget)
	if err != nil {
		log.Fatal(err)
	}
	var html bytes.Buffer
	if err := page.Write(&html, p); err != nil {
		log.Fatal(err)
	}
	fmt.Println(files[0], "comes first, because it is wrong")
	fmt.Println(len(p.Thumbnails), "thumbnails")
	// Output:
	// lynx/2.jpg comes first, because it is wrong
	// 4 thumbnails
}
