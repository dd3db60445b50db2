package draw_test

import (
	"fmt"

	"vs/scripts/demopictures/draw"
)

func ExamplePicture() {
	m, err := draw.Picture("waves", 0, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	again, _ := draw.Picture("waves", 0, 1)
	fmt.Println(len(draw.Classes()), m.Bounds() == again.Bounds(), m.At(99, 99) == again.At(99, 99))
	// Output: 12 true true
}
