package plot

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"vs/report"
)

// ConfusionMatrix draws which share of each class's pictures is taken for which class, over all
// runs. Cells say it in percent where they have room. A cell without a picture is white, and one
// with any has at least the palest colour.
func ConfusionMatrix(title string, e *report.Evaluation) (*Plot, error) {
	if len(e.Labels) == 0 {
		return nil, errors.New("no classes to draw")
	}
	shares := e.Confusion()
	h := &heatMap{
		title:    title,
		rowTitle: "Class", columnTitle: "Taken for",
		labels:  e.Labels,
		longest: "100", barTitle: "Percent of the class's pictures", low: 0, high: 100,
		barShade: func(value float64) color.Color { return shade(value / 100) },
	}
	for _, row := range shares {
		var sum float64
		for _, count := range row {
			sum += count
		}
		for column := range row {
			row[column] /= sum // NaN for a class without pictures
		}
		if sum == 0 {
			h.undefined = fmt.Sprintf("no picture in part %q", e.Part)
		}
	}
	h.shade = func(row, column int) color.Color {
		switch share := shares[row][column]; {
		case math.IsNaN(share):
			return undefinedColour
		case share == 0:
			return nil
		default:
			return shade(share)
		}
	}
	h.text = func(row, column int) string {
		switch share := shares[row][column]; {
		case math.IsNaN(share):
			return ""
		case share < 0.005:
			return "<1"
		default:
			return number(100*share, 0)
		}
	}
	return h.plot(), nil
}

// ClassSimilarity draws the cosine similarity of the mean embeddings of classes, as
// [report.ClassSimilarity] gives it.
func ClassSimilarity(title string, labels []string, matrix [][]float64) (*Plot, error) {
	if len(labels) == 0 {
		return nil, errors.New("no classes to draw")
	}
	if len(matrix) != len(labels) {
		return nil, fmt.Errorf("similarities of %d classes, but there are %d labels", len(matrix), len(labels))
	}
	h := &heatMap{
		title: title, labels: labels, longest: "0.00", barTitle: "Cosine similarity", high: 1,
	}
	lowest := 1.0
	for a, row := range matrix {
		if len(row) != len(labels) {
			return nil, fmt.Errorf("class %q has similarities with %d classes, but there are %d labels", labels[a], len(row), len(labels))
		}
		for _, s := range row {
			if math.IsNaN(s) {
				h.undefined = "not defined"
			} else {
				lowest = min(lowest, s)
			}
		}
	}
	if lowest < 0 {
		h.longest = "−0.00"
	}
	// The scale begins at a round number and is never so narrow that differences without meaning
	// look large.
	lowest = max(-1, min(lowest, 0.95))
	unit := step(1-lowest, 5)
	h.low = max(-1, unit*math.Floor(lowest/unit+1e-9))
	h.barShade = func(value float64) color.Color { return shade((value - h.low) / (1 - h.low)) }
	h.shade = func(row, column int) color.Color {
		if math.IsNaN(matrix[row][column]) {
			return undefinedColour
		}
		return h.barShade(matrix[row][column])
	}
	h.text = func(row, column int) string {
		if math.IsNaN(matrix[row][column]) {
			return ""
		}
		return number(matrix[row][column], 2)
	}
	return h.plot(), nil
}
