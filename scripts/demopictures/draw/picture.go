package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"strings"
)

// PerClass is how many pictures WriteAll makes of each class.
const PerClass = 30

// class is one kind of scene and how far the camera may turn (radians) and tilt before it.
type class struct {
	name       string
	paint      func(*canvas, *rand.Rand)
	roll, tilt float64
}

// classes are in the order of their names, as a data set's labels are.
var classes = []class{
	{"bricks", bricks, .2, .4},
	{"checkers", checkers, .7, .4},
	{"city", city, .15, 0},
	{"clouds", clouds, .3, .2},
	{"grass", grass, .3, .2},
	{"leaves", leaves, 3, .3},
	{"marble", marble, .8, .3},
	{"rings", rings, 3, .4},
	{"scales", scales, .3, .3},
	{"stars", stars, 3, .3},
	{"waves", waves, .15, .1},
	{"wood", wood, .5, .3},
}

// Classes lists the names of the classes, sorted.
func Classes() []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.name
	}
	return names
}

// Picture draws one picture. The index may be any number from 0 up; the same class, index and seed
// give the same picture.
func Picture(class string, index int, seed uint64) (image.Image, error) {
	r, k, err := source(class, index, seed)
	if err != nil {
		return nil, err
	}
	return picture(r, k), nil
}

// JPEG is Picture as the bytes of a JPEG file, of a quality drawn with the picture.
func JPEG(class string, index int, seed uint64) ([]byte, error) {
	r, k, err := source(class, index, seed)
	if err != nil {
		return nil, err
	}
	m := picture(r, k)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 55 + r.IntN(38)}); err != nil {
		return nil, fmt.Errorf("encode picture %d of %s: %w", index, class, err)
	}
	return out.Bytes(), nil
}

// source finds the class and the random numbers of a picture, which no other picture of the seed shares.
func source(name string, index int, seed uint64) (*rand.Rand, int, error) {
	k := slices.IndexFunc(classes, func(c class) bool { return c.name == name })
	if k < 0 {
		return nil, 0, fmt.Errorf("draw picture: unknown class %q; have %s", name, strings.Join(Classes(), ", "))
	}
	if index < 0 {
		return nil, 0, fmt.Errorf("draw picture of %s: index %d is below 0", name, index)
	}
	return rand.New(rand.NewPCG(seed, uint64(k)<<32^uint64(index))), k, nil
}

func picture(r *rand.Rand, k int) image.Image {
	w, h := size(r)
	c := scene(r, k, w, h)
	if chance(r, mixed) {
		other := (k + 1 + r.IntN(len(classes)-1)) % len(classes)
		c.intrude(r, scene(r, other, w, h))
	}
	if chance(r, cluttered) {
		c.clutter(r)
	}
	c.light(r)
	c.blur(pick(r, 0, 0, 0, 1, 1, 2))
	c.speckle(r, between(r, 0, .06))
	if chance(r, .04) {
		return c.grey()
	}
	return c.rgba()
}

// scene draws the class alone, before anything spoils it.
func scene(r *rand.Rand, k, w, h int) *canvas {
	a := classes[k]
	c := newCanvas(w, h, between(r, -a.roll, a.roll), between(r, -a.tilt, a.tilt))
	a.paint(c, r)
	return c
}

// size draws width and height: mostly small, in the shapes that cameras and screens have.
func size(r *rand.Rand) (w, h int) {
	short := between(r, 240, 340)
	if chance(r, .06) {
		short = between(r, 340, 600)
	}
	long := short * pick(r, 1, 1.1, 1.25, 4./3, 4./3, 1.5)
	if chance(r, .4) {
		return int(short), int(long)
	}
	return int(long), int(short)
}
