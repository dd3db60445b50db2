package torch_test

import (
	"fmt"
	"log"

	"vs/torch"
)

// The cosine similarity of two vectors is the product of the normalised ones.
func Example() {
	x, err := torch.FromSlice([]float32{3, 4, 4, 3}, 2, 2)
	if err != nil {
		log.Fatal(err)
	}
	defer x.Close()
	unit, err := x.Normalize()
	if err != nil {
		log.Fatal(err)
	}
	defer unit.Close()
	columns, err := unit.Transpose(0, 1)
	if err != nil {
		log.Fatal(err)
	}
	defer columns.Close()
	similarity, err := torch.MatMul(unit, columns)
	if err != nil {
		log.Fatal(err)
	}
	defer similarity.Close()
	values, err := torch.ToSlice[float32](similarity)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", values)
	// Output: [1.00 0.96 0.96 1.00]
}

func ExampleGenerator() {
	g, err := torch.NewGenerator(17)
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	fmt.Println(g.RandPerm(5)) // Python: torch.manual_seed(17); torch.randperm(5)
	// Output: [4 2 0 3 1] <nil>
}
