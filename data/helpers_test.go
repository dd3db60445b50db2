package data_test

import (
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeTree makes files with the given slash-separated paths, and folders of those that end in a
// slash, and returns the root.
func writeTree(tb testing.TB, paths ...string) string {
	tb.Helper()
	root := tb.TempDir()
	for _, p := range paths {
		full := filepath.Join(root, filepath.FromSlash(p))
		if strings.HasSuffix(p, "/") {
			check(tb, os.MkdirAll(full, 0o755))
			continue
		}
		check(tb, os.MkdirAll(filepath.Dir(full), 0o755))
		check(tb, os.WriteFile(full, []byte("content of "+p), 0o644))
	}
	return root
}

// writePicture writes a small picture whose pixels depend on the shade, as JPEG or PNG by the
// ending of the path.
func writePicture(path string, shade int) error {
	m := image.NewRGBA(image.Rect(0, 0, 24+shade%5, 20+shade%3))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			m.SetRGBA(x, y, color.RGBA{R: uint8(shade*37 + x*5), G: uint8(shade*11 + y*7), B: uint8(x * y), A: 255})
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if filepath.Ext(path) == ".png" {
		return png.Encode(file, m)
	}
	return jpeg.Encode(file, m, nil)
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// wantError fails the test unless err is one line that holds all the words.
func wantError(tb testing.TB, err error, words ...string) {
	tb.Helper()
	if err == nil {
		tb.Fatalf("no error, want one with %q", words)
	}
	for _, w := range append(words, ": ") {
		if !strings.Contains(err.Error(), w) {
			tb.Errorf("error %q lacks %q", err, w)
		}
	}
	if strings.ContainsAny(err.Error(), "\n\r") {
		tb.Errorf("error %q is more than one line", err)
	}
}
