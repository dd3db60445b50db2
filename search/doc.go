// Package search tells classes apart by embeddings, and measures how well it does.
//
// The mean embedding of a class represents the class; a picture gets the label of the class whose
// mean has the largest cosine similarity to its embedding. The mean is the default and the fastest
// [Method]; others are medians, medoids, several prototypes per class, and a vote of the most
// similar pictures, by other metrics than the cosine where that means something.
//
// [Index] answers queries with one matrix product. [Evaluate] does the same for many splits at
// once, on embeddings that exist already, and [LeaveOneOut] for each picture without itself.
// [Nearest] finds the most similar pictures.
//
// Embeddings come from vs/search/database. To add a method, begin with [Method] in method.go:
// pool.go makes the vectors of a class, and loo_vectors.go those of a class without one picture.
//
// Results do not depend on the number of workers: sums are float64 in the order of labels and
// names, and of equal similarities the class that comes first wins.
package search
