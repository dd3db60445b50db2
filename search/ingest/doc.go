// Package ingest brings a folder of pictures into a database: it reads and decodes them, has those
// embedded whose content is new, and stores the embeddings, all at the same time and in the order
// of the folder.
//
// It stands between vs/data, which reads, an [Embedder], which is the encoder, and
// vs/search/database, which stores; it knows neither a model nor a table.
package ingest
