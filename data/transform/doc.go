// Package transform turns the bytes of one picture file into the pixels that a timm model expects.
//
// They are the same, bit for bit, as those that Pillow, torchvision and timm's evaluation transform
// make:
//
//	file → RGB → resized to a box of sides floor(side / crop_pct), antialiased → centre crop
//
// The picture covers the box, is squashed into it, or fits into it with a border, as the model
// asks.
//
// What is left of that transform, /255 and (x − mean) / std, package encoder does where the model
// is: pixels of 8 bits are a quarter of the memory to keep and to copy.
//
// A model sees the pictures that it was trained on through exactly this transform, and loses
// accuracy without a word when another decoder, filter or rounding takes its place. So nothing here
// is "close": each step keeps Pillow's order, number formats and rounding, and the tests compare
// hashes.
//
// # Where the time goes
//
// Decoding the JPEG is by far the largest part and is left to libjpeg-turbo. Everything after it is
// one stream: a few rows leave the decoder, are resampled horizontally into 8 bits while they are
// still in the cache, and are kept just as long as an output row needs them. Rows and columns that
// the crop drops are neither transformed back nor resampled, but they are entropy-decoded, because
// a file that ends early is an error wherever it ends. Memory does not grow with the picture,
// except inside libjpeg for progressive files.
//
// # Pictures
//
// JPEG, PNG, GIF (first frame), BMP, TIFF, WebP, HEIC, AVIF and JPEG 2000 are told apart by their
// content, never by the name. What Pillow leaves to a library is left to the same one here, opened
// when the first such picture comes ([Libraries]): so damaged files, too, get the same pixels or
// the same refusal. HEIC and AVIF, which Pillow 9.4 does not read, are what libheif and libavif
// make of them. Pictures become RGB as Pillow's convert("RGB") makes it: alpha and transparency are
// dropped, not blended, 16-bit grey is clipped, CMYK goes through Pillow's formula, EXIF rotation
// is not applied unless the Spec asks for it. A file of more than 178,956,970 pixels is refused
// from its header, as Pillow refuses it. What Pillow tolerates in a damaged file is tolerated, and
// a file that ends before its picture does is an error.
//
// # Training instances
//
// An [Augmentation] makes of each picture a number of instances that are flipped and differ in
// brightness, contrast and saturation, as torchvision's transforms make them on Pillow's pictures,
// to the bit. What is drawn for an instance depends on the file's content and the instance's number
// alone. The file is decoded once for all of them; where instances are resized in another way than
// the plain picture, both ways take the same rows from the decoder.
//
// # Use
//
// A [Spec] says what a model wants; [NewDecoder] makes a [Decoder] for it, one for each goroutine.
// [Decoder.Crop] gives the pixels. [NewAugmenter] makes an [Augmenter], which gives those of
// training instances as well.
package transform
