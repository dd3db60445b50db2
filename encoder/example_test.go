package encoder_test

import (
	"context"
	"fmt"
	"log"

	"vs/encoder"
)

// A picture's tensor, [3, 224, 224], becomes an embedding.
func ExampleLoad() {
	e, err := encoder.Load(encoder.Builtin, encoder.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	picture := make([]float32, 3*224*224)
	embeddings, err := e.Embed(context.Background(), [][]float32{picture})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Metadata().ModelName, len(embeddings) == e.Dim())
	// Output: builtin_filterbank true
}
