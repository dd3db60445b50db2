// Package classifier fits linear classifiers to embeddings, without a training loop and without
// touching the encoder.
//
// [LDA] is the linear discriminant: classes share one covariance, which is shrunk towards a
// multiple of the identity. Where the encoder was trained for something else it is far more
// accurate than the mean of each class, because it weighs directions by how much pictures of one
// class differ along them. What it needs of the pictures are sums, so classes still come and go: the
// sum and the number of each class, and one matrix of products for all.
//
// Embeddings pass through sign(x)·|x|^p, scaled to length one, before anything else. What is not
// given, the power p and the shrinkage, is chosen on the training pictures alone, by the likelihood
// of each one's class when it is left out.
//
// Results are float64 and do not depend on the number of workers. Of equal scores the class that
// comes first wins.
package classifier
