// Package input reads what users give: whole regular files, and text as editors on any system save
// it.
//
// A file that could do harm when it is opened (a pipe that waits forever, a device) or that cannot
// be meant (2 GiB and more) is refused before it is read. Text is UTF-8, with or without a
// byte-order mark, with the line ends of Unix or Windows; what else calls itself text is refused in
// one line that names the place.
//
// [Exhausted] tells an error of the machine, after which the next file fails as well, from one of a
// file.
package input
