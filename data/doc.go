// Package data brings pictures from the disk to the encoder: it finds them, splits them and
// turns them into pixels.
//
// # Class folders
//
// A data set is a folder that holds one folder per class; the folder's name is the label:
//
//	animals/
//	    cat/   1.jpg  2.jpg  3.png
//	    dog/   a.jpg  b.webp
//
// [OpenFolder] lists it. Labels are in byte order, and so are the pictures of a label, on every
// machine and file system, so a picture's index means the same everywhere. What is not a picture
// (hidden files, other endings) is left out and counted, never dropped in silence; so are pictures
// in folders below class folders, which the option [Nested] takes as ImageFolder of torchvision
// does. [Folder.Subset], [ShareOfLabels] and [Folder.Limit] choose a part of it.
//
// # Seeded splits
//
// [Splits] deals the pictures of each class into training, validation and test parts, once for each
// run. It draws its permutations from a [Generator]. With torch's CPU generator as the Generator
// the splits are those that Python's torch.randperm gives for the same seed, so a result can be
// compared with Python's picture by picture.
//
// [KFold] validates every picture exactly once; [Bootstrap] draws the training part with
// replacement and validates what is left. A [SplitFile] keeps one split with the contents of its
// pictures, so that it can be evaluated again after the folder has grown or moved.
//
// # The loader
//
// [Loader] reads, hashes and decodes pictures on several goroutines and hands them out in the order
// of the paths. What it delivers does not depend on the number of workers. The memory that it uses
// depends on the window of [LoaderOptions].Ahead, not on the number of pictures. A picture that
// cannot be read or decoded arrives as an [Item] with its error and stops nothing.
package data
