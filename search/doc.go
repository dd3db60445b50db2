// Package search keeps embeddings in a database file and answers queries from them.
//
// The mean embedding of a class stands for the class; a picture gets the label of the class whose mean has the
// largest cosine similarity to its embedding. Since an embedding never changes under a fixed model and transform,
// [DB] keeps each picture's embedding with the SHA-256 of the file's content, and for each class the sum and the number
// of its embeddings. A database belongs to one model: [DB.Bind] refuses another one.
//
// [DB.Ingest] brings a folder of pictures into a database and embeds only what is new. [Index] answers queries with one
// matrix product. [Evaluate] does the same for many splits at once, on embeddings that exist already, and [LeaveOneOut]
// for each picture without itself.
//
// The mean is the default and the fastest [Method]; others are medians, medoids, several prototypes a class, and a vote of
// the most similar pictures, by other metrics than the cosine where that means something.
//
// Results do not depend on the number of workers: sums are float64 in the order of labels and names, and of equal
// similarities the class that comes first wins.
package search
