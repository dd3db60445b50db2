package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"vs/torch"
)

// The tiles of a search on the CPU: similarities of queryTile queries with rowTile rows, 1 MiB,
// stay in a core's cache between the product that makes them and the pass that reads them.
const (
	queryTile = 128
	rowTile   = 2048
)

// Neighbour is one of the rows most similar to a query.
type Neighbour struct {
	Row   int
	Score float32 // cosine similarity
}

// Nearest returns for each query, [Q, D], the k most similar of the rows, [N, D], best first; of
// equal ones the lower row comes first. Rows and queries must be normalised, see [Normalize]. It
// takes one matrix product a tile, so that its memory does not grow with Q · N, on the CPU on the
// given number of workers (0: one per CPU). The result does not depend on them.
func Nearest(ctx context.Context, device torch.Device, rows, queries []float32, dim, k, workers int) ([][]Neighbour, error) {
	n := len(rows) / dim
	if k < 1 || k > n {
		return nil, fmt.Errorf("search: top %d of %d pictures; use 1 to %d", k, n, n)
	}
	var found [][]Neighbour
	var err error
	if device.Type == torch.CPUType {
		found, err = nearestOnCPU(ctx, rows, queries, dim, k, cmp.Or(max(workers, 0), runtime.GOMAXPROCS(0)))
	} else {
		found, err = nearestOnDevice(ctx, device, rows, queries, dim, k, deviceQueryTile, deviceRowTile(dim, len(queries)/dim))
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return found, nil
}

func nearestOnCPU(ctx context.Context, rows, queries []float32, dim, k, workers int) ([][]Neighbour, error) {
	n, q := len(rows)/dim, len(queries)/dim
	queryTiles, err := tile(queries, dim, queryTile)
	if err != nil {
		return nil, err
	}
	defer closeAll(queryTiles)

	// Tile t of the rows is always the same rows; which worker takes it does not matter, since a
	// total order picks the best.
	tiles := (n + rowTile - 1) / rowTile
	found := make([][]heap, workers)
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			errs[w] = alone(func() error {
				found[w] = make([]heap, q)
				for i := range found[w] {
					found[w][i] = heap{best: make([]Neighbour, 0, k)}
				}
				scores := make([]float32, queryTile*rowTile)
				for t := w; t < tiles; t += workers {
					if err := ctx.Err(); err != nil {
						return err
					}
					from := t * rowTile
					if err := searchTile(rows[from*dim:min(from+rowTile, n)*dim], from, dim, queryTiles, scores, found[w]); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	result := make([][]Neighbour, q)
	for i := range result {
		var all []Neighbour
		for w := range workers {
			all = append(all, found[w][i].best...)
		}
		slices.SortFunc(all, compareNeighbours)
		result[i] = all[:k]
	}
	return result, nil
}

// tile copies a matrix to tensors of at most size rows.
func tile(matrix []float32, dim, size int) ([]*torch.Tensor, error) {
	var tiles []*torch.Tensor
	for from := 0; from < len(matrix); from += size * dim {
		part := matrix[from:min(from+size*dim, len(matrix))]
		t, err := torch.FromSlice(part, len(part)/dim, dim)
		if err != nil {
			closeAll(tiles)
			return nil, err
		}
		tiles = append(tiles, t)
	}
	return tiles, nil
}

func closeAll(tensors []*torch.Tensor) {
	for _, t := range tensors {
		t.Close()
	}
}

// searchTile compares all queries with the rows that begin with number from.
func searchTile(rows []float32, from, dim int, queries []*torch.Tensor, scores []float32, found []heap) error {
	n := len(rows) / dim
	t, err := torch.FromSlice(rows, n, dim)
	if err != nil {
		return err
	}
	defer t.Close()
	columns, err := t.Transpose(0, 1)
	if err != nil {
		return err
	}
	defer columns.Close()
	next := 0
	for _, q := range queries {
		product, err := torch.MatMul(q, columns)
		if err != nil {
			return err
		}
		count := product.Shape()[0]
		s := scores[:count*n]
		err = torch.CopyTo(s, product)
		product.Close()
		if err != nil {
			return err
		}
		for i := range count {
			found[next+i].offer(s[i*n:(i+1)*n], from)
		}
		next += count
	}
	return nil
}

// Normalize divides each of the rows, [N, D], by its length, in place. A row of zeros stays as it
// is.
func Normalize(rows []float32, dim int) {
	for from := 0; from < len(rows); from += dim {
		row := rows[from : from+dim]
		var sum float64
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		if sum == 0 {
			continue
		}
		scale := 1 / math.Sqrt(sum)
		for i := range row {
			row[i] = float32(float64(row[i]) * scale)
		}
	}
}
