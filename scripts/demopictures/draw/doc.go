// Package draw makes pictures out of nothing: a small data set of a dozen classes for
// demonstrations and tests, where no photographs can be shipped.
//
// Each picture is one scene of its class, drawn from formulas with random size, colours, camera and
// detail, and then spoilt as real pictures are: a part shows something else, things stand in front, light
// falls from one side, the lens blurs and the sensor adds noise. What is drawn depends only on class,
// index and seed.
//
// The pictures are drawn in float64 with operations that give the same result on every machine
// (arithmetic, square roots, Go's portable sine and arctangent; neither exp nor pow). Compilers that fuse a
// multiplication with an addition (arm64, GOAMD64=v3) may still round a pixel to the next level, and
// another release of image/jpeg may encode it to other bytes.
package draw
