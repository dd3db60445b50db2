package transform

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"vs/data/transform/internal/plainjpeg"
)

// photograph is a JPEG (4:2:0) of about the detail of a photograph.
func photograph(tb testing.TB, w, h int) []byte {
	tb.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	noise := uint32(1)
	for y := range h {
		for x := range w {
			noise = noise*1664525 + 1013904223
			v := uint8(noise >> 29)
			m.SetNRGBA(x, y, color.NRGBA{uint8(x*255/w) + v, uint8(y*255/h) + v, uint8((x/16^y/16)*8) + v, 255})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 85}); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkJPEG(b *testing.B) {
	for _, size := range []struct {
		name string
		w, h int
	}{{"300x300", 300, 300}, {"500x375", 500, 375}, {"1600x1200", 1600, 1200}, {"12MP", 4000, 3000}} {
		file := photograph(b, size.w, size.h)
		b.Run(size.name+"/decode only", func(b *testing.B) {
			for b.Loop() {
				plainjpeg.Decode(file)
			}
		})
		b.Run(size.name+"/crop", func(b *testing.B) {
			d := mustDecoder(b, imageNet)
			dst := make([]uint8, 3*224*224)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Crop(dst, file); err != nil {
					b.Fatal(err)
				}
			}
		})
		for i, name := range kernels() {
			b.Run(size.name+"/crop "+name, func(b *testing.B) {
				d, err := newDecoder(imageNet, i)
				if err != nil {
					b.Fatal(err)
				}
				defer d.Close()
				dst := make([]uint8, 3*224*224)
				for b.Loop() {
					if _, err := d.Crop(dst, file); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
