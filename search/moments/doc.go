// Package moments adds up the features of embeddings exactly. It needs no libtorch.
//
// A linear discriminant and least squares need two sums of the features t of all pictures: Σt of
// each class, and Σttᵀ of all together. Floating-point sums depend on their order, and what was
// added cannot be taken out again to the bit. So features are rounded to whole multiples of 2⁻³⁰,
// which is below what float32 embeddings resolve, and their sums and products are integers: Σttᵀ is
// the same in whatever order, blocks and by whatever library it was added up, and taking a picture
// out leaves what would be there without it.
//
// Matrix products of floating-point numbers are fast, and exact as long as no sum needs more than
// 53 bits. Therefore a feature is split into a high and a low part of 16 bits, as in Ozaki, Ogita,
// Oishi and Rump, Error-free transformations of matrix multiplication by using fast routines of
// matrix multiplication, Numerical Algorithms 59, 2012. A [Multiply] computes the products of the
// parts, and [Products] adds them up in integers of 128 bits.
package moments
