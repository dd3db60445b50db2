package transform

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Augmentation says how training instances of a picture are made. The zero value makes none.
type Augmentation struct {
	Instances  int     // of each picture
	Resize     float64 // a side is resized to int(Resize · side of the crop)
	Flip       float64 // probability that an instance is flipped, left to right
	Brightness float64 // x: the factor is drawn between 1 − x and 1 + x; so are the next two
	Contrast   float64
	Saturation float64
}

// DefaultAugmentation is the usual one, apart from the number of instances.
var DefaultAugmentation = Augmentation{Resize: 1.05, Flip: 0.5, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4}

// maxInstances bounds the crops that are made of a picture at once.
const maxInstances = 100

// Validate says what of the Augmentation is unsupported.
func (a Augmentation) Validate() error {
	if a == (Augmentation{}) {
		return nil
	}
	switch {
	case a.Instances < 1 || a.Instances > maxInstances:
		return fmt.Errorf("augmentation: %d instances: want 1 to %d", a.Instances, maxInstances)
	case !(a.Resize >= 1) || math.IsInf(a.Resize, 0):
		return fmt.Errorf("augmentation: resize %v: want a number of 1 or more", a.Resize)
	}
	for _, share := range a.shares() {
		if !(*share.value >= 0 && *share.value <= 1) {
			return fmt.Errorf("augmentation: %s %v: want 0 to 1", share.name, *share.value)
		}
	}
	return nil
}

// share is a number of an Augmentation between 0 and 1.
type share struct {
	name  string
	value *float64
}

func (a *Augmentation) shares() []share {
	return []share{{"flip", &a.Flip}, {"brightness", &a.Brightness}, {"contrast", &a.Contrast}, {"saturation", &a.Saturation}}
}

// String names the Augmentation in one line, which ParseAugmentation reads. That of the zero value
// is empty.
func (a Augmentation) String() string {
	if a == (Augmentation{}) {
		return ""
	}
	number := func(x float64) string { return strconv.FormatFloat(x+0, 'g', -1, 64) } // +0 makes -0 0
	words := []string{fmt.Sprintf("instances=%d", a.Instances), "resize=" + number(a.Resize)}
	for _, share := range a.shares() {
		words = append(words, share.name+"="+number(*share.value))
	}
	return strings.Join(words, " ")
}

// ParseAugmentation reads what String writes, to the letter.
func ParseAugmentation(text string) (Augmentation, error) {
	var a Augmentation
	fields := map[string]*float64{"resize": &a.Resize}
	for _, share := range a.shares() {
		fields[share.name] = share.value
	}
	for _, word := range strings.Fields(text) {
		name, value, _ := strings.Cut(word, "=")
		var err error
		switch field := fields[name]; {
		case name == "instances":
			a.Instances, err = strconv.Atoi(value)
		case field != nil:
			*field, err = strconv.ParseFloat(value, 64)
		}
		if err != nil {
			return Augmentation{}, fmt.Errorf("augmentation: %q in %q is not a number", word, text)
		}
	}
	// Whatever was not understood, or is written in another way, does not come back as it was.
	if a.String() != text {
		return Augmentation{}, fmt.Errorf("unknown augmentation %q", text)
	}
	return a, a.Validate()
}

// layout is how the pictures are resized and cropped, where s says how the plain ones are.
func (a Augmentation) layout(s Spec) (layout, error) {
	height, width := math.Floor(a.Resize*float64(s.Height)), math.Floor(a.Resize*float64(s.Width))
	if longer := max(height, width); longer > maxSide {
		return layout{}, fmt.Errorf("augmentation: resize %v resizes a side to %.0f pixels: want at most %d", a.Resize, longer, maxSide)
	}
	return s.layoutWithin(int(height), int(width), filterBicubic), nil
}

// The enhancements, in the order of their factors in a variation. C knows the numbers.
const (
	brightness = iota
	contrast
	saturation
)

// orders are those in which the enhancements can follow one another, as they are numbered by the
// draw.
var orders = [6][3]int{
	{brightness, contrast, saturation},
	{brightness, saturation, contrast},
	{contrast, brightness, saturation},
	{contrast, saturation, brightness},
	{saturation, brightness, contrast},
	{saturation, contrast, brightness},
}

// variation is what makes an instance of a picture.
type variation struct {
	flip   bool
	order  [3]int
	factor [3]float64
}

// draw returns the variation of an instance, counted from 1, of the picture whose file has this
// SHA-256. It depends on nothing else.
//
// A generator, PCG-DXSM of 128 bits, begins with the first 16 bytes of SHA-256(hash ‖ instance as 8
// bytes, little-endian), a big-endian number. It gives five numbers from 0 to 1, the upper 53 bits
// of each output: for the flip, which is made if the number is less than its probability; for the
// order, the int(6 · number)-th; and for the factors of brightness, contrast and saturation.
func (a Augmentation) draw(hash [32]byte, instance int) (v variation) {
	var seeded [40]byte
	copy(seeded[:], hash[:])
	binary.LittleEndian.PutUint64(seeded[len(hash):], uint64(instance))
	seed := sha256.Sum256(seeded[:])
	generator := rand.NewPCG(binary.BigEndian.Uint64(seed[:]), binary.BigEndian.Uint64(seed[8:]))
	number := func() float64 { return float64(generator.Uint64()>>11) / (1 << 53) }
	v.flip = number() < a.Flip
	v.order = orders[int(6*number())]
	for i, x := range [3]float64{a.Brightness, a.Contrast, a.Saturation} {
		low, high := 1-x, 1+x
		v.factor[i] = low + float64((high-low)*number()) // without the conversion it may be rounded once only
	}
	return v
}
