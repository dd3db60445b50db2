package exchange

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pythonRows are the rows of the files that scripts/make_exchange_fixtures.py makes.
var pythonRows = []float32{0.1, float32(math.Copysign(0, -1)), 1.0 / 3, 1e-45, 3.4028235e38, -7}

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// The file is what numpy.save writes for numpy.array([[1, 2], [3, 4], [5, 6]],
// dtype=numpy.float32), byte by byte.
func TestNPYIsWhatNumPyWrites(t *testing.T) {
	var got bytes.Buffer
	if err := WriteNPY(&got, []float32{1, 2, 3, 4, 5, 6}, 2); err != nil {
		t.Fatal(err)
	}
	if want := readTestdata(t, "numpy.npy"); !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", got.Bytes(), want)
	}
}

func TestNPYAndItsNamesAreTwoFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e.npy")
	if err := Write(path, NPY, pictures()); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadFile(path + ".txt")
	if want := "ash/001.jpg\nash/a b;c.jpg\nb,\"irch\"/1,2.png\nЧёрная ольха/№ 1.jpg\n"; err != nil || string(names) != want {
		t.Errorf("names %q, %v", names, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%v (%v), want two files", entries, err)
	}
}

func TestReadWhatNumPyWrites(t *testing.T) {
	tests := []struct {
		file, names string
		want        string // of the error, none if there is none
	}{
		{"float64.npy", "ash\nbirch\n", ""},
		{"version2.npy", "ash/1.jpg\nbirch/1.jpg", ""},
		{"version2.npy", "ash\r\nbirch\r\n", ""},
		{"version3.npy", "ash\nbirch\n", "file format 3.0"},
		{"fortran.npy", "ash\nbirch\n", "numpy.ascontiguousarray"},
		{"big_endian.npy", "ash\nbirch\n", "'>f4'; save it as float32"},
		{"int64.npy", "ash\nbirch\n", "'<i8'; save it as float32"},
		{"structured.npy", "ash\nbirch\n", "save it as float32"},
		{"one_dimension.npy", "ash\n", "shape is (3,)"},
		{"three_dimensions.npy", "ash\n", "shape is (1, 2, 3)"},
		{"version2.npy", "ash\n", "2 rows, but 1 names"},
		{"version2.npy", "ash\nbirch\ncedar\n", "2 rows, but 3 names"},
		{"version2.npy", "ash/1.jpg\nbirch\n", "line 2"},
		{"version2.npy", "ash\nash\n", "there already"},
		{"version2.npy", "\nash\n", `row 1: a label is empty`},
		{"version2.npy", "ash\nbirch\n\n\r\n", ""},
		{"version2.npy", "\ufeffash\r\nbirch\r\n", ""},
		{"version2.npy", `ash\0.jpg` + "\r\n" + `birch\sub\1.jpg` + "\r\n", ""},
		{"version2.npy", "ash/a\\b.jpg\nbirch\\1.jpg\n", ""},
		{"version2.npy", "ash\nbirch\\1.jpg\n", "line 2"},
		{"version2.npy", "ash\nbi\x00rch\n", "line 2 holds a NUL byte"},
		{"version2.npy", "ash\nbi\xe9rch\n", "line 2 is not valid UTF-8"},
		{"version2.npy", "\xff\xfea\x00\n\x00", "it is UTF-16 text; save it as UTF-8"},
		{"version2.npy", "ash\rbirch\r", "2 rows, but 1 names"},
	}
	for _, tt := range tests {
		t.Run(tt.file+" with "+tt.names, func(t *testing.T) {
			got, err := ReadNPY(bytes.NewReader(readTestdata(t, tt.file)), strings.NewReader(tt.names))
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want one with %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Dim != 3 || !slices.Equal(got.Rows, pythonRows) || !slices.Equal(got.Labels, []string{"ash", "birch"}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestBrokenNPY(t *testing.T) {
	good := string(readTestdata(t, "numpy.npy"))
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "not a NumPy file"},
		{"a text file", "text text text", "not a NumPy file"},
		{"a file that ends in the length of its header", good[:9], "ends within its header"},
		{"a file that ends in its header", good[:60], "ends within its header"},
		{"a file that ends in a row", good[:len(good)-1], "ends in row 3"},
		{"a file with something behind the array", good + "x", "more data"},
		{"a header of two gigabytes", "\x93NUMPY\x02\x00\xff\xff\xff\x7f", "more than a plain array needs"},
		{"a claim of many rows", strings.Replace(good, "(3, 2), }          ", "(3000000000, 2), } ", 1), "ends in row 4"},
		{"a claim of many elements", strings.Replace(good, "(3, 2), }          ", "(3, 2000000000), } ", 1), "2000000000 elements"},
		{"a size beyond any", strings.Replace(good, "(3, 2), }", "(3, 9999999999999999999), }", 1), "shape"},
		{"a header with code in it", strings.Replace(good, "False", "f(xx)", 1), "not that of a plain array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadNPY(strings.NewReader(tt.file), strings.NewReader("a\nb\nc\n"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
