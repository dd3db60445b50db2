// Package head keeps fitted classifiers in files.
//
// A head is the layer on top of a frozen encoder: the weights and biases of a fitted
// [classifier.Linear], with what it takes to use it and to know whether it still fits: its labels,
// how it was fitted, which model embeds pictures for it, and of which classes in which state it was
// made. [Head.Changes] compares these with a database.
//
// The file is a safetensors file: numbers and text, nothing that runs. It has the tensors
// weights, bias and confidences, F64, and in the metadata under "head" a JSON object and under
// "crc32c" the checksum of all four. It holds no time and no path, so that the same head is the
// same file.
package head
