package encoder_test

import (
	"context"
	"fmt"
	"log"

	"vs/encoder"
)

// The pixels of a picture, [3, 224, 224], become an embedding.
func ExampleLoad() {
	e, err := encoder.Load(encoder.Builtin, encoder.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	picture := make([]uint8, 3*224*224)
	embeddings, err := e.Embed(context.Background(), [][]uint8{picture})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Metadata().ModelName, len(embeddings) == e.Dim())
	// Output: builtin_filterbank true
}
