package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"syscall"
	"testing"
)

// noisy decodes to noise that depends on the file's name alone; names that end in "bad" cannot be
// decoded.
func noisy(file string, side int) (image.Image, error) {
	if len(file) > 3 && file[len(file)-3:] == "bad" {
		return nil, errors.New("not a picture")
	}
	seed := uint64(0)
	for _, b := range []byte(file) {
		seed = seed*31 + uint64(b)
	}
	return noiseImage(rand.New(rand.NewPCG(seed, 1)), side, side), nil
}

func names(n int) []string {
	files := make([]string, n)
	for i := range files {
		files[i] = fmt.Sprintf("class/%02d", i)
	}
	return files
}

func TestThumbnailsStayWithinTheBudget(t *testing.T) {
	files := names(20)
	for _, test := range []struct {
		name        string
		budget      int
		width, most int // pixels
		all         bool
	}{
		{"much room gives large ones", 1 << 20, 144, 144, true},
		{"less room gives small ones", 30_000, 56, 96, true},
		{"too little gives the first some", 4_000, 48, 56, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			thumbnails, bad, err := Thumbnails(context.Background(), files, noisy, 2, test.budget)
			if err != nil || len(bad) > 0 {
				t.Fatal(bad, err)
			}
			sum := 0
			for _, file := range thumbnails {
				sum += cost(file)
				config, err := jpeg.DecodeConfig(bytes.NewReader(file))
				if err != nil || config.Width < test.width || config.Width > test.most {
					t.Errorf("a thumbnail of %d pixels, want %d to %d: %v", config.Width, test.width, test.most, err)
				}
			}
			if sum > test.budget {
				t.Errorf("%d bytes, more than the %d of the budget", sum, test.budget)
			}
			if all := len(thumbnails) == len(files); all != test.all {
				t.Errorf("%d of %d files have a thumbnail", len(thumbnails), len(files))
			}
			if thumbnails[files[0]] == nil {
				t.Error("the first file has none")
			}
		})
	}
}

func TestThumbnailsDoNotDependOnWorkers(t *testing.T) {
	files := append(names(30), "class/bad")
	one, badOne, err := Thumbnails(context.Background(), files, noisy, 1, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	many, badMany, err := Thumbnails(context.Background(), files, noisy, 8, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, many) || !reflect.DeepEqual(badOne, badMany) {
		t.Error("8 workers give something else than 1")
	}
	if len(badOne) != 1 || badOne[0].File != "class/bad" || badOne[0].Err == nil {
		t.Errorf("bad pictures: %v", badOne)
	}
}

func TestThumbnailsStopWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Thumbnails(ctx, names(3), noisy, 2, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHeadAndScanMakeTheJPEGAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	file := noise(t, random, 40, 30)
	n := headLength(file)
	if n < 300 || n > 700 || n != headLength(noise(t, random, 40, 30)) {
		t.Fatalf("a head of %d bytes", n)
	}
	if !bytes.Equal(file[:n], noise(t, random, 40, 30)[:n]) {
		t.Error("pictures of the same size have different heads")
	}
}

func FuzzHeadLength(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xd8, 0xff, 0xda, 0, 2})
	f.Add(noise(f, rand.New(rand.NewPCG(1, 1)), 8, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		if n := headLength(file); n < 0 || n > len(file) {
			t.Errorf("a head of %d of %d bytes", n, len(file))
		}
	})
}

func TestRunningOutOfDescriptorsIsNoBadPicture(t *testing.T) {
	decode := func(string, int) (image.Image, error) {
		return nil, &fs.PathError{Op: "open", Path: "a.jpg", Err: syscall.EMFILE}
	}
	_, bad, err := Thumbnails(t.Context(), names(3), decode, 1, ThumbnailBudget)
	if !errors.Is(err, syscall.EMFILE) || len(bad) > 0 {
		t.Errorf("%d bad pictures, error %v", len(bad), err)
	}
}
