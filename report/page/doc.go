// Package page writes an evaluation as one HTML file that explains itself: the accuracy of each
// model with what its interval means, curves, a table of classes, the confusion matrix, a map of
// the embeddings, and the pictures behind each of these numbers.
//
// The file needs nothing but a browser. It loads nothing from a network, and its content security
// policy lets no script run but its own, so that a class or file name cannot become code. Data are
// JSON that the script reads; names reach the page as text alone, with control characters and
// direction marks spelt out.
//
// [Thumbnails] makes the small pictures and keeps their sum within a budget, [Write] puts the page
// together. The same input gives the same bytes.
package page
