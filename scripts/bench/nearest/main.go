// Command nearest measures search.Nearest on random vectors: seconds on stdout as JSON. It is the
// counterpart of python_way.py faiss.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"vs/search"
	"vs/torch"
)

func main() {
	rows := flag.Int("rows", 1_000_000, "vectors to search")
	dim := flag.Int("dim", 576, "elements of a vector")
	queries := flag.Int("queries", 1000, "vectors to find")
	k := flag.Int("k", 10, "neighbours of each")
	workers := flag.Int("workers", 0, "cores (0: all)")
	device := flag.String("device", "cpu", "where to search: cpu, cuda, cuda:N or auto")
	flag.Parse()
	if err := run(*device, *rows, *dim, *queries, *k, *workers); err != nil {
		fmt.Fprintln(os.Stderr, "nearest:", err)
		os.Exit(1)
	}
}

func run(name string, rows, dim, queries, k, workers int) error {
	device, err := torch.ParseDevice(name)
	if err != nil {
		return err
	}
	r, q := random(rows, dim, 1), random(queries, dim, 2)
	if _, err := search.Nearest(context.Background(), device, r, q[:dim], dim, k, workers); err != nil {
		return err
	}
	start := time.Now()
	if _, err := search.Nearest(context.Background(), device, r, q, dim, k, workers); err != nil {
		return err
	}
	fmt.Printf("{\"seconds\": %g}\n", time.Since(start).Seconds())
	return nil
}

func random(n, dim int, seed uint64) []float32 {
	source := rand.New(rand.NewPCG(seed, 0))
	v := make([]float32, n*dim)
	for i := range v {
		v[i] = float32(source.NormFloat64())
	}
	search.Normalize(v, dim)
	return v
}
