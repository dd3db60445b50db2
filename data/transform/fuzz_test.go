package transform

import (
	"errors"
	"image"
	"strings"
	"testing"
)

func FuzzDecode(f *testing.F) {
	for _, x := range readFixtures(f) {
		f.Add(x.file)
	}
	s := imageNet
	s.Height, s.Width = 20, 20
	d := mustDecoder(f, s)
	dst := make([]uint8, 3*s.Height*s.Width)
	f.Fuzz(func(t *testing.T, file []byte) {
		if claimsMany(d, file) {
			t.Skip("more pixels than a fuzzer has time for")
		}
		info, err := d.Crop(dst, file)
		if err != nil {
			if text := err.Error(); text == "" || strings.ContainsAny(text, "\n\r") {
				t.Errorf("error of more or less than a line: %q", text)
			}
			return
		}
		if info.Format == "" || info.Mode == "" || info.Width < 1 || info.Height < 1 {
			t.Errorf("incomplete %+v", info)
		}
	})
}

// claimsMany reports whether the file claims a large picture, in the formats where few bytes can
// keep a decoder busy with many pixels.
func claimsMany(d *Decoder, file []byte) bool {
	var c image.Config
	var err error
	switch format(file) {
	case "jpeg":
		c.Width, c.Height, _, err = d.core.openJPEG(file)
	case "webp", "heic", "avif", "jp2":
		if format(file) == "heic" && !soundReferences(file) {
			return false
		}
		_, _ = libraries[format(file)].Decode(file, func(w, h int) error {
			c.Width, c.Height = w, h
			return errors.New("not now")
		})
	case "bmp":
		h, _ := readBMPHeader(file)
		c.Width, c.Height = h.width, h.height
	case "tiff":
		tags, _ := readTIFFTags(file)
		c.Width, c.Height = tags.first(tiffWidth, 0), tags.first(tiffHeight, 0)
	}
	return err == nil && c.Width*c.Height > 1<<20
}
