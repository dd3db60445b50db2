package gallery

import (
	"image"
	"math"

	"github.com/nfnt/resize"
)

// Thumbnail resizes a picture to the largest size that fits into that many pixels and has the
// picture's shape. Small pictures are enlarged. Neither side becomes less than a pixel.
func Thumbnail(img image.Image, width, height int) image.Image {
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || width < 1 || height < 1 {
		return image.NewRGBA(image.Rectangle{})
	}
	scale := min(float64(width)/float64(size.X), float64(height)/float64(size.Y))
	w := max(1, int(math.Round(scale*float64(size.X))))
	h := max(1, int(math.Round(scale*float64(size.Y))))
	return resize.Resize(uint(w), uint(h), img, resize.Lanczos3)
}
