package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary stand in for the program, so that tests can run it as a process and
// kill it.
func TestMain(m *testing.M) {
	if os.Getenv("VS_TEST_AS_PROGRAM") != "" {
		main()
	}
	// Nothing is left in the cache of whoever runs the tests.
	cache, err := os.MkdirTemp("", "vs-cache-*")
	if err == nil {
		err = os.Setenv("XDG_CACHE_HOME", cache)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(cache)
	os.Exit(code)
}

const channelMeans = "../../encoder/testdata/channel_means.pt"

// outcome is what a command line gave.
type outcome struct {
	code           int
	stdout, stderr string
}

func vs(t *testing.T, args ...string) outcome {
	t.Helper()
	return vsContext(t, context.Background(), args...)
}

func vsContext(t *testing.T, ctx context.Context, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(ctx, append([]string{"vs"}, args...), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// mustVS runs a command line that must succeed.
func mustVS(t *testing.T, args ...string) outcome {
	t.Helper()
	o := vs(t, args...)
	if o.code != exitDone {
		t.Fatalf("vs %s: exit code %d: %s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o
}

// makePictures makes a folder with n pictures of each of some classes: noise around a colour that
// the class has, so that most but not all can be told apart.
func makePictures(t *testing.T, n int, classes ...string) string {
	t.Helper()
	dir := t.TempDir()
	for c, class := range classes {
		for i := range n {
			random := rand.New(rand.NewPCG(uint64(c), uint64(i)))
			base := [3]int{40 + 70*(c%3), 40 + 70*(c/3%3), 90}
			img := image.NewRGBA(image.Rect(0, 0, 40+random.IntN(30), 40+random.IntN(30)))
			shift := random.IntN(60)
			for y := range img.Rect.Dy() {
				for x := range img.Rect.Dx() {
					img.Set(x, y, color.RGBA{
						uint8(base[0] + shift + random.IntN(30)), uint8(base[1] + random.IntN(90)), uint8(base[2] + random.IntN(90)), 255})
				}
			}
			writeJPEG(t, filepath.Join(dir, class, fmt.Sprintf("%03d.jpg", i)), img)
		}
	}
	return dir
}

func writeJPEG(t *testing.T, path string, img image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var buffer bytes.Buffer
	if err := jpeg.Encode(&buffer, img, nil); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, buffer.Bytes())
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// encoded makes pictures and a database of them.
func encoded(t *testing.T) (pictures, db string) {
	t.Helper()
	pictures = makePictures(t, 10, "ash", "birch", "cedar")
	db = filepath.Join(t.TempDir(), "trees.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	return pictures, db
}

// wantLines fails unless the text has each of the parts.
func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
}
