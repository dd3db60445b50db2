// Package classifier fits linear classifiers to embeddings, without touching the encoder.
//
// A [Spec] names one and its parameters. The linear discriminant lets classes share one covariance,
// which is shrunk towards a multiple of the identity; where the encoder was trained for something
// else it is far more accurate than the mean of each class, because it weighs directions by how
// much pictures of one class differ along them. Least squares on one-hot targets does nearly as
// well. Both are made of sums, so classes still come and go. Softmax regression is there for
// comparison.
//
// Embeddings pass through sign(x)·|x|^p, scaled to length one, before anything else. What is not
// given, the power p and the shrinkage or penalty, is chosen on the training examples alone, by the
// likelihood of the classes of those that are left out. [Spec.LeaveOneOut] is exact.
//
// To add a classifier, implement family and name it in Kinds. Its tests compare with scikit-learn.
//
// Results are float64 and do not depend on the number of workers.
package classifier
