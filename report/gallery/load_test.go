package gallery

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"vs/data/input"
)

// plain is a picture of one colour.
func plain(w, h int, c color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, c)
		}
	}
	return m
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var file bytes.Buffer
	if err := png.Encode(&file, plain(1600, 800, color.Gray{99})); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a", "wide.png"), file.Bytes())
	write(t, filepath.Join(dir, "..", "outside.png"), file.Bytes())
	write(t, filepath.Join(dir, "a", "text.jpg"), []byte("text"))
	write(t, filepath.Join(dir, "a", "empty.jpg"), nil)
	write(t, filepath.Join(dir, "a", "cut.png"), file.Bytes()[:file.Len()/2])
	if err := syscall.Mkfifo(filepath.Join(dir, "a", "pipe.jpg"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ file, err string }{
		{"a/wide.png", ""},
		{"a/gone.jpg", "no such file or directory"},
		{"a/text.jpg", "not a picture in a known format (JPEG, PNG, GIF, BMP, TIFF, WebP, HEIC, AVIF, JPEG 2000)"},
		{"a/empty.jpg", "the file is empty"},
		{"a/cut.png", "truncated PNG"},
		{"a/pipe.jpg", "it is not a regular file"},
		{"a", "it is a folder, not a file"},
		{"a/../../outside.png", "its name leads out of the folder"},
		{"/etc/hostname", "its name leads out of the folder"},
	}
	var pictures []Picture
	for _, test := range tests {
		pictures = append(pictures, Picture{File: test.file})
	}
	for _, workers := range []int{0, 1, 3} {
		tiles, err := Load(t.Context(), dir, pictures, workers)
		if err != nil {
			t.Fatal(err)
		}
		for i, test := range tests {
			tile, got := tiles[i], ""
			if tile.Err != nil {
				got = input.Reason(tile.Err).Error()
			}
			if tile.File != test.file || got != test.err || (tile.Image == nil) != (test.err != "") {
				t.Errorf("%d workers: %s: error %q, want %q", workers, tile.File, got, test.err)
			}
		}
		if size := tiles[0].Image.Bounds().Size(); size != image.Pt(Side, Side/2) {
			t.Errorf("tile of %v", size)
		}
	}
}

func TestLoadIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, t.TempDir(), make([]Picture, 3), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestWritePNG(t *testing.T) {
	var file bytes.Buffer
	if err := WritePNG(&file, plain(3, 2, color.White)); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(&file); err != nil || m.Bounds() != image.Rect(0, 0, 3, 2) {
		t.Errorf("%v, %v", m, err)
	}
	if err := WritePNG(io.Discard, image.NewRGBA(image.Rectangle{})); err == nil {
		t.Error("an image of no pixels is written")
	}
}
