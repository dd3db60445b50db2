package plot

import (
	"bytes"
	"fmt"
	"image"
	imagedraw "image/draw"
	"io"
	"math"
	"path/filepath"
	"strings"

	"vs/data/atomicfile"
	"vs/report/origin"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// dotsPerInch of PNG files: two pixels a point.
const dotsPerInch = 144

// Plot is a drawing, which each format draws again. The same plot always gives the same bytes.
type Plot struct {
	width, height vg.Length // whole points, so that PNG files have whole pixels
	draw          func(c draw.Canvas)
}

// WritePNG draws the plot with 144 dots per inch.
func (p *Plot) WritePNG(w io.Writer) error {
	var file bytes.Buffer
	_, err := (vgimg.PngCanvas{Canvas: p.raster()}).WriteTo(&file)
	if err == nil {
		_, err = w.Write(origin.PNG(file.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("draw PNG: %w", err)
	}
	return nil
}

// raster draws the plot as a PNG file shows it.
func (p *Plot) raster() *vgimg.Canvas {
	canvas := vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(dotsPerInch))
	p.draw(draw.New(pngCanvas{canvas}))
	return canvas
}

// pngCanvas is the library's canvas, but draws a box for each character that the font lacks, which
// would leave no trace otherwise.
type pngCanvas struct{ *vgimg.Canvas }

func (c pngCanvas) FillString(face font.Face, at vg.Point, s string) {
	c.Canvas.FillString(face, at, strings.Map(func(r rune) rune {
		if inFont(face, r) {
			return r
		}
		return '□'
	}, s))
}

// DrawImage copies an image that has a pixel for each of the canvas.
func (c pngCanvas) DrawImage(area vg.Rectangle, img image.Image) {
	_, height := c.Size()
	corner := image.Pt(pixels(area.Min.X), pixels(height-area.Max.Y))
	imagedraw.Draw(c.Image(), img.Bounds().Add(corner), img, img.Bounds().Min, imagedraw.Src)
}

// pixels of a PNG file.
func pixels(length vg.Length) int { return int(math.Round(length.Dots(dotsPerInch))) }

// WriteSVG draws the plot with text as text: it can be searched and copied, and characters that the
// font of PNG files lacks are shown where the viewer has another font for them.
func (p *Plot) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(p.width, p.height)
	p.draw(draw.New(canvas))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return fmt.Errorf("draw SVG: %w", err)
	}
	if _, err := io.WriteString(w, mendSVG(svg.String())); err != nil {
		return fmt.Errorf("draw SVG: %w", err)
	}
	return nil
}

// add adds name.png and name.svg to the files of a folder.
func (p *Plot) add(files *atomicfile.Group, dir, name string) error {
	if err := files.Add(filepath.Join(dir, name+".png"), p.WritePNG); err != nil {
		return err
	}
	return files.Add(filepath.Join(dir, name+".svg"), p.WriteSVG)
}
