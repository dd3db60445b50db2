package gallery

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"path"

	"vs/data/input"
	"vs/report/origin"
)

// Side is the largest side of a picture on a sheet, in pixels.
const Side = 360

const (
	margin  = 28 // around the sheet and between its tiles
	padding = 12 // within a tile
	caption = 96 // height below the picture
	tileW   = Side + 2*padding
	tileH   = Side + 2*padding + caption
)

var (
	page    = color.Gray{0xea}
	ground  = color.Gray{0xff} // of a tile
	mat     = color.Gray{0xf4} // around a picture
	missing = color.Gray{0xdd} // in the place of a picture
	ink     = color.Gray{0x20}
	faint   = color.Gray{0x5f}
	green   = color.RGBA{0x1b, 0x80, 0x3c, 0xff}
	red     = color.RGBA{0xc2, 0x26, 0x1e, 0xff}
)

// Options of a sheet.
type Options struct {
	Rows, Cols      int    // 0 for 2 rows and for 3 columns
	Title, Subtitle string // above the tiles, one line each
}

// Sheet draws tiles in rows, from left to right. Tiles beyond rows × columns are left out, and rows
// that would be empty are, too.
func Sheet(tiles []Tile, o Options) *image.RGBA {
	rows, cols := o.Rows, o.Cols
	if rows < 1 {
		rows = 2
	}
	if cols < 1 {
		cols = 3
	}
	tiles = tiles[:min(len(tiles), rows*cols)]
	rows = (len(tiles) + cols - 1) / cols

	top := margin
	if o.Title != "" {
		top += 34
	}
	if o.Subtitle != "" {
		top += 26
	}
	if top > margin {
		top += margin / 2
	}
	width := margin + cols*(tileW+margin)
	s := newSheet(image.Rect(0, 0, width, max(top+rows*(tileH+margin), top+margin/2)))
	baseline := margin - 6
	if o.Title != "" {
		baseline += 28
		s.title.write(o.Title, margin, baseline, width-2*margin)
	}
	if o.Subtitle != "" {
		baseline += 26
		s.subtitle.write(o.Subtitle, margin, baseline, width-2*margin)
	}
	for i, t := range tiles {
		s.draw(t, image.Pt(margin+i%cols*(tileW+margin), top+i/cols*(tileH+margin)))
	}
	return s.RGBA
}

// sheet is an image and the pens that write on it.
type sheet struct {
	*image.RGBA
	title, subtitle, key, label, right, wrong, note *pen
}

func newSheet(r image.Rectangle) *sheet {
	m := image.NewRGBA(r)
	draw.Draw(m, r, image.NewUniform(page), image.Point{}, draw.Src)
	return &sheet{
		RGBA:     m,
		title:    newPen(m, bold(), 28, ink),
		subtitle: newPen(m, regular(), 19, faint),
		key:      newPen(m, regular(), 15, faint),
		label:    newPen(m, bold(), 18, ink),
		right:    newPen(m, bold(), 18, green),
		wrong:    newPen(m, bold(), 18, red),
		note:     newPen(m, regular(), 15, faint),
	}
}

// draw draws a tile with its upper left corner at a place.
func (s *sheet) draw(t Tile, at image.Point) {
	frame := image.Rect(0, 0, tileW, tileH).Add(at)
	draw.Draw(s.RGBA, frame, image.NewUniform(ground), image.Point{}, draw.Src)
	place := image.Rect(0, 0, Side, Side).Add(at).Add(image.Pt(padding, padding))
	if t.Image == nil {
		s.drawMissing(t, place)
	} else {
		draw.Draw(s.RGBA, place, image.NewUniform(mat), image.Point{}, draw.Src)
		b := t.Image.Bounds()
		corner := place.Min.Add(place.Size().Sub(b.Size()).Div(2))
		draw.Draw(s.RGBA, b.Sub(b.Min).Add(corner).Intersect(place), t.Image, b.Min, draw.Over)
	}

	ok := t.Target == t.Prediction
	radius := 15
	line := place.Max.Y + 28
	drawMark(s.RGBA, image.Pt(place.Min.X+radius+4, line+8), radius, ok)
	answer := s.wrong
	if ok {
		answer = s.right
	}
	for _, c := range []struct {
		key, label string
		pen        *pen
	}{{"target", t.Target, s.label}, {"predicted", t.Prediction, answer}} {
		s.key.write(c.key, place.Min.X+48, line, 74)
		c.pen.write(c.label, place.Min.X+124, line, place.Dx()-124)
		line += 27
	}
	s.note.write(t.note(), place.Min.X+48, line, place.Dx()-48)
}

// note is the name of the file, and of a picture that several runs evaluate how many of them were
// wrong.
func (t Tile) note() string {
	if t.Evaluated < 2 {
		return path.Base(t.File)
	}
	return fmt.Sprintf("%s, wrong in %d of %d runs", path.Base(t.File), t.Wrong, t.Evaluated)
}

// drawMissing draws a grey field that says why there is no picture.
func (s *sheet) drawMissing(t Tile, place image.Rectangle) {
	draw.Draw(s.RGBA, place, image.NewUniform(missing), image.Point{}, draw.Src)
	why := "no picture"
	if t.Err != nil {
		why = input.Reason(t.Err).Error()
	}
	const pitch = 22
	lines := s.key.wrap(why, place.Dx()-2*margin, 6)
	baseline := place.Min.Y + (place.Dy()-pitch*len(lines))/2 + pitch
	for _, line := range lines {
		s.key.write(line, place.Min.X+(place.Dx()-s.key.drawer.MeasureString(line).Ceil())/2, baseline, place.Dx()-2*margin)
		baseline += pitch
	}
}

// WritePNG writes a sheet.
func WritePNG(w io.Writer, m image.Image) error {
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		return err
	}
	_, err := w.Write(origin.PNG(file.Bytes()))
	return err
}
