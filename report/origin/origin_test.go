package origin_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"vs/report/origin"
)

func TestAMarkedPNGIsAPNG(t *testing.T) {
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	// The decoder checks the CRC of chunks that it does not know.
	if m, err := png.Decode(bytes.NewReader(origin.PNG(plain.Bytes()))); err != nil || m.Bounds().Dx() != 3 {
		t.Errorf("%v, %v", m, err)
	}
}

func TestOf(t *testing.T) {
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	marked := string(origin.PNG(plain.Bytes()))
	tests := []struct {
		name, content string
		want          bool
	}{
		{"a.png", marked, true},
		{"a.PNG", marked, true},
		{"of somebody else.png", plain.String(), false},
		{"cut.png", marked[:20], false},
		{"empty.png", "", false},
		{"a.svg", "<?xml version='1.0'?>\n" + origin.SVG + "\n<svg/>", true},
		{"of somebody else.svg", "<svg/>", false},
		{"a.html", `<!DOCTYPE html><head><meta name="generator" content="vs"></head>`, true},
		{"of somebody else.html", "<!DOCTYPE html><p>vs</p>", false},
		{"a.csv", "model,method,share\n", true},
		{"of somebody else.csv", "id,name\n", false},
		{"another format.txt", "model,method,share\n", false},
	}
	dir := t.TempDir()
	for _, tt := range tests {
		path := filepath.Join(dir, tt.name)
		if err := os.WriteFile(path, []byte(tt.content), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := origin.Of(path); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if origin.Of(filepath.Join(dir, "missing.png")) || origin.Of(dir) {
		t.Error("what is not a file is one of vs")
	}
}
