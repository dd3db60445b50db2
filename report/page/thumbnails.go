package page

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"runtime"
	"sync"

	"github.com/nfnt/resize"
	"golang.org/x/sync/errgroup"

	"vs/data"
	"vs/data/input"
)

// ThumbnailBudget is the sum of all thumbnails that keeps a page well below 15 MB: base64 makes
// 12.7 MB of it.
const ThumbnailBudget = 9_500_000

// sizes are the sizes that thumbnails may have, largest first.
var sizes = []struct{ side, quality int }{{144, 72}, {120, 70}, {100, 67}, {84, 64}, {70, 62}, {58, 60}, {48, 55}}

// leastBytes is what the smallest thumbnail of a picture takes at least, as a rule. More pictures
// than fit the budget at this are not decoded.
const leastBytes = 300

// Decode reads a picture, "label/name", that will be shown at a size of at most side by side
// pixels. It may give a larger one, and is called from several goroutines.
type Decode func(file string, side int) (image.Image, error)

// Thumbnails makes a JPEG of each file, all of the largest size with which their sum stays within
// the budget, in bytes. Where the smallest size is too large for that, the files at the end have
// none. Pictures that cannot be decoded are left out and listed, unless the machine has run out of
// what reading takes. The result does not depend on the number of workers (0: one per CPU).
func Thumbnails(ctx context.Context, files []string, decode Decode, workers, budget int) (map[string][]byte, []data.BadPicture, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	files = files[:min(len(files), budget/leastBytes)]
	s := shelf{budget: budget, sums: make([]int, len(sizes)), files: make([][][]byte, len(files))}
	errs := make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(workers)
	for i, file := range files {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			picture, err := decode(file, sizes[0].side)
			if input.Exhausted(err) {
				return input.WithRemedy(err)
			}
			if err == nil {
				err = s.put(i, picture)
			}
			errs[i] = err
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, fmt.Errorf("make thumbnails: %w", err)
	}
	var bad []data.BadPicture
	for i, err := range errs {
		if err != nil {
			bad = append(bad, data.BadPicture{File: files[i], Err: err})
		}
	}
	return s.take(files), bad, nil
}

// shelf holds the thumbnails of all sizes that may still fit the budget.
type shelf struct {
	budget int
	mutex  sync.Mutex
	sums   []int      // cost of all thumbnails of a size
	files  [][][]byte // of each file, its sizes; nil for one that is too large, and for a picture that is bad
}

// put makes the thumbnails of a picture, all from the largest one: which of the others are left
// out, because they have become too large, depends on the other workers.
func (s *shelf) put(i int, picture image.Image) error {
	files := make([][]byte, len(sizes))
	largest := reduce(picture, sizes[0].side)
	for k, size := range sizes {
		if s.tooLarge(k) {
			continue
		}
		var file bytes.Buffer
		if err := jpeg.Encode(&file, reduce(largest, size.side), &jpeg.Options{Quality: size.quality}); err != nil {
			return err
		}
		files[k] = file.Bytes()
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for k, file := range files {
		if file != nil {
			s.sums[k] += cost(file)
		}
	}
	s.files[i] = files
	return nil
}

// reduce makes a picture fit into side by side pixels; one that does stays as it is.
func reduce(picture image.Image, side int) image.Image {
	return resize.Thumbnail(uint(side), uint(side), picture, resize.MitchellNetravali)
}

// tooLarge reports whether a size cannot be chosen any more. Sums only grow, so this holds whatever
// comes first.
func (s *shelf) tooLarge(size int) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return size < len(sizes)-1 && s.sums[size] > s.budget
}

// take chooses the size.
func (s *shelf) take(files []string) map[string][]byte {
	size := 0
	for s.tooLarge(size) {
		size++
	}
	out := map[string][]byte{}
	sum := 0
	for i, thumbnails := range s.files {
		if thumbnails == nil {
			continue
		}
		if sum += cost(thumbnails[size]); sum > s.budget {
			break
		}
		out[files[i]] = thumbnails[size]
	}
	return out
}

// cost is what a thumbnail adds to a page: its head is one of a few. Repeating the 589 bytes would
// nearly double the smallest thumbnails.
func cost(file []byte) int { return len(file) - headLength(file) }

// headLength is the length of a JPEG up to its pixels: tables and sizes, which many thumbnails have
// in common. It is 0 for what is not a JPEG.
func headLength(file []byte) int {
	at := 2 // past the start of the image
	for at+4 <= len(file) && file[at] == 0xff {
		marker := file[at+1]
		at += 2 + int(file[at+2])<<8 + int(file[at+3])
		if marker == 0xda { // the start of the scan
			if at <= len(file) {
				return at
			}
			break
		}
	}
	return 0
}
