package data_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"vs/data"
	"vs/data/transform"
)

// animals makes a folder of two classes with ten small pictures each.
func animals() string {
	root, err := os.MkdirTemp("", "animals")
	if err != nil {
		log.Fatal(err)
	}
	for c, label := range []string{"cat", "dog"} {
		if err := os.Mkdir(filepath.Join(root, label), 0o755); err != nil {
			log.Fatal(err)
		}
		for i := range 10 {
			name := fmt.Sprintf("%d.jpg", i)
			if err := writePicture(filepath.Join(root, label, name), 10*c+i); err != nil {
				log.Fatal(err)
			}
		}
	}
	return root
}

func ExampleOpenFolder() {
	root := animals()
	defer os.RemoveAll(root)

	folder, err := data.OpenFolder(root)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(folder.Labels, folder.Counts())
	fmt.Println(folder.RelPath(12))
	// Output:
	// [cat dog] [10 10]
	// dog/2.jpg
}

func ExampleSplits() {
	// Torch's CPU generator takes the place of reversed where splits must be random.
	splits, err := data.Splits([]int{10, 5}, []string{"cat", "dog"}, 1, data.Shares{Valid: 0.2, Test: 0.1}, reversed{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(splits[0].Train)
	fmt.Println(splits[0].Valid)
	fmt.Println(splits[0].Test)
	// Output:
	// [9 8 7 6 5 4 3 14 13 12 11]
	// [2 1 10]
	// [0]
}

func ExampleLoader() {
	root := animals()
	defer os.RemoveAll(root)
	folder, err := data.OpenFolder(root)
	if err != nil {
		log.Fatal(err)
	}

	loader, err := data.NewLoader(context.Background(), folder.Paths(), data.LoaderOptions{
		Spec: transform.Spec{
			Height: 224, Width: 224, Interpolation: "bicubic", CropPct: 0.95, CropMode: "center",
			Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer loader.Close()
	pictures, faulty := 0, 0
	for {
		item, err := loader.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		if item.Err != nil {
			faulty++ // item.Err says which picture and why
			continue
		}
		pictures++ // item.Pixels goes to the encoder
		loader.Release(item.Pixels)
	}
	fmt.Println(pictures, "pictures,", faulty, "faulty")
	// Output:
	// 20 pictures, 0 faulty
}
