package exchange_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"vs/search/exchange"
)

// The means of two classes, for pandas.read_csv, and back.
func Example() {
	dir, err := os.MkdirTemp("", "exchange")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "means.zip")
	table := &exchange.Table{
		What:   exchange.Classes,
		Labels: []string{"cat", "dog"},
		Dim:    2,
		Rows:   []float32{0.9, 0.1, 0.1, 0.9},
	}
	if err := exchange.Write(path, exchange.CSVZip, table); err != nil {
		log.Fatal(err)
	}
	again, err := exchange.Read(path, exchange.CSVZip)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Labels, again.Rows)
	// Output:
	// [cat dog] [0.9 0.1 0.1 0.9]
}

func ExampleFormatOf() {
	format, err := exchange.FormatOf("animals.parquet")
	fmt.Println(format, err)
	_, err = exchange.FormatOf("animals.xlsx")
	fmt.Println(err)
	// Output:
	// parquet <nil>
	// animals.xlsx: its ending names no format; it is .zip, .npy, .safetensors or .parquet
}
