// Package torchscript reads TorchScript files without libtorch and checks what libtorch itself
// takes on trust.
//
// A TorchScript file is a ZIP archive: a pickle with the module's attributes, one with the
// constants of its code, the bytes of their tensors, an entry each, and the code as text. libtorch
// believes what the pickles say about those bytes, ignores checksums, and unpacks whatever it
// finds. So [Check] reads the archive first, and gives libtorch another one that holds nothing but
// what has been checked: each entry once, unpacked, of the length and checksum that the directory
// says, each tensor within its bytes, and code that a compiler which recurses can read.
//
// What the code computes is not looked at here: package torch does so once libtorch has compiled
// it.
package torchscript
