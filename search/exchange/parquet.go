package exchange

import (
	"encoding/hex"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// The names of the columns.
const (
	columnLabel     = "label"
	columnPath      = "path"
	columnHash      = "hash"
	columnCount     = "count"
	columnEmbedding = "embedding"
)

const parquetMagic = "PAR1"

// Bytes of embeddings in a page and in a row group. The writer holds a row group in memory, and
// readers a few pages or a row group.
const (
	pageBytes     = 1 << 20
	rowGroupBytes = 16 << 20
)

// parquetWriterColumn is a column of a table as it is written: required, plain, without
// compression.
type parquetWriterColumn struct {
	name   string
	node   parquet.Node
	values func(row parquet.Row, i, column int) parquet.Row // appends those of row i
}

// parquetWriterColumns are the table's columns.
func (t *Table) parquetWriterColumns() []parquetWriterColumn {
	plain := func(node parquet.Node) parquet.Node { return parquet.Encoded(node, &parquet.Plain) }
	text := func(name string, value func(i int) string) parquetWriterColumn {
		return parquetWriterColumn{name, plain(parquet.String()), func(row parquet.Row, i, column int) parquet.Row {
			return append(row, parquet.ByteArrayValue([]byte(value(i))).Level(0, 0, column))
		}}
	}
	columns := []parquetWriterColumn{text(columnLabel, func(i int) string { return t.Labels[i] })}
	if t.What == Pictures {
		columns = append(columns, text(columnPath, func(i int) string { return t.Files[i] }))
	}
	if t.Hashes != nil {
		columns = append(columns, text(columnHash, func(i int) string { return hex.EncodeToString(t.Hashes[i][:]) }))
	}
	if t.Counts != nil {
		columns = append(columns, parquetWriterColumn{columnCount, plain(parquet.Leaf(parquet.Int64Type)), func(row parquet.Row, i, column int) parquet.Row {
			return append(row, parquet.Int64Value(t.Counts[i]).Level(0, 0, column))
		}})
	}
	list := parquet.List(plain(parquet.Leaf(parquet.FloatType)))
	return append(columns, parquetWriterColumn{columnEmbedding, list, func(row parquet.Row, i, column int) parquet.Row {
		for k, v := range t.row(i) {
			row = append(row, parquet.FloatValue(v).Level(min(k, 1), 1, column))
		}
		return row
	}})
}

// inOrder is a group whose fields keep their order, which [parquet.Group] sorts by name.
type inOrder struct {
	parquet.Group
	names []string
}

func (g inOrder) Fields() []parquet.Field {
	fields := g.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(g.names, a.Name()) - slices.Index(g.names, b.Name())
	})
	return fields
}

// WriteParquet writes a Parquet file: of pictures with the columns label, path, hash and embedding,
// of classes with label, count and embedding, and the model in the key-value metadata. Every
// embedding is a list of D float32. Embeddings hardly compress, so nothing is compressed. The same
// table gives the same bytes.
func WriteParquet(w io.Writer, t *Table) error {
	columns := t.parquetWriterColumns()
	root := inOrder{Group: parquet.Group{}}
	options := []parquet.WriterOption{
		parquet.CreatedBy("vs", schemaVersion, ""),
		parquet.DataPageVersion(1), // which old readers know, too
		parquet.PageBufferSize(pageBytes),
		parquet.MaxRowsPerRowGroup(int64(max(1, rowGroupBytes/(4*t.Dim)))),
		parquet.SkipPageBounds(columnEmbedding, "list", "element"), // nobody looks for the least element
	}
	for _, c := range columns {
		root.names = append(root.names, c.name)
		root.Group[c.name] = c.node
	}
	for key, value := range t.metadata() {
		options = append(options, parquet.KeyValueMetadata(key, value))
	}
	out := parquet.NewWriter(w, append(options, parquet.NewSchema("schema", root))...)
	var row parquet.Row
	for i := range t.Labels {
		row = row[:0]
		for c, column := range columns {
			row = column.values(row, i, c)
		}
		if _, err := out.WriteRows([]parquet.Row{row}); err != nil {
			return err
		}
	}
	return out.Close()
}
