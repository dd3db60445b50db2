package exchange

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Values of a file are refused beyond that many for each of its bytes, plus a slack for small files
// that hold the same value many times. Embeddings need a byte or more each, and the other columns
// have fewer values.
const (
	maxValuesPerByte = 16
	valueSlack       = 1 << 20
)

// How often a value occurs in its parent: once, at most once, or any number of times.
const (
	repetitionRequired = 0
	repetitionOptional = 1
	repetitionRepeated = 2
)

// parquetColumn is a column of the file, a leaf of the tree that its schema is.
type parquetColumn struct {
	name          string // of the column at the top of the tree
	index         int    // among the leaves
	kind          int64  // physical type
	length        int64  // bytes of a value of typeFixed
	maxRepetition int    // 0, or 1 in a list
	maxDefinition int    // 0, or above where something may be null
	listed        int    // definition level from which on a list has an element, null included; 0 without a list
	utf8          bool   // the schema says that it is text
}

func (c *parquetColumn) isText() bool { return c.kind == typeByteArray || c.kind == typeFixed }

// ReadParquet reads a Parquet file with the columns that [WriteParquet] writes, as other programs
// write them too: without compression or with snappy, gzip or zstd, plain or with dictionaries, the
// embedding as a list of float or double, the hash as 32 bytes or 64 hexadecimal digits. Other
// columns are left out. A row is a picture if there is a column path.
//
// The reader is our own because a small file makes parquet-go's take any amount of memory: see
// TestWhyTheReaderIsOurOwn. Footer and page headers could be checked before it reads, but not what
// a page unpacks to and what the runs within it claim.
func ReadParquet(r io.ReaderAt, size int64) (*Table, error) {
	footer, err := readParquetFooter(r, size)
	if err != nil {
		return nil, err
	}
	if footer.has(8) {
		return nil, errors.New("it is encrypted")
	}
	columns, err := parquetColumns(footer.field(2).list)
	if err != nil {
		return nil, err
	}
	values, err := readColumns(r, size, footer.field(4).list, columns)
	if err != nil {
		return nil, err
	}
	t := &Table{What: Classes}
	if err := t.setColumns(values); err != nil {
		return nil, err
	}
	metadata := make(map[string]string)
	for i := range footer.field(5).list {
		pair := &footer.field(5).list[i]
		metadata[string(pair.field(1).text)] = string(pair.field(2).text)
	}
	if err := t.setMetadata(metadata); err != nil {
		return nil, err
	}
	return t, t.finish()
}

func readParquetFooter(r io.ReaderAt, size int64) (thriftValue, error) {
	var head [4]byte
	var tail [8]byte
	if size < 12 {
		return thriftValue{}, errors.New("it is not a Parquet file")
	}
	_, errHead := r.ReadAt(head[:], 0)
	_, errTail := r.ReadAt(tail[:], size-8)
	if err := errors.Join(errHead, errTail); err != nil {
		return thriftValue{}, err
	}
	if string(head[:]) != parquetMagic || string(tail[4:]) != parquetMagic {
		return thriftValue{}, errors.New("it is not a Parquet file, or cut off")
	}
	length := int64(binary.LittleEndian.Uint32(tail[:]))
	if length > size-12 {
		return thriftValue{}, errThrift
	}
	footer := make([]byte, length)
	if _, err := r.ReadAt(footer, size-8-length); err != nil {
		return thriftValue{}, err
	}
	v, _, err := readThrift(footer)
	return v, err
}

// parquetColumns returns the columns that are read, by name.
func parquetColumns(schema []thriftValue) (map[string]*parquetColumn, error) {
	columns := make(map[string]*parquetColumn)
	next, leaves := 0, 0
	var walk func(top string, repetition, definition, listed, depth int) error
	walk = func(top string, repetition, definition, listed, depth int) error {
		if next >= len(schema) || depth > maxThriftDepth {
			return errThrift
		}
		element := &schema[next]
		next++
		if depth == 1 {
			top = string(element.field(4).text)
		}
		if depth > 0 {
			switch element.field(3).number {
			case repetitionRepeated:
				repetition++
				definition++
				listed = definition
			case repetitionOptional:
				definition++
			}
		}
		if element.has(5) && element.field(5).number > 0 || depth == 0 {
			for range element.field(5).number {
				if err := walk(top, repetition, definition, listed, depth+1); err != nil {
					return err
				}
			}
			return nil
		}
		column := &parquetColumn{name: top, index: leaves, kind: element.field(1).number, length: element.field(2).number,
			maxRepetition: repetition, maxDefinition: definition, listed: listed,
			utf8: element.has(6) && element.field(6).number == convertedUTF8 || element.field(10).has(logicalString)}
		leaves++
		return addColumn(columns, column, depth)
	}
	if err := walk("", 0, 0, 0, 0); err != nil {
		return nil, err
	}
	for _, name := range []string{columnLabel, columnEmbedding} {
		if columns[name] == nil {
			return nil, fmt.Errorf("it has no column %s; it must have %s and %s, and may have %s, %s and %s",
				name, columnLabel, columnEmbedding, columnPath, columnHash, columnCount)
		}
	}
	return columns, nil
}

// What the schema calls text, in the older numbers and the newer ones.
const (
	convertedUTF8 = 0
	logicalString = 1
)

// addColumn keeps a column that a table needs and refuses one of the wrong type, or in a group of
// columns.
func addColumn(columns map[string]*parquetColumn, c *parquetColumn, depth int) error {
	good, want := true, ""
	switch c.name {
	case columnLabel, columnPath, columnHash:
		good, want = c.isText() && c.maxRepetition == 0 && depth == 1, "text"
	case columnCount:
		good, want = (c.kind == typeInt32 || c.kind == typeInt64) && c.maxRepetition == 0 && depth == 1, "whole numbers"
	case columnEmbedding:
		good, want = (c.kind == typeFloat || c.kind == typeDouble) && c.maxRepetition == 1, "lists of float or double"
	default:
		return nil
	}
	if !good || columns[c.name] != nil {
		return fmt.Errorf("its column %s does not hold %s", c.name, want)
	}
	columns[c.name] = c
	return nil
}

func readColumns(r io.ReaderAt, size int64, groups []thriftValue, columns map[string]*parquetColumn) (map[string]*parquetValues, error) {
	values := make(map[string]*parquetValues)
	left := maxValuesPerByte*size + valueSlack
	budget := maxBytesPerByte*size + unpackedSlack
	for _, name := range sortedKeys(columns) {
		column := columns[name]
		out := &parquetValues{utf8: column.utf8}
		for g := range groups {
			chunks := groups[g].field(1).list
			if column.index >= len(chunks) {
				return nil, errThrift
			}
			chunk := &chunks[column.index]
			meta := chunk.field(3)
			begin := meta.field(9).number
			if at := meta.field(11).number; at > 0 && at < begin {
				begin = at // the dictionary
			}
			reader := &chunkReader{r: r, at: begin, end: begin + meta.field(7).number, column: column,
				codec: meta.field(4).number, remaining: meta.field(5).number, budget: &budget, out: out}
			if chunk.has(1) || chunk.has(8) || begin < 4 || reader.end < begin || reader.end > size-8 ||
				meta.field(1).number != column.kind || reader.remaining < 0 || reader.remaining > left {
				return nil, fmt.Errorf("column %s: invalid offset, type or number of values (%d)", name, reader.remaining)
			}
			left -= reader.remaining
			if err := reader.read(); err != nil {
				return nil, fmt.Errorf("column %s: %w", name, err)
			}
		}
		values[name] = out
	}
	return values, nil
}

// setColumns fills the table from the columns, which must have values in every row.
func (t *Table) setColumns(columns map[string]*parquetValues) error {
	embeddings := columns[columnEmbedding]
	t.Labels, t.Rows = columns[columnLabel].texts, embeddings.floats
	for i, n := range embeddings.lengths {
		if i == 0 {
			t.Dim = n
		}
		switch null, ok := embeddings.nullElements[i]; {
		case ok:
			return fmt.Errorf("row %d: element %d of the embedding is null", i+1, null)
		case embeddings.nulls[i]:
			return fmt.Errorf("row %d: no embedding", i+1)
		case n == 0:
			return fmt.Errorf("row %d: an embedding of no elements", i+1)
		case n != t.Dim:
			return fmt.Errorf("row %d: an embedding of %d elements, and the first row has %d", i+1, n, t.Dim)
		}
	}
	for _, name := range []string{columnLabel, columnPath} {
		if c := columns[name]; c != nil && slices.Contains(c.nulls, true) {
			return fmt.Errorf("row %d: no %s", slices.Index(c.nulls, true)+1, name)
		}
	}
	if c := columns[columnPath]; c != nil {
		t.What, t.Files = Pictures, c.texts
	}
	if c := columns[columnCount]; c != nil && slices.Contains(c.nulls, false) {
		t.Counts = c.ints
	}
	if c := columns[columnHash]; c != nil && slices.Contains(c.nulls, false) {
		for i, text := range c.texts {
			if c.nulls[i] {
				return fmt.Errorf("row %d: no hash, and other rows have one", i+1)
			}
			hash, err := parseHash(text, c.utf8)
			if err != nil {
				return fmt.Errorf("row %d: %w", i+1, err)
			}
			t.Hashes = append(t.Hashes, hash)
		}
	}
	return nil
}

// parseHash reads 32 bytes, unless it is text, or 64 hexadecimal digits.
func parseHash(hash string, text bool) ([32]byte, error) {
	digits, err := hex.DecodeString(hash)
	switch isHex := err == nil; {
	case isHex && len(digits) == 32:
		return [32]byte(digits), nil
	case isHex && len(hash) == 32:
		return [32]byte{}, fmt.Errorf("hash %s has 32 hexadecimal digits, as an MD5 has; a SHA-256 has 64", hash)
	case len(hash) == 32 && !text:
		return [32]byte([]byte(hash)), nil
	}
	return [32]byte{}, fmt.Errorf("hash %.70q is neither 32 bytes nor 64 hexadecimal digits", hash)
}
