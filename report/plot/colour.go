package plot

import (
	"image/color"
	"math"
)

// palette are colours that people with any common colour vision can tell apart on white: six of
// Okabe and Ito, "Color Universal Design", 2008, and six that are far from these and from each
// other in OKLab, for normal sight and as protanopes and deuteranopes see them.
var palette = []color.Color{
	color.NRGBA{0x00, 0x72, 0xb2, 0xff}, // blue
	color.NRGBA{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	color.NRGBA{0x00, 0x9e, 0x73, 0xff}, // bluish green
	color.NRGBA{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	color.NRGBA{0xe6, 0x9f, 0x00, 0xff}, // orange
	color.NRGBA{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	color.NRGBA{0x3c, 0x0c, 0x0c, 0xff}, // darkest brown
	color.NRGBA{0x00, 0x00, 0x87, 0xff}, // navy
	color.NRGBA{0x7a, 0x3c, 0x3c, 0xff}, // brown
	color.NRGBA{0x1a, 0x1a, 0xff, 0xff}, // pure blue
	color.NRGBA{0x78, 0xe1, 0xb4, 0xff}, // mint
	color.NRGBA{0x87, 0x78, 0xff, 0xff}, // violet
}

// undefinedColour fills cells whose value is not defined.
var undefinedColour = color.Gray{Y: 0xd8}

// shade is the colour of a share from 0 to 1 on a scale from pale yellow over teal to dark blue.
// Lightness falls evenly in OKLab, so that equal differences look equal, also in grey.
func shade(share float64) color.NRGBA {
	share = max(0, min(1, share))
	lightness := 0.97 - 0.69*share
	chroma := 0.05 + 0.025*share + 0.02*math.Sin(math.Pi*share) // within what sRGB can show
	hue := (105 + 160*share) * math.Pi / 180
	return oklch(lightness, chroma, hue)
}

// oklch converts from lightness, chroma and hue to sRGB; see Björn Ottosson, "A perceptual color
// space for image processing", 2020.
func oklch(lightness, chroma, hue float64) color.NRGBA {
	sin, cos := math.Sincos(hue)
	a, b := chroma*cos, chroma*sin
	cube := func(x float64) float64 { return x * x * x }
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	return color.NRGBA{
		gamma(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		gamma(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		0xff,
	}
}

// gamma encodes a linear value for sRGB.
func gamma(x float64) uint8 {
	x = max(0, min(1, x))
	if x <= 0.0031308 {
		x *= 12.92
	} else {
		x = 1.055*math.Pow(x, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * x))
}

// textOn is the colour of text that is read best on a colour: white from the luminance on at which
// it has the better contrast, by the formula of the Web Content Accessibility Guidelines.
func textOn(background color.Color) color.Color {
	n := color.NRGBAModel.Convert(background).(color.NRGBA)
	luminance := 0.2126*linear(n.R) + 0.7152*linear(n.G) + 0.0722*linear(n.B)
	if luminance < 0.179 {
		return color.White
	}
	return color.Black
}

// linear undoes gamma.
func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}
