package exchange

import (
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// nullable writes rows of a label and an embedding in which everything may be null, as pandas and
// Arrow write them, in pages of each version, with and without dictionaries. A nil element is null,
// and so is a nil list; an empty one is empty.
func nullable(t *testing.T, version int, dictionary bool, rows ...[]any) []byte {
	t.Helper()
	element := parquet.Encoded(parquet.Leaf(parquet.FloatType), &parquet.Plain)
	if dictionary {
		element = parquet.Encoded(parquet.Leaf(parquet.FloatType), &parquet.RLEDictionary)
	}
	schema := parquet.NewSchema("schema", parquet.Group{
		columnEmbedding: parquet.Optional(parquet.List(parquet.Optional(element))),
		columnLabel:     parquet.Optional(parquet.Encoded(parquet.String(), &parquet.Plain)),
	})
	var file strings.Builder
	w := parquet.NewWriter(&file, schema, parquet.DataPageVersion(version))
	for _, r := range rows {
		var row parquet.Row
		switch {
		case r == nil:
			row = append(row, parquet.NullValue().Level(0, 0, 0))
		case len(r) == 0:
			row = append(row, parquet.NullValue().Level(0, 1, 0))
		}
		for i, v := range r {
			value := parquet.NullValue().Level(min(i, 1), 2, 0)
			if v != nil {
				value = parquet.FloatValue(float32(v.(int))).Level(min(i, 1), 3, 0)
			}
			row = append(row, value)
		}
		row = append(row, parquet.ValueOf(string(rune('a'+len(row)))).Level(0, 1, 1))
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(file.String())
}

// A null is refused with its row: what comes behind it must not move up.
func TestNullsInParquet(t *testing.T) {
	whole := []any{1, 2, 3, 4}
	tests := []struct {
		name string
		rows [][]any
		want string // of the error, none if there is none
	}{
		{"no null", [][]any{whole}, ""},
		{"the first element", [][]any{{nil, 1, 2, 3, 4}}, "row 1: element 0 of the embedding is null"},
		{"one between", [][]any{{1, nil, 2, 3, 4}}, "row 1: element 1 of the embedding is null"},
		{"the last element", [][]any{{1, 2, 3, 4, nil}}, "row 1: element 4 of the embedding is null"},
		{"two of them", [][]any{{1, nil, 3, nil}}, "row 1: element 1 of the embedding is null"},
		{"all of them", [][]any{{nil, nil}}, "row 1: element 0 of the embedding is null"},
		{"one in a later row", [][]any{whole, {1, 2, 3, nil, 4}}, "row 2: element 3 of the embedding is null"},
		{"a row of the length of the others", [][]any{whole, {1, 2, 3, nil}}, "row 2: element 3 of the embedding is null"},
		{"a null row", [][]any{whole, nil}, "row 2: no embedding"},
		{"a first row that is null", [][]any{nil, whole}, "row 1: no embedding"},
		{"all rows null", [][]any{nil, nil}, "row 1: no embedding"},
		{"an empty row", [][]any{whole, {}}, "row 2: an embedding of no elements"},
		{"a first row that is empty", [][]any{{}, whole}, "row 1: an embedding of no elements"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, version := range []int{1, 2} {
				for _, dictionary := range []bool{false, true} {
					got, err := readParquet(nullable(t, version, dictionary, tt.rows...))
					if tt.want == "" {
						if err != nil || !got.Equal(&Table{What: Classes, Labels: []string{"e"}, Dim: 4, Rows: []float32{1, 2, 3, 4}}) {
							t.Errorf("pages of version %d: %+v (%v)", version, got, err)
						}
						continue
					}
					if err == nil || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("pages of version %d: error %v, want %q", version, err, tt.want)
					}
				}
			}
		})
	}
}

func TestHashesThatAreBytes(t *testing.T) {
	type row struct {
		Label     string    `parquet:"label,plain"`
		Path      string    `parquet:"path,plain"`
		Hash      []byte    `parquet:"hash,optional,plain"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	bytes := []byte(strings.Repeat("\x00\xffab", 8))
	file := func(second []byte) []byte {
		return parquetRows(t, []row{{"a", "a/1", bytes, []float32{1}}, {"a", "a/2", second, []float32{1}}})
	}
	if got, err := readParquet(file(bytes)); err != nil || string(got.Hashes[0][:]) != string(bytes) {
		t.Errorf("32 bytes: %+v (%v)", got, err)
	}
	for want, second := range map[string][]byte{
		"row 2: no hash, and other rows have one": nil,
		"row 2: hash": bytes[:16],
		"as an MD5":   []byte(strings.Repeat("0F", 16)),
	} {
		if _, err := readParquet(file(second)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", second, err, want)
		}
	}
}
