package transform_test

import (
	"fmt"
	"log"
	"os"

	"vs/data/transform"
)

func Example() {
	spec := transform.Spec{
		Height: 224, Width: 224, Interpolation: "bicubic", CropPct: 0.95, CropMode: "center",
		Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
	}
	decoder, err := transform.NewDecoder(spec)
	if err != nil {
		log.Fatal(err)
	}
	defer decoder.Close()

	file, err := os.ReadFile("testdata/jpeg_420_big.jpg")
	if err != nil {
		log.Fatal(err)
	}
	crop := make([]uint8, 3*spec.Height*spec.Width) // reused from picture to picture
	info, err := decoder.Crop(crop, file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s, %s, %dx%d\n", info.Format, info.Mode, info.Width, info.Height)
	fmt.Println(spec)
	// Output:
	// jpeg, RGB, 317x253
	// resize=235 bicubic; crop=224x224 center; mean=0.485,0.456,0.406; std=0.229,0.224,0.225
}
