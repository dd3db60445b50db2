package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a name from the file system safe to show on one line:
// control characters, which could move the cursor or change colours, direction
// overrides, line separators, characters that XML forbids and bytes that are no
// UTF-8 become escapes.
func Printable(s string) string {
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escapeMarkdown keeps GitHub Markdown from taking part of a name for markup,
// or for the end of a table cell. An underscore inside a word is not markup and
// stays, so that model names remain readable in the source.
func escapeMarkdown(s string) string {
	runes := []rune(s)
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	var b strings.Builder
	for i, r := range runes {
		if strings.ContainsRune("\\|*`<[~&$", r) || r == '_' && !(word(i-1) && word(i+1)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

const undefined = "–"

// decimals gives three places, or up to six where fewer would print the
// half-width as 0.
func decimals(halfWidth float64) int {
	for places := 3; places <= 6; places++ {
		if math.Round(halfWidth*math.Pow10(places)) >= 1 {
			return places
		}
	}
	return 3
}

func fixed(x float64, places int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return undefined
	}
	text := strconv.FormatFloat(x, 'f', places, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-") // what rounds to 0 has no sign
	}
	return text
}

// interval prints "0.478 ± 0.026", or the mean alone where the interval is not of that kind.
func (e Estimate) interval() string {
	mean := fixed(e.Mean, e.places())
	if math.IsNaN(e.HalfWidth) {
		return mean
	}
	return mean + " ± " + fixed(e.HalfWidth, e.places())
}

// signed prints "+0.048 ± 0.026" of a difference.
func (e Estimate) signed() string { return e.sign() + e.interval() }

// signedMean prints "+0.048".
func (e Estimate) signedMean() string { return e.sign() + fixed(e.Mean, e.places()) }

// sign is that of a mean above 0. The others have theirs.
func (e Estimate) sign() string {
	if e.Mean > 0 && fixed(e.Mean, e.places()) != fixed(0, e.places()) {
		return "+"
	}
	return ""
}

// corrected prints "± 0.063".
func (e Estimate) corrected() string {
	if math.IsNaN(e.CorrectedHalfWidth) {
		return undefined
	}
	return "± " + fixed(e.CorrectedHalfWidth, e.places())
}

// bounds prints "[0.780, 0.846]".
func (e Estimate) bounds() string { return brackets(e.Low, e.High, e.places()) }

func (e Estimate) places() int {
	if math.IsNaN(e.HalfWidth) {
		return decimals((e.High - e.Low) / 2)
	}
	return decimals(e.HalfWidth)
}

func brackets(low, high float64, places int) string {
	if math.IsNaN(low) || math.IsNaN(high) {
		return undefined
	}
	return "[" + fixed(low, places) + ", " + fixed(high, places) + "]"
}

func percent(share float64) string {
	if math.IsNaN(share) {
		return undefined
	}
	return fixed(100*share, 1) + " %"
}

// Millions writes a count in millions with three significant digits: 5.07, 10.5, 0.00236. Without a
// positive count it is undefined.
func Millions(n int64) string {
	if n <= 0 {
		return undefined
	}
	millions := float64(n) / 1e6
	places := 2 - int(math.Floor(math.Log10(millions)))
	return strconv.FormatFloat(millions, 'f', max(places, 0), 64)
}
