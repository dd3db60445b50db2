// Package encoder turns pictures into embeddings with a traced model.
//
// A model file is a TorchScript archive with an extra file, vs.json, that says what the model is
// and how a picture must be prepared for it (see [Metadata]). scripts/trace_timm.py makes such
// files; a file without vs.json is refused, because a model that is fed with another model's size,
// mean or crop loses accuracy without notice.
//
// On the CPU each picture passes through the model alone, on one of a few workers that have one
// thread each. Small batches are faster there, since activations stay in the cache, and a picture's
// embedding then depends on nothing but the picture and the model: not on its neighbours in a
// batch, nor on the number of workers. Pixels come as 8 bits a channel and are normalised on the
// model's device, in torchvision's arithmetic to the bit.
//
// On CUDA pictures pass in batches of one size, the last one padded, and one batch is copied to the
// device while another is computed. A batch that does not fit into memory is halved.
package encoder
