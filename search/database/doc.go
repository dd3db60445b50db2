// Package database keeps the embeddings of pictures in a file. It needs no libtorch.
//
// A database belongs to one model, because embeddings of two models cannot be compared: [DB.Bind]
// refuses another one. It has a row for each picture, with its embedding and the SHA-256 of the
// file's content, so that a picture is embedded once under whatever name it comes, and a row for
// each class, with the sum and the number of its pictures' vectors, so that the mean of a class is
// there without reading its pictures. Classes come, go and change their names ([DB.Remove],
// [DB.Rename], [DB.Merge]) without any other class's rows changing.
//
// A [Session] stores pictures in batches, each a transaction; the package vs/search/ingest conducts
// it. [DB.Load] reads all pictures into memory as [Embeddings], [DB.Classes] the classes with their
// means, and the package vs/search answers from either. [DB.Import] and [DB.Export] exchange tables
// with other tools in the formats of vs/search/exchange.
//
// The file is a SQLite database. Every row has a checksum, and a row above others the sum of
// theirs, so that what is damaged or missing is an error and not a wrong answer; [DB.Verify] checks
// all of it. Tables of older versions are read as they are and brought up to date by the first
// command that writes.
package database
