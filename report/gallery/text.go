package gallery

import (
	"image"
	"image/color"
	"strings"
	"sync"
	"unicode"

	"vs/report"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

var (
	regular = sync.OnceValue(func() *sfnt.Font { return mustParse(liberationsansregular.TTF) })
	bold    = sync.OnceValue(func() *sfnt.Font { return mustParse(liberationsansbold.TTF) })
)

// mustParse panics for a font that is compiled in and broken.
func mustParse(ttf []byte) *sfnt.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err)
	}
	return f
}

// pen writes in one font, size and colour on one image. It serves one goroutine.
type pen struct {
	font   *sfnt.Font
	drawer font.Drawer
}

// newPen makes a pen for a height of the letters' em in pixels.
func newPen(dst *image.RGBA, f *sfnt.Font, size float64, c color.Color) *pen {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic(err) // only fonts that are broken have no face
	}
	return &pen{f, font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: face}}
}

// write writes a line at a baseline, no wider than that many pixels, and returns how wide it has
// become.
func (p *pen) write(s string, x, baseline, width int) int {
	p.drawer.Dot = fixed.P(x, baseline)
	p.drawer.DrawString(p.shorten(p.covered(report.Printable(s)), width))
	return p.drawer.Dot.X.Ceil() - x
}

// shorten makes a text fit into a width, with an ellipsis for what it leaves out in the middle: the
// ends of names tell most.
func (p *pen) shorten(s string, width int) string {
	fits := func(s string) bool { return p.drawer.MeasureString(s) <= fixed.I(width) }
	if fits(s) {
		return s
	}
	runes := []rune(s)
	for kept := min(len(runes)-1, width); kept > 0; kept-- {
		head := (kept + 1) / 2
		if short := string(runes[:head]) + "…" + string(runes[len(runes)-kept+head:]); fits(short) {
			return short
		}
	}
	return "…"
}

// wrap breaks a text between words into at most that many lines of a width.
func (p *pen) wrap(s string, width, lines int) []string {
	words := strings.Fields(p.covered(report.Printable(s)))
	var wrapped []string
	for len(words) > 0 {
		n := 1
		for n < len(words) && p.drawer.MeasureString(strings.Join(words[:n+1], " ")) <= fixed.I(width) {
			n++
		}
		if len(wrapped) == lines-1 {
			n = len(words)
		}
		wrapped = append(wrapped, p.shorten(strings.Join(words[:n], " "), width))
		words = words[n:]
	}
	return wrapped
}

// covered replaces characters that the font lacks. Accents are put together with their letters
// first, as file names of macOS need it; marks and joiners that are still not there go without a
// trace.
func (p *pen) covered(s string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		glyph, err := p.font.GlyphIndex(&buffer, r)
		switch {
		case err == nil && glyph != 0:
			return r
		case unicode.In(r, unicode.M, unicode.Cf):
			return -1
		}
		return '\uFFFD'
	}, norm.NFC.String(s))
}
