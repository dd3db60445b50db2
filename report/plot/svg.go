package plot

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgText is a text as the library writes it: x, the rest of the attributes with the font size, and the content.
var svgText = regexp.MustCompile(`(<text x="[^"]*" y="[^"]*")( transform="[^"]*"\s+style="[^"]*font-size:([0-9.]+)px[^"]*">)([^<]*)</text>`)

// svgStyles names fonts with the widths of Liberation Sans that stand in for it, and keeps the edges of enlarged images
// sharp. Quotes in texts are escaped, so that these never match there.
var svgStyles = strings.NewReplacer(
	`style="font-family:Liberation Sans;`, `style="font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;`,
	`xlink:href="data:image/jpg;`, `style="image-rendering:pixelated" xlink:href="data:image/png;`,
)

// mendSVG gives every text the length that it was measured with, so that no text runs into others in a viewer that lacks
// these fonts. A text with characters of other fonts has not been measured and keeps the length that it has.
func mendSVG(svg string) string {
	svg = svgText.ReplaceAllStringFunc(svg, func(element string) string {
		parts := svgText.FindStringSubmatch(element)
		size, err := strconv.ParseFloat(parts[3], 64)
		if err != nil {
			return element
		}
		text := html.UnescapeString(parts[4])
		style := textStyle(vg.Length(size))
		face := font.DefaultCache.Lookup(style.Font, style.Font.Size)
		var length string
		if !strings.ContainsFunc(text, func(r rune) bool { return !inFont(face, r) }) {
			length = fmt.Sprintf(` textLength="%.5g" lengthAdjust="spacingAndGlyphs"`, face.Width(text).Points())
		}
		return parts[1] + length + ` xml:space="preserve"` + parts[2] + parts[4] + "</text>"
	})
	return svgStyles.Replace(svg)
}
