package exchange

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

func readParquet(file []byte) (*Table, error) {
	return ReadParquet(bytes.NewReader(file), int64(len(file)))
}

func parquetFile(t testing.TB, table *Table) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := WriteParquet(&file, table); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestParquetGoReadsTheSame(t *testing.T) {
	type row struct {
		Label     string    `parquet:"label"`
		Path      string    `parquet:"path"`
		Hash      string    `parquet:"hash"`
		Count     int64     `parquet:"count"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	many := without(pictures())
	many.Labels, many.Files, many.Rows, many.Dim = nil, nil, nil, 1
	for i := range 10_000 { // more than a page
		many.Labels = append(many.Labels, "a")
		many.Files = append(many.Files, fmt.Sprintf("a/%d", i))
		many.Rows = append(many.Rows, float32(i))
	}
	for _, table := range []*Table{pictures(), classes(), many} {
		content := parquetFile(t, table)
		rows, err := parquet.Read[row](bytes.NewReader(content), int64(len(content)))
		if err != nil || len(rows) != len(table.Labels) {
			t.Fatalf("%d rows (%v), want %d", len(rows), err, len(table.Labels))
		}
		for i, r := range rows {
			want := row{Label: table.Labels[i], Embedding: table.row(i)}
			if table.Files != nil {
				want.Path = table.Files[i]
			}
			if table.Hashes != nil {
				want.Hash = hex.EncodeToString(table.Hashes[i][:])
			}
			if table.Counts != nil {
				want.Count = table.Counts[i]
			}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("row %d: %+v, want %+v", i, r, want)
			}
		}
	}
}

func TestParquetOfManyRowGroups(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes and reads 33 MB")
	}
	table := &Table{What: Classes, Dim: MaxDim}
	rows := 2*rowGroupBytes/(4*MaxDim) + 1
	table.Rows = make([]float32, rows*MaxDim)
	for i := range rows {
		table.Labels = append(table.Labels, fmt.Sprint(i))
		table.Rows[i*MaxDim+i] = 1
	}
	content := parquetFile(t, table)
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(file.RowGroups()) != 3 {
		t.Fatalf("want three row groups (%v)", err)
	}
	if got, err := readParquet(content); err != nil || !got.Equal(table) {
		t.Errorf("they do not come back: %v", err)
	}
}

func TestParquetSchema(t *testing.T) {
	content := parquetFile(t, pictures())
	file, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	want := `message schema {
	required binary label (STRING);
	required binary path (STRING);
	required binary hash (STRING);
	required group embedding (LIST) {
		repeated group list {
			required float element;
		}
	}
}`
	if got := file.Schema().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if name, _ := file.Lookup("model_name"); name != "mean" {
		t.Errorf("the metadata names the model %q", name)
	}
}

// The files were made from what WriteParquet makes of pictures(), by DuckDB 1.5:
//
//	COPY (SELECT * FROM 'pictures.parquet') TO 'duckdb_snappy.parquet';
//	COPY (SELECT label, path, unhex(hash) AS hash, embedding::FLOAT[3] AS embedding FROM 'pictures.parquet') TO 'duckdb_zstd.parquet' (COMPRESSION zstd);
//	COPY (SELECT label, path, hash, embedding::DOUBLE[] AS embedding FROM 'pictures.parquet') TO 'duckdb_gzip.parquet' (COMPRESSION gzip);
//
// and by Arrow's Rust library (parquet-wasm 0.7, which reads and rewrites it, with
// dictionaries).
func TestReadParquetOfOthers(t *testing.T) {
	want := pictures()
	want.Model = nil
	for _, name := range []string{"duckdb_snappy.parquet", "duckdb_zstd.parquet", "duckdb_gzip.parquet", "arrow_rs.parquet"} {
		got, err := readParquet(readTestdata(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.Equal(want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got, err := readParquet(readTestdata(t, "arrow_rs_fixed_size_list.parquet"))
	if err != nil || !got.Equal(&Table{What: Classes, Labels: []string{"x", "y"}, Dim: 3, Rows: []float32{1, 2, 3, 4, 5, 6}}) {
		t.Errorf("a fixed-size list: %+v, %v", got, err)
	}
}

// rows writes a Parquet file of any rows.
func parquetRows[Row any](t testing.TB, rows []Row, options ...parquet.WriterOption) []byte {
	t.Helper()
	var file bytes.Buffer
	w := parquet.NewGenericWriter[Row](&file, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestParquetPagesAndCodecs(t *testing.T) {
	type row struct {
		Label     string    `parquet:"label,dict"`
		Count     int32     `parquet:"count,plain"`
		Other     []string  `parquet:"other,list"`
		Embedding []float64 `parquet:"embedding,dict,list"`
	}
	want := &Table{What: Classes, Dim: 2}
	var rows []row
	for i := range 500 {
		label := string(rune('a'+i/100)) + strings.Repeat("x", i%100)
		want.Labels = append(want.Labels, label)
		want.Counts = append(want.Counts, int64(i+1))
		want.Rows = append(want.Rows, float32(i%7), 0.5)
		rows = append(rows, row{label, int32(i + 1), []string{"more", "text"}, []float64{float64(i % 7), 0.5}})
	}
	tests := []struct {
		name    string
		options []parquet.WriterOption
		want    string // of the error, none if there is none
	}{
		{"pages of version 1", []parquet.WriterOption{parquet.DataPageVersion(1)}, ""},
		{"pages of version 2", []parquet.WriterOption{parquet.DataPageVersion(2)}, ""},
		{"compressed pages of version 1", []parquet.WriterOption{parquet.DataPageVersion(1), parquet.Compression(&parquet.Zstd)}, ""},
		{"compressed pages of version 2", []parquet.WriterOption{parquet.DataPageVersion(2), parquet.Compression(&parquet.Gzip)}, ""},
		{"small pages", []parquet.WriterOption{parquet.PageBufferSize(100)}, ""},
		{"small row groups", []parquet.WriterOption{parquet.MaxRowsPerRowGroup(7)}, ""},
		{"another compression", []parquet.WriterOption{parquet.Compression(&parquet.Brotli)}, "compressed by method 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readParquet(parquetRows(t, rows, tt.options...))
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want one with %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestParquetThatIsNoTable(t *testing.T) {
	type noEmbedding struct {
		Label string `parquet:"label,plain"`
	}
	type numbers struct {
		Label     int64     `parquet:"label,plain"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	type scalar struct {
		Label     string  `parquet:"label,plain"`
		Embedding float32 `parquet:"embedding"`
	}
	type picture struct {
		Label     *string   `parquet:"label,optional,plain"`
		Path      *string   `parquet:"path,optional,plain"`
		Hash      string    `parquet:"hash,plain"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	type group struct {
		Label struct {
			Name string `parquet:"name,plain"`
		} `parquet:"label"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	type delta struct {
		Label     string    `parquet:"label,delta"`
		Embedding []float32 `parquet:"embedding,list"`
	}
	a, path, hash := "a", "a/1.jpg", strings.Repeat("0f", 32)
	good := picture{&a, &path, hash, []float32{1, 2}}
	second := func(change func(*picture)) []byte {
		other := "a/2.jpg"
		p := picture{&a, &other, hash, []float32{1, 2}}
		change(&p)
		return parquetRows(t, []picture{good, p})
	}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"no embedding", parquetRows(t, []noEmbedding{{"a"}}), "no column embedding"},
		{"labels that are numbers", parquetRows(t, []numbers{{1, []float32{1}}}), "label does not hold text"},
		{"an embedding that is no list", parquetRows(t, []scalar{{"a", 1}}), "embedding does not hold lists"},
		{"no rows", parquetRows(t, []picture{}), "no rows"},
		{"an encoding that is not read", parquetRows(t, []delta{{"a", []float32{1}}}), "write it plain or with a dictionary"},
		{"a shorter embedding", second(func(p *picture) { p.Embedding = p.Embedding[:1] }), "row 2: an embedding of 1 elements"},
		{"no elements in a row", second(func(p *picture) { p.Embedding = nil }), "row 2: an embedding of no elements"},
		{"no label in a row", second(func(p *picture) { p.Label = nil }), "row 2: no label"},
		{"no path in a row", second(func(p *picture) { p.Path = nil }), "row 2: no path"},
		{"a path of another class", second(func(p *picture) { p.Path = &a }), "a/NAME"},
		{"an invalid hash", second(func(p *picture) { p.Hash = "0f" }), "row 2: hash"},
		{"the hash of an MD5", second(func(p *picture) { p.Hash = hash[:32] }), "row 2: hash 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f has 32 hexadecimal digits, as an MD5 has"},
		{"a text of 32 characters for a hash", second(func(p *picture) { p.Hash = strings.Repeat("z", 32) }), "row 2: hash"},
		{"64 characters that are no digits", second(func(p *picture) { p.Hash = strings.Repeat("z", 64) }), "row 2: hash"},
		{"labels in a group", parquetRows(t, []group{{struct {
			Name string `parquet:"name,plain"`
		}{"a"}, []float32{1}}}), "label does not hold text"},
		{"a newer schema", parquetRows(t, []picture{good}, parquet.KeyValueMetadata("schema", "2")), "update vs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readParquet(tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestBrokenParquet(t *testing.T) {
	good := parquetFile(t, pictures())
	footer := func(bytes string) []byte {
		file := append([]byte("PAR1"), bytes...)
		return append(binary.LittleEndian.AppendUint32(file, uint32(len(bytes))), "PAR1"...)
	}
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"an empty file", nil, "not a Parquet file"},
		{"a text file", []byte("text text text"), "not a Parquet file"},
		{"a file cut off", good[:len(good)-1], "cut off"},
		{"an encrypted file", append(slices.Clone(good[:len(good)-4]), "PARE"...), "not a Parquet file"},
		{"a footer longer than the file", []byte("PAR1\xff\xff\xff\x7fPAR1"), "damaged"},
		{"an empty footer", footer(""), "damaged"},
		{"a footer without a schema", footer("\x00"), "damaged"},
		// Field 2 is a list of 2³¹ structs.
		{"a list of two thousand million columns", footer("\x29\xfc\xff\xff\xff\xff\x07\x00"), "damaged"},
		{"text of two gigabytes", footer("\x28\xff\xff\xff\xff\x07"), "damaged"},
		{"structs within structs", footer(strings.Repeat("\x1c", 1000)), "larger than"},
		{"a million fields", footer(strings.Repeat("\x11", 1_000_000) + "\x00"), "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readParquet(tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	// A byte that is changed anywhere gives an error or a table, never a panic.
	for i := range good {
		for _, b := range []byte{0, 0x7f, 0xff, good[i] ^ 1} {
			damaged := slices.Clone(good)
			damaged[i] = b
			if table, err := readParquet(damaged); err == nil && table.Check() != nil {
				t.Fatalf("byte %d as %#x gives a bad table", i, b)
			}
		}
	}
}

// Runs of equal values and dictionaries make a small file claim many values.
func TestParquetOfManyEqualValues(t *testing.T) {
	type row struct {
		Label     string    `parquet:"label,dict"`
		Embedding []float32 `parquet:"embedding,dict,list"`
	}
	one := row{"a", make([]float32, 60_000)}
	file := parquetRows(t, slices.Repeat([]row{one}, 100), parquet.Compression(&parquet.Zstd))
	if _, err := readParquet(file); err == nil || !strings.Contains(err.Error(), "number of values") {
		t.Errorf("%d bytes with six million values: error %v", len(file), err)
	}
}
