// Package gallery draws pictures beside what a model says of them, for the eye to judge what a
// number cannot: whether mistakes are the model's, or wrong labels, or pictures that nobody could
// tell apart.
//
//	evaluation → Random or Mistakes → Load → Sheet → WritePNG
//
// [Random] draws pictures by seed, which shows what data and answers are like. [Mistakes] puts the
// pictures that were wrong in any run in order, worst first. [Load] reads the pictures and reduces
// them, many at a time, and [Sheet] lays the tiles out with a caption each.
//
// Pictures are shown whole, not cropped as a model sees them. Thumbnails are for the eye only: they
// are resized by another library than the tensors of models are.
package gallery
