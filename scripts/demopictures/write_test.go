package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// files are the paths below a folder and what the files hold.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, path := range must(filepath.Glob(filepath.Join(dir, "*", "*")))(t) {
		rel := must(filepath.Rel(dir, path))(t)
		all[filepath.ToSlash(rel)] = string(must(os.ReadFile(path))(t))
	}
	return all
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestEveryPictureIsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "pictures")
	if err := write(t.Context(), dir, 1, 2); err != nil {
		t.Fatal(err)
	}
	found := files(t, dir)
	if want := len(classes) * 2; len(found) != want {
		t.Fatalf("%d files, want %d", len(found), want)
	}
	for class, c := range classes {
		for _, index := range []int{0, 1} {
			path := fmt.Sprintf("%s/%03d.jpg", c.name, index)
			got := must(jpeg.DecodeConfig(strings.NewReader(found[path])))(t)
			if want := picture(class, index, 1).Rect.Size(); got.Width != want.X || got.Height != want.Y {
				t.Errorf("%s has %d × %d pixels, want %v", path, got.Width, got.Height, want)
			}
		}
	}
}

func TestDrawingDoesNotDependOnWorkers(t *testing.T) {
	draw := func(workers int) map[string]string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		dir := t.TempDir()
		if err := write(t.Context(), dir, 3, 1); err != nil {
			t.Fatal(err)
		}
		return files(t, dir)
	}
	one, five := draw(1), draw(5)
	if len(one) != len(classes) || len(five) != len(classes) {
		t.Fatalf("%d and %d pictures, want one per class", len(one), len(five))
	}
	for path := range one {
		if one[path] != five[path] {
			t.Errorf("1 worker and 5 draw different pictures %s", path)
		}
	}
}

func TestNoPictureIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	put := func(content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "dots", "000.jpg"), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := write(t.Context(), dir, 1, 1); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	if err := os.Remove(filepath.Join(dir, "wood", "000.jpg")); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), dir, 1, 1); err != nil {
		t.Errorf("pictures that are there already: %v", err)
	}
	if after := files(t, dir); after["wood/000.jpg"] != before["wood/000.jpg"] {
		t.Error("the missing picture was not drawn again")
	}
	put("mine")
	want := filepath.Join("dots", "000.jpg") + ": something else is there"
	if err := write(t.Context(), dir, 1, 1); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q in it", err, want)
	}
	if got := files(t, dir)["dots/000.jpg"]; got != "mine" {
		t.Errorf("another's picture is overwritten with %d bytes", len(got))
	}
	put(before["dots/000.jpg"])
	if err := write(t.Context(), dir, 2, 1); err == nil || !strings.Contains(err.Error(), "something else is there") {
		t.Errorf("another seed: got error %v", err)
	}
}

func TestInterruptionLeavesNoPicture(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := write(ctx, dir, 1, perClass); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("%d pictures left behind", len(left))
	}
}

func TestEncodedPicturesAreThoseDrawn(t *testing.T) {
	m := picture(0, 0, 1)
	got := must(jpeg.Decode(bytes.NewReader(must(encode(m))(t))))(t)
	var off, n int
	for y := 0; y < m.Rect.Dy(); y += 5 {
		for x := 0; x < m.Rect.Dx(); x += 5 {
			_, a, _, _ := m.At(x, y).RGBA()
			_, b, _, _ := got.At(x, y).RGBA()
			off, n = off+max(int(a>>8)-int(b>>8), int(b>>8)-int(a>>8)), n+1
		}
	}
	if off > 12*n {
		t.Errorf("green is off by %d levels on average", off/n)
	}
}
