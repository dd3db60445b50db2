package exchange

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"io"
	"math"
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

// Bytes of embeddings in a page and in a row group. Readers hold a few pages, and some a row group, in memory.
const (
	pageBytes     = 1 << 20
	rowGroupBytes = 16 << 20
)

// parquetChunk is a column of a table as it is written: required, without compression, and plain.
type parquetChunk struct {
	name   string
	kind   int64                                  // physical type
	values int                                    // of a row: 1, or D of a list
	plain  func(page []byte, from, to int) []byte // appends the values of some rows
}

func (c *parquetChunk) isList() bool { return c.name == columnEmbedding }

// columns are the table's columns.
func (t *Table) columns() []parquetChunk {
	texts := func(text func(i int) string) func([]byte, int, int) []byte {
		return func(page []byte, from, to int) []byte {
			for i := from; i < to; i++ {
				page = binary.LittleEndian.AppendUint32(page, uint32(len(text(i))))
				page = append(page, text(i)...)
			}
			return page
		}
	}
	columns := []parquetChunk{{columnLabel, typeByteArray, 1, texts(func(i int) string { return t.Labels[i] })}}
	if t.What == Pictures {
		columns = append(columns, parquetChunk{columnPath, typeByteArray, 1, texts(func(i int) string { return t.Files[i] })})
	}
	if t.Hashes != nil {
		columns = append(columns, parquetChunk{columnHash, typeByteArray, 1, texts(func(i int) string { return hex.EncodeToString(t.Hashes[i][:]) })})
	}
	if t.Counts != nil {
		columns = append(columns, parquetChunk{columnCount, typeInt64, 1, func(page []byte, from, to int) []byte {
			for _, n := range t.Counts[from:to] {
				page = binary.LittleEndian.AppendUint64(page, uint64(n))
			}
			return page
		}})
	}
	return append(columns, parquetChunk{columnEmbedding, typeFloat, t.Dim, func(page []byte, from, to int) []byte {
		for _, v := range t.Rows[from*t.Dim : to*t.Dim] {
			page = binary.LittleEndian.AppendUint32(page, math.Float32bits(v))
		}
		return page
	}})
}

// WriteParquet writes a Parquet file: of pictures with the columns label, path, hash and embedding, of classes with label,
// count and embedding, and the model in the key-value metadata. Every embedding is a list of D float32.
//
// A table needs so little of the format that the writer is our own: parquet-go, which the tests read the files with, would
// make the program half as large again. Embeddings hardly compress, so nothing is compressed.
func WriteParquet(w io.Writer, t *Table) error {
	out := &parquetWriter{w: w}
	out.write([]byte(parquetMagic))
	columns := t.columns()
	rows := max(1, rowGroupBytes/(4*t.Dim))
	for from := 0; from < len(t.Labels); from += rows {
		out.rowGroup(columns, from, min(from+rows, len(t.Labels)))
	}
	footer := out.footer(t, columns)
	out.write(footer)
	out.write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(footer))), parquetMagic...))
	return out.err
}

// parquetWriter writes pages and keeps what the footer must say about them.
type parquetWriter struct {
	w      io.Writer
	at     int64 // bytes written
	err    error // the first one
	groups []writtenGroup
}

type writtenGroup struct {
	rows   int
	chunks []writtenChunk
}

type writtenChunk struct{ begin, end int64 }

func (o *parquetWriter) write(data []byte) {
	if o.err == nil {
		_, o.err = o.w.Write(data)
	}
	o.at += int64(len(data))
}

func (o *parquetWriter) rowGroup(columns []parquetChunk, from, to int) {
	group := writtenGroup{rows: to - from}
	var page []byte
	for c := range columns {
		column := &columns[c]
		begin := o.at
		rows := max(1, pageBytes/(4*max(column.values, 64))) // of text as many as of embeddings of 64
		for first := from; first < to; first += rows {
			last := min(first+rows, to)
			page = page[:0]
			if column.isList() {
				page = appendLevels(page, last-first, column.values)
			}
			page = column.plain(page, first, last)
			o.write(pageHeader(page, (last-first)*column.values))
			o.write(page)
		}
		group.chunks = append(group.chunks, writtenChunk{begin, o.at})
	}
	o.groups = append(o.groups, group)
}

// appendLevels appends the levels of lists of a fixed length in runs of one bit: repetition levels, which are 0 where a list
// begins, and definition levels, which are 1 as there are no empty lists.
func appendLevels(page []byte, rows, length int) []byte {
	run := func(levels []byte, n int, level byte) []byte {
		return append(binary.AppendUvarint(levels, uint64(n)<<1), level)
	}
	var repetitions []byte
	for range rows {
		repetitions = run(repetitions, 1, 0)
		if length > 1 {
			repetitions = run(repetitions, length-1, 1)
		}
	}
	for _, levels := range [][]byte{repetitions, run(nil, rows*length, 1)} {
		page = binary.LittleEndian.AppendUint32(page, uint32(len(levels)))
		page = append(page, levels...)
	}
	return page
}

func pageHeader(page []byte, values int) []byte {
	h := &thriftWriter{}
	h.structure(func() {
		h.int32(1, pageData)
		h.int32(2, int64(len(page)))
		h.int32(3, int64(len(page)))
		h.int32(4, int64(int32(crc32.ChecksumIEEE(page))))
		h.field(5, thriftStruct)
		h.structure(func() {
			h.int32(1, int64(values))
			h.int32(2, encodingPlain)
			h.int32(3, encodingRLE) // of the definition levels
			h.int32(4, encodingRLE) // of the repetition levels
		})
	})
	return h.data
}
