// Package exchange reads and writes embeddings in the formats of other tools.
//
// A [Table] is what all of them hold: one row a class, the class's mean embedding, or one row a
// picture. [Write] and [Read] turn it into a file and back without losing a bit of an embedding:
//
//   - [CSVZip], for pandas.read_csv: a ZIP archive of one CSV file with the columns target, file (of pictures), 0, 1, … D−1;
//   - [NPY], for numpy.load: a float32 array, [N, D], and beside it FILE.txt with a name a line;
//   - [SafeTensors], for safetensors.numpy.load_file: a tensor embeddings, [N, D], and names and model in the metadata;
//   - [Parquet], for pandas, Arrow, DuckDB and Spark: columns label, path, hash and embedding, and the model in the
//     key-value metadata.
//
// The last two say which model the embeddings are from, so that they can be kept from meeting
// another model's.
//
// What is read may come from anywhere. Every reader checks sizes and counts against the size of the
// file before it allocates, and gives a [Table] of complete rows of finite numbers, or an error.
package exchange
