package plot

import (
	"encoding/xml"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func TestShorten(t *testing.T) {
	style := textStyle(10)
	tests := []struct {
		name, in string
		width    vg.Length
		want     string
	}{
		{"a name that fits stays", "ox", 50, "ox"},
		{"a long one loses its middle", "long-tailed widowbird of the highlands", 100, "long-taile… highlands"},
		{"characters of other fonts are wide", "日本語日本語日本語", 60, "日本語…本語"},
		{"at least the ellipsis is left", "widowbird", 3, "…"},
	}
	for _, test := range tests {
		got := shorten(style, test.in, test.width)
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if got != "…" && textWidth(style, got) > test.width {
			t.Errorf("%s: %q is %v wide, want at most %v", test.name, got, textWidth(style, got), test.width)
		}
	}
}

// Names of classes and models come from the file system and can be anything.
var anyNames = []string{"ash", "a\nb\x00\xff", `<script>alert("1")</script>&amp;`, "日本語", "العربية", "\u202e", "\uffff", "x\ufffd", "   ", ""}

// checkSVG draws a plot as SVG.
func checkSVG(t *testing.T, p *Plot) {
	t.Helper()
	var svg strings.Builder
	if err := p.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	decoder, err := xml.NewDecoder(strings.NewReader(svg.String())), error(nil)
	for err == nil {
		_, err = decoder.Token()
	}
	if err != io.EOF {
		t.Errorf("the SVG is no XML: %v", err)
	}
	if strings.Contains(svg.String(), "<script") {
		t.Error("a name has become markup")
	}
}

func TestPlotsWithAnyNames(t *testing.T) {
	for _, name := range anyNames {
		p, err := ClassSimilarity(name, []string{name}, [][]float64{{1}})
		if err != nil {
			t.Fatal(err)
		}
		checkSVG(t, p)
		if err := p.WritePNG(io.Discard); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzNames draws the name alone, and leaves out the compression of PNG files: a whole plot, of
// which a name touches nothing else, takes a thousand times as long.
func FuzzNames(f *testing.F) {
	for _, name := range anyNames {
		f.Add(name)
	}
	const width, height = 60, 14
	f.Fuzz(func(t *testing.T, name string) {
		style := textStyle(9)
		short := shorten(style, name[:min(len(name), 200)], width)
		if got := textWidth(style, short); short != "…" && got > width {
			t.Errorf("%q is %v wide", short, got)
		}
		p := &Plot{width, height, func(c draw.Canvas) { textBeside(c, style, vg.Point{X: 0, Y: height / 2}, short) }}
		checkSVG(t, p)
		p.raster()
	})
}

func TestCharactersThatTheFontLacks(t *testing.T) {
	known := must(t)(ClassSimilarity("Similarity of classes", []string{"日本"}, identity(1)))
	// In PNG each is a box, in SVG the viewer's fonts show it.
	if d := svgOf(t, known); !d.shows("日本") {
		t.Errorf("texts %q", d.texts)
	}
	dark := 0
	img := pngOf(t, known)
	left, _ := cornerOf(t, img, shade(1))
	for x := range left - 4 {
		for y := range img.Bounds().Dy() {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 0x80 {
				dark++
			}
		}
	}
	if dark < 20 {
		t.Errorf("%d dark pixels where the label should be", dark)
	}
}

func TestTextKeepsItsLengthInOtherFonts(t *testing.T) {
	var svg strings.Builder
	if err := must(t)(ClassSimilarity("Similarity of classes", []string{"agaric", "日本"}, identity(2))).WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	for text := range strings.SplitSeq(svg.String(), "<text ") {
		head, rest, found := strings.Cut(text, ">")
		if !found || !strings.Contains(rest, "</text>") {
			continue
		}
		if fixed := strings.Contains(head, `textLength="`); fixed == strings.HasPrefix(rest, "日本") {
			t.Errorf("text %q: length fixed: %v", rest, fixed)
		}
		if !strings.Contains(head, "'Liberation Sans',Arimo,Arial,") {
			t.Errorf("text %q has no other font to fall back on", rest)
		}
	}
}

// lightness is that of OKLab, for greys as for colours.
func lightness(c color.NRGBA) float64 {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
}

func TestShadesFallEvenlyInLightness(t *testing.T) {
	for i := range 101 {
		share := float64(i) / 100
		want := 0.97 - 0.69*share
		if got := lightness(shade(share)); math.Abs(got-want) > 0.006 { // rounding to 8 bits and no more: none is cut off
			t.Errorf("lightness at %v is %v, want %v", share, got, want)
		}
	}
	if shade(-1) != shade(0) || shade(2) != shade(1) {
		t.Error("shares beyond 0 and 1 have colours of their own")
	}
}

func TestTextOnColoursCanBeRead(t *testing.T) {
	for i := range 101 {
		background := shade(float64(i) / 100)
		text := color.NRGBAModel.Convert(textOn(background)).(color.NRGBA)
		luminance := func(c color.NRGBA) float64 {
			return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B) + 0.05
		}
		a, b := luminance(background), luminance(text)
		if contrast := max(a, b) / min(a, b); contrast < 4.5 {
			t.Errorf("contrast of text at %v is %.1f", float64(i)/100, contrast)
		}
	}
}
