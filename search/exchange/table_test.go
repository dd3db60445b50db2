package exchange

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var testModel = Model{Name: "mean", Hash: "0123abcd", Recipe: "resize 8, crop 8", EmbeddingDim: 3, NumParams: 12, Metadata: `{"format": 1, "model_name": "mean"}`}

// pictures has names that need care in one format or another, and numbers from all of float32.
func pictures() *Table {
	m := testModel
	return &Table{
		What:   Pictures,
		Labels: []string{"ash", "ash", `b,"irch"`, "Чёрная ольха"},
		Files:  []string{"ash/001.jpg", "ash/a b;c.jpg", `b,"irch"/1,2.png`, "Чёрная ольха/№ 1.jpg"},
		Hashes: [][32]byte{{1, 2}, {3}, {0xff, 31: 0xfe}, {}},
		Dim:    3,
		Rows: []float32{
			0, float32(math.Copysign(0, -1)), 1,
			-0.1, 1.0 / 3, math.MaxFloat32,
			math.SmallestNonzeroFloat32, -1.1754944e-38, 16777216,
			123456792, 1e10, 8.5899346e+09,
		},
		Model: &m,
	}
}

func classes() *Table {
	m := testModel
	return &Table{
		What: Classes, Labels: []string{"001", "NA", `"q"`}, Counts: []int64{1, 60, 1 << 40}, Dim: 3,
		Rows: []float32{1, 2, 3, 4, 5, 6, 7.5, 8.25, -9}, Model: &m,
	}
}

// without returns the table as a format restores it that keeps only names and numbers.
func without(t *Table) *Table {
	bare := *t
	bare.Hashes, bare.Counts, bare.Model = nil, nil, nil
	return &bare
}

func TestEveryFormatGivesBackWhatWasWritten(t *testing.T) {
	bareClasses, barePictures := without(classes()), without(pictures())
	large := without(pictures())
	large.Labels, large.Files, large.Rows, large.Dim = nil, nil, nil, 257
	for i := range 1000 {
		large.Labels = append(large.Labels, fmt.Sprintf("class %d", i/100))
		large.Files = append(large.Files, fmt.Sprintf("class %d/%d.jpg", i/100, i%100))
		for k := range large.Dim {
			large.Rows = append(large.Rows, float32(math.Sin(float64(i*large.Dim+k))))
		}
	}
	tests := []struct {
		name  string
		table *Table
	}{
		{"pictures", pictures()},
		{"classes", classes()},
		{"pictures without hashes and model", barePictures},
		{"classes without counts and model", bareClasses},
		{"a thousand pictures", large},
	}
	for _, tt := range tests {
		for _, format := range Formats {
			t.Run(tt.name+" as "+string(format), func(t *testing.T) {
				want := tt.table
				if format == CSVZip || format == NPY {
					want = without(want)
				}
				path := filepath.Join(t.TempDir(), "a.file")
				if err := Write(path, format, tt.table); err != nil {
					t.Fatal(err)
				}
				got, err := Read(path, format)
				if err != nil {
					t.Fatal(err)
				}
				if !got.Equal(want) {
					t.Errorf("got  %.300s\nwant %.300s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
				}
				first, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := Write(path, format, tt.table); err != nil {
					t.Fatal(err)
				}
				if second, err := os.ReadFile(path); err != nil || !slices.Equal(first, second) {
					t.Errorf("the same table gives another file (%v)", err)
				}
			})
		}
	}
}

func TestTablesThatAreRefused(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name   string
		change func(*Table)
		want   string
	}{
		{"no rows", func(t *Table) { *t = Table{What: Pictures, Dim: 3} }, "no rows"},
		{"an unknown kind", func(t *Table) { t.What = "videos" }, `"videos"`},
		{"embeddings of nothing", func(t *Table) { t.Dim = 0 }, "0 elements"},
		{"a number too few", func(t *Table) { t.Rows = t.Rows[:11] }, "11 numbers"},
		{"a file too few", func(t *Table) { t.Files = t.Files[:3] }, "3 files"},
		{"a hash too few", func(t *Table) { t.Hashes = t.Hashes[:3] }, "3 hashes"},
		{"counts of pictures", func(t *Table) { t.Counts = []int64{1, 1, 1, 1} }, "4 counts for 4 pictures"},
		{"classes with files", func(t *Table) { t.What, t.Hashes = Classes, nil }, "classes have no files"},
		{"a row without a label", func(t *Table) { t.Labels[1] = "" }, "row 2: a label is empty"},
		{"a label that leads elsewhere", func(t *Table) { t.Labels[0] = "../etc" }, `row 1: label "../etc"`},
		{"a file of another class", func(t *Table) { t.Files[2] = "ash/1.png" }, "row 3"},
		{"a file that leads out of its class", func(t *Table) { t.Files[0] = "ash/../1.png" }, "row 1"},
		{"a file in a hidden folder of a class", func(t *Table) { t.Files[0] = "ash/.b/1.png" }, "row 1"},
		{"a label with a line break", func(t *Table) { t.Labels[0], t.Files[0] = "a\nb", "a\nb/1" }, `row 1: label "a\nb"`},
		{"a hidden file", func(t *Table) { t.Files[0] = "ash/.1.png" }, "row 1"},
		{"a picture twice", func(t *Table) { t.Files[1] = t.Files[0] }, `row 2: "ash/001.jpg" is there already`},
		{"NaN", func(t *Table) { t.Rows[4] = nan }, "row 2: element 1"},
		{"infinity", func(t *Table) { t.Rows[11] = float32(math.Inf(-1)) }, "row 4: element 2"},
		{"a model of another size", func(t *Table) { t.Model.EmbeddingDim = 4 }, "the model mean makes 4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := pictures()
			tt.change(table)
			for _, format := range Formats {
				path := filepath.Join(t.TempDir(), "a.file")
				err := Write(path, format, table)
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s: error %v, want one with %q and the path", format, err, tt.want)
				}
				if _, err := os.Stat(path); err == nil {
					t.Errorf("%s: there is a file", format)
				}
			}
		})
	}
}

func TestFormatOf(t *testing.T) {
	tests := []struct {
		path string
		want Format
	}{
		{"a.zip", CSVZip}, {"a.csv.ZIP", CSVZip}, {"b/a.npy", NPY}, {"a.safetensors", SafeTensors}, {"a.parquet", Parquet}, {"a.csv", ""}, {"zip", ""},
	}
	for _, tt := range tests {
		got, err := FormatOf(tt.path)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.path, got, err, tt.want)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for _, format := range append(Formats, "tar") {
		for _, path := range []string{filepath.Join(dir, "nowhere"), dir} {
			if _, err := Read(path, format); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: error %v, want one with the path %s", format, err, path)
			}
		}
	}
	if err := Write(filepath.Join(dir, "a.tar"), "tar", pictures()); err == nil || !strings.Contains(err.Error(), `unknown format "tar"`) {
		t.Errorf("error %v", err)
	}
	for _, format := range Formats {
		path := filepath.Join(dir, "no", "a.file")
		if err := Write(path, format, pictures()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one with the path", format, err)
		}
	}
}

func TestModelsThatATerminalWouldNotShow(t *testing.T) {
	for _, key := range []string{keyName, keyHash, keyRecipe} {
		good := pictures()
		m := good.metadata()
		if err := good.setMetadata(m); err != nil {
			t.Fatal(err)
		}
		m[key] = "\x1b[31m"
		if err := good.setMetadata(m); err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "control character") {
			t.Errorf("%s: error %v", key, err)
		}
	}
}
