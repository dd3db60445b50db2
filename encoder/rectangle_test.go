package encoder

import (
	"context"
	"math"
	"testing"
)

// A model whose input is wider than high gets rows as rows.
func TestInputsThatAreNotSquare(t *testing.T) {
	e := loadFor(t, "testdata/row_means.pt", 2)
	const want = "resize=4x6 lanczos; crop=4x6 border of 128,128,128; mean=0.5,0.5,0.5; std=0.25,0.25,0.25"
	if got := e.Transform().String(); got != want {
		t.Errorf("transform %s, want %s", got, want)
	}
	list := pictures(e, 5)
	got, err := e.Embed(context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, picture := range list {
		for row := range 3 * 4 {
			var mean float64
			for _, level := range picture[row*6 : (row+1)*6] {
				mean += (float64(level)/255 - 0.5) / 0.25 / 6
			}
			if diff := math.Abs(float64(got[i*12+row]) - mean); diff > 1e-6 {
				t.Errorf("picture %d, row %d: %v, want %v", i, row, got[i*12+row], mean)
			}
		}
	}
}
