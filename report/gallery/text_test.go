package gallery

import (
	"image"
	"image/color"
	"strings"
	"testing"
	"unicode"

	"vs/report"

	"golang.org/x/image/math/fixed"
)

func testPen() *pen {
	return newPen(image.NewRGBA(image.Rect(0, 0, 400, 40)), regular(), 16, color.Black)
}

func TestTextsThatAreDrawn(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain", "grey fox", "grey fox"},
		{"letters of other alphabets", "Füchse, лисы, αλεπού", "Füchse, лисы, αλεπού"},
		{"an accent of its own, as in file names of macOS", "Fu\u0308chse", "Füchse"},
		{"characters that the font lacks", "狐 fox", "\uFFFD fox"},
		{"an emoji with its selector", "a\u2b50\ufe0f", "a\uFFFD"},
		{"control characters", "a\tb\x1b[31m", `a\tb\x1b[31m`},
		{"direction override", "gnp\u202egpj", `gnp\u202egpj`},
		{"line separator", "a\u2028b", `a\u2028b`},
		{"no UTF-8", "a\xff", `a\xff`},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := testPen().covered(report.Printable(test.text)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	p := testPen()
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"grey fox", 200, "grey fox"},
		{"n02099712_labrador_retriever", 100, "n0209…etriever"},
		{"n02099712_labrador_retriever", 10, "…"},
		{"n02099712_labrador_retriever", 0, "…"},
		{"", 0, ""},
	} {
		got := p.shorten(test.text, test.width)
		if !matches(got, test.want) {
			t.Errorf("%q in %d pixels is %q, want about %q", test.text, test.width, got, test.want)
		}
	}
}

// matches reports whether two texts have the same first and last letters and an ellipsis, or none,
// between them.
func matches(a, b string) bool {
	headA, tailA, cutA := strings.Cut(a, "…")
	headB, tailB, cutB := strings.Cut(b, "…")
	if !cutA || !cutB || headA == "" || headB == "" {
		return a == b
	}
	return headA[:2] == headB[:2] && strings.HasSuffix(tailA, tailB[len(tailB)-3:])
}

func TestWrap(t *testing.T) {
	p := testPen()
	text := "picture of 60000x60000 pixels: more than 178956970, taken for a decompression bomb"
	lines := p.wrap(text, 200, 6)
	if len(lines) < 3 || strings.Join(lines, " ") != text {
		t.Errorf("%q", lines)
	}
	short := p.wrap(text, 200, 2)
	if len(short) != 2 || !strings.Contains(short[1], "…") {
		t.Errorf("%q, want two lines of which the last is shortened", short)
	}
	for _, line := range append(lines, short...) {
		if p.drawer.MeasureString(line) > fixed.I(200) {
			t.Errorf("%q is too wide", line)
		}
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("grey fox", 50)
	f.Add("Fu\u0308chse\t狐\xff\u202e", 90)
	p := testPen()
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = min(max(width, 0), 1000)
		got := p.shorten(p.covered(report.Printable(text)), width)
		if p.drawer.MeasureString(got) > fixed.I(width) && got != "…" {
			t.Errorf("%q in %d pixels is %q: too wide", text, width, got)
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q has control characters", got)
		}
	})
}
