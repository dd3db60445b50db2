package search_test

import (
	"context"
	"fmt"
	"log"

	"vs/data"
	"vs/search"
	"vs/search/database"
	"vs/torch"
)

// One run: two pictures of each class train, one is answered.
func ExampleEvaluate() {
	set := &database.Embeddings{
		Labels: []string{"cat", "dog"},
		Counts: []int{3, 3},
		Names:  []string{"1.jpg", "2.jpg", "3.jpg", "1.jpg", "2.jpg", "3.jpg"},
		Dim:    2,
		Vectors: []float32{
			1, 0, 0.9, 0.1, 0.8, 0.2, // cat
			0, 1, 0.1, 0.9, 0.2, 0.8, // dog
		},
	}
	split := data.Split{Train: []int{0, 1, 3, 4}, Valid: []int{2, 5}}
	answers, err := search.Evaluate(context.Background(), set, torch.CPU, []data.Split{split}, "valid", 1, search.Method{})
	if err != nil {
		log.Fatal(err)
	}
	for i, picture := range split.Valid {
		fmt.Println(set.Files()[picture], "is a", set.Labels[answers[0].Classes[i][0]])
	}
	// Output:
	// cat/3.jpg is a cat
	// dog/3.jpg is a dog
}
