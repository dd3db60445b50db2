package search

import (
	"context"

	"golang.org/x/sync/errgroup"

	"vs/torch"
)

// What a search holds on a device at a time: the queries, two tiles of the rows, 64 MiB each, and
// the similarities of one with deviceQueryTile queries, 64 MiB as well, with what picking the best
// of them needs.
const (
	deviceQueryTile = 1024
	deviceTile      = 16 << 20 // elements
)

// deviceRowTile is the number of rows in a tile.
func deviceRowTile(dim, queries int) int {
	return max(1, deviceTile/max(dim, min(queries, deviceQueryTile)))
}

// nearestOnDevice compares on any device. A tile of the rows is copied there while the one before
// is compared, and only the best of each tile come back.
func nearestOnDevice(ctx context.Context, device torch.Device, rows, queries []float32, dim, k, queryTile, rowTile int) ([][]Neighbour, error) {
	s := &deviceSearch{device: device, rows: rows, dim: dim, k: k, tile: rowTile, found: make([][]Neighbour, len(queries)/dim)}
	defer s.close()
	hosts, err := tile(queries, dim, queryTile)
	if err != nil {
		return nil, err
	}
	defer closeAll(hosts)
	for _, host := range hosts {
		q, err := host.To(device)
		if err != nil {
			return nil, err
		}
		s.queries = append(s.queries, q)
	}
	tiles := (len(rows)/dim + rowTile - 1) / rowTile
	next, err := s.copyTile(0)
	for t := 0; t < tiles && err == nil; t++ {
		current := next
		if err = ctx.Err(); err == nil {
			next, err = s.compare(current, t, tiles)
		}
		current.Close()
	}
	if err != nil {
		return nil, err
	}
	return s.found, nil
}

type deviceSearch struct {
	device  torch.Device
	rows    []float32 // [N, D]
	dim, k  int
	tile    int // rows
	queries []*torch.Tensor
	staging [2]*torch.Tensor // [tile, D], of even and odd tiles
	found   [][]Neighbour    // [Q] of the tiles so far, best first
}

func (s *deviceSearch) close() {
	closeAll(s.queries)
	closeAll(s.staging[:])
}

// copyTile begins to copy tile t. The staging tensor is free: of the tile before the last one the
// results have been read.
func (s *deviceSearch) copyTile(t int) (*torch.Tensor, error) {
	from := t * s.tile * s.dim
	part := s.rows[from:min(from+s.tile*s.dim, len(s.rows))]
	staging := &s.staging[t%2]
	// The last tile may be smaller.
	if *staging == nil || (*staging).Shape()[0] != len(part)/s.dim {
		(*staging).Close()
		var err error
		if *staging, err = torch.NewStaging[float32](s.device, len(part)/s.dim, s.dim); err != nil {
			return nil, err
		}
	}
	// One thread copies more slowly than a GPU takes and compares.
	var group errgroup.Group
	for i := range copiers {
		from, to := i*len(part)/copiers, (i+1)*len(part)/copiers
		group.Go(func() error { return torch.WriteAt(*staging, from, part[from:to]) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return (*staging).To(s.device)
}

// copiers is the number of goroutines that fill a staging tensor.
const copiers = 4

// compare has tile t compared with the queries, copies the next one meanwhile, if there is one, and
// reads the results.
func (s *deviceSearch) compare(current *torch.Tensor, t, tiles int) (next *torch.Tensor, err error) {
	columns, err := current.Transpose(0, 1)
	if err != nil {
		return nil, err
	}
	defer columns.Close()
	k := min(s.k, current.Shape()[0])
	var values, indices []*torch.Tensor
	defer func() {
		closeAll(values)
		closeAll(indices)
		if err != nil {
			next.Close()
			next = nil
		}
	}()
	for _, q := range s.queries {
		product, err := torch.MatMul(q, columns)
		if err != nil {
			return nil, err
		}
		v, i, err := product.TopK(k)
		product.Close()
		if err != nil {
			return nil, err
		}
		values, indices = append(values, v), append(indices, i)
	}
	if t+1 < tiles {
		if next, err = s.copyTile(t + 1); err != nil {
			return nil, err
		}
	}
	query := 0
	for n := range values {
		scores, err := torch.ToSlice[float32](values[n])
		if err != nil {
			return next, err
		}
		places, err := torch.ToSlice[int64](indices[n])
		if err != nil {
			return next, err
		}
		for ; len(scores) > 0; scores, places = scores[k:], places[k:] {
			s.found[query] = mergeBest(s.found[query], scores[:k], places[:k], t*s.tile, s.k)
			query++
		}
	}
	return next, nil
}

// mergeBest returns the k best of some neighbours and the rows from + places, which are higher,
// both best first.
func mergeBest(best []Neighbour, scores []float32, places []int64, from, k int) []Neighbour {
	merged := make([]Neighbour, 0, min(k, len(best)+len(scores)))
	for i, j := 0, 0; len(merged) < cap(merged); {
		if j == len(scores) || i < len(best) && best[i].Score >= scores[j] {
			merged = append(merged, best[i])
			i++
		} else {
			merged = append(merged, Neighbour{from + int(places[j]), scores[j]})
			j++
		}
	}
	return merged
}
