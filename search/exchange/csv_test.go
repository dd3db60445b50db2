package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// zipped is an archive of one file.
func zipped(t testing.TB, method uint16, text string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "a.csv", Method: method})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func readZIP(content []byte) (*Table, error) {
	return ReadCSVZip(bytes.NewReader(content), int64(len(content)))
}

func TestCSVText(t *testing.T) {
	var file bytes.Buffer
	if err := WriteCSVZip(&file, "trees.csv", pictures()); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil || len(archive.File) != 1 || archive.File[0].Name != "trees.csv" {
		t.Fatalf("%v: want an archive of trees.csv", err)
	}
	f, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	want := "target,file,0,1,2\n" +
		"ash,ash/001.jpg,0.0,-0.0,1.0\n" +
		"ash,ash/a b;c.jpg,-0.1,0.33333334,3.4028235e+38\n" +
		"\"b,\"\"irch\"\"\",\"b,\"\"irch\"\"/1,2.png\",1e-45,-1.1754944e-38,1.6777216e+07\n" +
		"Чёрная ольха,Чёрная ольха/№ 1.jpg,1.2345679e+08,1e+10,8.589935e+09\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
	}
}

func TestCSVNames(t *testing.T) {
	for path, want := range map[string]string{"a.zip": "a.csv", "b/a.csv.zip": "a.csv", "a.b.zip": "a.b.csv", "noending": "noending.csv"} {
		if got := csvName(path); got != want {
			t.Errorf("%s holds %s, want %s", path, got, want)
		}
	}
}

func TestReadWhatPandasWrites(t *testing.T) {
	tests := []struct {
		file string
		want Table
	}{
		{"pandas.zip", Table{What: Classes, Labels: []string{"ash", "birch"}}},
		{"pandas_index.zip", Table{What: Pictures, Labels: []string{"ash", "birch"}, Files: []string{"ash/a,b.jpg", `birch/"c".jpg`}}},
		{"pandas_float32.zip", Table{What: Classes, Labels: []string{"1", "2"}}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			got, err := readZIP(readTestdata(t, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Dim, tt.want.Rows = 3, pythonRows
			if !got.Equal(&tt.want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestBrokenCSV(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "empty"},
		{"only an index", "\n,\n", "not target"},
		{"another first column", "label,0,1\na,1,2\n", "not target"},
		{"no numbers", "target\na\n", "0 columns of numbers"},
		{"columns of other names", "target,x,y\na,1,2\n", `column 2 of its CSV file is "x", not 0`},
		{"columns in another order", "target,1,0\na,1,2\n", `"1", not 0`},
		{"no rows", "target,0,1\n", "no rows"},
		{"a short row", "target,0,1\na,1\n", "line 2"},
		{"a word for a number", "target,0,1\na,1,2\nb,1,two\n", `line 3: column 1: "two"`},
		{"a missing number", "target,0,1\na,,2\n", `line 2: column 0: ""`},
		{"nan", "target,0,1\na,1,nan\n", `"nan" is not a finite`},
		{"infinity", "target,0,1\na,1,inf\n", `"inf" is not a finite`},
		{"more than float32 holds", "target,0,1\na,1,3.5e38\n", `"3.5e38" is not a finite`},
		{"more than float64 holds", "target,0,1\na,1,1e999\n", `"1e999" is not a finite`},
		{"a row without a label", "target,0,1\n,1,2\n", "row 1: a label is empty"},
		{"a class twice", "target,0,1\na,1,2\na,1,2\n", `row 2: "a" is there already`},
		{"a file of another class", "target,file,0\na,b/1.jpg,2\n", "a/NAME"},
		{"UTF-16", "\xff\xfet\x00a\x00", "it is UTF-16 text; save it as UTF-8"},
		{"Latin-1", "target,0\na,1\nb\xe9,2\n", "line 3 is not valid UTF-8"},
		{"a NUL byte", "target,0\na\x00,1\n", "line 2 holds a NUL byte"},
		{"lines of old Macs", "target,0\ra,1\r", `"0\ra", not 0`},
		{"a path of Windows for a label", "target,0\na\\0.jpg,1\n", `row 1: label "a\\0.jpg"`},
		{"an open quote", "target,0\n\"a,1\n", "line 2"},
		{"a line that goes on and on", "target,0\n\"" + strings.Repeat(strings.Repeat("x", 99)+"\n", 60_000), "more than 4 MiB"},
		{"many empty lines", "target,0\n" + strings.Repeat("\n", 5<<20), "more than 4 MiB"},
		{"many columns", "target" + strings.Repeat(",", 5<<20) + "\n", "more than 4 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readZIP(zipped(t, zip.Store, tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestBrokenZIP(t *testing.T) {
	good := zipped(t, zip.Store, "target,0\na,1\n")
	damaged := slices.Clone(good)
	damaged[bytes.Index(good, []byte("a,1"))] = 'b'
	var two bytes.Buffer
	w := zip.NewWriter(&two)
	for _, name := range []string{"a.csv", "b.csv"} {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lying := zipped(t, zip.Deflate, "target,0\n"+strings.Repeat("a,1\n", 1<<20))
	directory := bytes.Index(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[directory+24:], 1000)
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"rows that unpack to more than the archive says", lying, "zip: not a valid zip file"},
		{"a text file", []byte("target,0\na,1\n"), "ZIP archive"},
		{"an empty file", nil, "ZIP archive"},
		{"two files in the archive", two.Bytes(), "holds 2 files"},
		{"a file cut off", good[:len(good)-3], "ZIP archive"},
		{"a damaged file", damaged, "checksum"},
		{"rows that unpack to far more than the archive", zipped(t, zip.Deflate, "target,0\n"+strings.Repeat("a,"+strings.Repeat("0", 1<<20)+"\n", 40)), "more than 64 times"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readZIP(tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// pandas' default parser is not exact to the last place of a float64: the neighbours of the text's
// value must round to the same float32 as well.
func TestTextOfNumbersIsSafeToRoundTwice(t *testing.T) {
	// The shortest text of the first three is the middle to the next float32, or as good as.
	numbers := []float32{
		math.Float32frombits(0x000dd6f2), math.Float32frombits(0x005df38d), math.Float32frombits(0x00b0fd3b),
		0, 1, 0.1, 1.0 / 3, 1e10, math.MaxFloat32, math.SmallestNonzeroFloat32, 1.1754944e-38, 8388609, 16777217,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		if v := math.Float32frombits(random.Uint32()); v-v == 0 {
			numbers = append(numbers, v, float32(random.NormFloat64()))
		}
	}
	var text []byte
	for _, v := range numbers {
		for _, v := range []float32{v, -v} {
			text = appendFloat(text[:0], v)
			x, err := strconv.ParseFloat(string(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			for _, ulps := range []float64{-100, 0, 100} {
				if got := float32(x * (1 + ulps/(1<<52))); math.Float32bits(got) != math.Float32bits(v) {
					t.Errorf("%#08x is written as %s, and %v units beside it is %#08x", math.Float32bits(v), text, ulps, math.Float32bits(got))
				}
			}
			if !bytes.ContainsAny(text, ".e") {
				t.Errorf("%v is written as %s, which is an integer", v, text)
			}
		}
	}
}

// As Excel and programs on Windows write it.
func TestCSVOfWindows(t *testing.T) {
	text := "\ufefftarget,file,0\r\nash,ash\\1.jpg,0.5\r\nash,ash\\sub\\2.jpg,1\r\nbirch,birch/3.jpg,2\r\n"
	table, err := readZIP(zipped(t, zip.Store, text))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ash/1.jpg", "ash/sub/2.jpg", "birch/3.jpg"}; !slices.Equal(table.Files, want) {
		t.Errorf("files %q, want %q", table.Files, want)
	}
	if want := []string{"ash", "ash", "birch"}; !slices.Equal(table.Labels, want) {
		t.Errorf("labels %q, want %q", table.Labels, want)
	}
}
