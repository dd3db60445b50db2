package exchange

// What a group of the schema is, in the older numbers and the newer ones.
const (
	convertedUTF8 = 0
	convertedList = 3
	logicalString = 1
	logicalList   = 3
)

// footer is the file's metadata.
func (o *parquetWriter) footer(t *Table, columns []parquetChunk) []byte {
	f := &thriftWriter{}
	f.structure(func() {
		f.int32(1, 1) // version of the format
		f.schema(columns)
		f.int64(3, int64(len(t.Labels)))
		f.list(4, thriftStruct, len(o.groups))
		for _, group := range o.groups {
			f.rowGroup(columns, group)
		}
		metadata := t.metadata()
		f.list(5, thriftStruct, len(metadata))
		for _, key := range sortedKeys(metadata) {
			f.structure(func() {
				f.text(1, key)
				f.text(2, metadata[key])
			})
		}
		f.text(6, "vs")
	})
	return f.data
}

// schema writes the tree of columns, the root first.
func (f *thriftWriter) schema(columns []parquetChunk) {
	f.list(2, thriftStruct, 1+len(columns)+2)
	f.structure(func() {
		f.text(4, "schema")
		f.int32(5, int64(len(columns)))
	})
	for _, c := range columns {
		if c.isList() {
			f.listSchema(c)
			continue
		}
		f.structure(func() {
			f.int32(1, c.kind)
			f.int32(3, repetitionRequired)
			f.text(4, c.name)
			if c.kind == typeByteArray {
				f.int32(6, convertedUTF8)
				f.logical(logicalString)
			}
		})
	}
}

// listSchema writes a column that is a list: the list, its elements, the value of each.
func (f *thriftWriter) listSchema(c parquetChunk) {
	f.structure(func() {
		f.int32(3, repetitionRequired)
		f.text(4, c.name)
		f.int32(5, 1)
		f.int32(6, convertedList)
		f.logical(logicalList)
	})
	f.structure(func() {
		f.int32(3, repetitionRepeated)
		f.text(4, "list")
		f.int32(5, 1)
	})
	f.structure(func() {
		f.int32(1, c.kind)
		f.int32(3, repetitionRequired)
		f.text(4, "element")
	})
}

// logical writes a type without parameters.
func (f *thriftWriter) logical(id int16) {
	f.field(10, thriftStruct)
	f.structure(func() {
		f.field(id, thriftStruct)
		f.structure(func() {})
	})
}

func (f *thriftWriter) rowGroup(columns []parquetChunk, group writtenGroup) {
	f.structure(func() {
		f.list(1, thriftStruct, len(columns))
		for c := range columns {
			f.chunk(&columns[c], group.chunks[c], group.rows)
		}
		f.int64(2, group.chunks[len(columns)-1].end-group.chunks[0].begin)
		f.int64(3, int64(group.rows))
	})
}

func (f *thriftWriter) chunk(column *parquetChunk, place writtenChunk, rows int) {
	path := []string{column.name}
	if column.isList() {
		path = append(path, "list", "element")
	}
	f.structure(func() {
		f.int64(2, place.begin)
		f.field(3, thriftStruct)
		f.structure(func() {
			f.int32(1, column.kind)
			f.list(2, thriftInt32, 2)
			f.data = append(f.data, 2*encodingPlain, 2*encodingRLE) // in zigzag order
			f.list(3, thriftBinary, len(path))
			for _, name := range path {
				f.bytes(name)
			}
			f.int32(4, codecNone)
			f.int64(5, int64(rows*column.values))
			f.int64(6, place.end-place.begin)
			f.int64(7, place.end-place.begin)
			f.int64(9, place.begin)
		})
	})
}
