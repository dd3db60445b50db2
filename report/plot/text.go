package plot

import (
	"image/color"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"vs/report"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	ink      = color.Gray{Y: 0x22} // text
	faint    = color.Gray{Y: 0xe4} // grid
	axisLine = color.Gray{Y: 0x80}
)

// textStyle is Liberation Sans, which comes with the plotting library.
func textStyle(size vg.Length) draw.TextStyle {
	return draw.TextStyle{
		Color:   ink,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		Handler: plot.DefaultTextHandler,
	}
}

// textBeside draws a text with the middle of its small letters and digits at the height of a point.
func textBeside(c draw.Canvas, style draw.TextStyle, at vg.Point, s string) {
	along := vg.Length(style.XAlign) * textWidth(style, s) // where the text begins
	style.XAlign, style.YAlign = draw.XLeft, draw.YCenter
	lift := 0.07 * style.Font.Size // the middle of the font lies lower
	sin64, cos64 := math.Sincos(style.Rotation)
	sin, cos := vg.Length(sin64), vg.Length(cos64)
	c.FillText(style, at.Add(vg.Point{X: along*cos - lift*sin, Y: along*sin + lift*cos}), s)
}

// textWidth is the width of a text. A character beyond those of the embedded font may be shown in
// another font; it is taken to be as wide as the font is high.
func textWidth(style draw.TextStyle, s string) vg.Length {
	face := font.DefaultCache.Lookup(style.Font, style.Font.Size)
	known := strings.Map(func(r rune) rune {
		if inFont(face, r) {
			return r
		}
		return -1
	}, s)
	others := utf8.RuneCountInString(s) - utf8.RuneCountInString(known)
	return face.Width(known) + vg.Length(others)*style.Font.Size
}

func inFont(face font.Face, r rune) bool {
	glyph, err := face.Face.GlyphIndex(nil, r)
	return err == nil && glyph != 0
}

// shorten makes a name fit into a width, with an ellipsis for what it leaves out in the middle: the
// ends of names tell most.
func shorten(style draw.TextStyle, s string, width vg.Length) string {
	s = report.Printable(s)
	if textWidth(style, s) <= width {
		return s
	}
	runes := []rune(s)
	for kept := min(len(runes)-1, int(math.Ceil(float64(4*width/style.Font.Size)))); kept > 0; kept-- {
		head := (kept + 1) / 2
		short := string(runes[:head]) + "…" + string(runes[len(runes)-(kept-head):])
		if textWidth(style, short) <= width {
			return short
		}
	}
	return "…"
}

func shortenAll(style draw.TextStyle, names []string, width vg.Length) []string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = shorten(style, name, width)
	}
	return short
}

// widest is the width of the widest text, in whole points.
func widest(style draw.TextStyle, texts []string) vg.Length {
	var width vg.Length
	for _, text := range texts {
		width = max(width, textWidth(style, text))
	}
	return vg.Length(math.Ceil(float64(width)))
}

// number prints a number with a fixed count of places and a true minus sign.
func number(x float64, places int) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', places, 64), "-", "−", 1)
}

func percent(share float64) string { return number(100*share, 1) + " %" }
