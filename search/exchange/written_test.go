package exchange

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// table has rows whose numbers and names say which table they are of.
func table(which, rows int) *Table {
	t := &Table{What: Pictures, Dim: 3}
	for i := range rows {
		t.Labels = append(t.Labels, fmt.Sprint("class", which))
		t.Files = append(t.Files, fmt.Sprintf("class%d/%d.jpg", which, i))
		t.Rows = append(t.Rows, float32(which), float32(i), 1)
	}
	return t
}

func TestWrittenKnowsWhatWriteWrites(t *testing.T) {
	dir := t.TempDir()
	for _, format := range Formats {
		for _, content := range []*Table{classes(), pictures(), without(classes()), table(1, 1000)} {
			path := filepath.Join(dir, string(content.What)+"."+string(format))
			if err := Write(path, format, content); err != nil {
				t.Fatal(err)
			}
			for _, other := range Formats {
				if got, want := Written(path, other), other == format; got != want {
					t.Errorf("%s: written as %s: %v, want %v", path, other, got, want)
				}
			}
		}
	}
}

func TestWrittenDoesNotKnowFilesOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	put := func(path string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refuse := func(name string, format Format) {
		t.Helper()
		if Written(path, format) {
			t.Errorf("%s counts as written by vs", name)
		}
	}
	for _, format := range Formats {
		refuse("no file", format)
		put(path, nil)
		refuse("an empty file", format)
		put(path, []byte("some text\n"))
		refuse("a text", format)
		os.Remove(path)
	}
	put(path, readTestdata(t, "pandas_index.zip"))
	refuse("a file with pandas' index", CSVZip)

	if err := Write(path, NPY, table(1, 3)); err != nil {
		t.Fatal(err)
	}
	array, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(path, array[:len(array)-1])
	refuse("an array cut off", NPY)
	put(path, array)
	for _, names := range []string{"", "class1/0.jpg\nclass1/1.jpg\n", "a/1\na/2\na/3\na/4\n"} {
		put(path+".txt", []byte(names))
		refuse(fmt.Sprintf("an array of 3 rows with the names %q", names), NPY)
	}
	os.Remove(path + ".txt")
	refuse("an array without names", NPY)
}

// Whatever of the two files a kill leaves is no pair.
func TestHalfAPairIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, missing := range []string{path, path + ".txt"} {
		if err := Write(path, NPY, table(1, 3)); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(missing); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path, NPY); err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("without %s: %+v, %v", missing, got, err)
		}
	}
}

// An array of one table and the names of another, of as many rows, would be read without an error.
func TestAPairThatIsReplacedWhileItIsReadIsNotMixed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	const rows = 50
	tables := []*Table{table(0, rows), table(1, rows)}
	if err := Write(path, NPY, tables[0]); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := Write(path, NPY, tables[i%2]); err != nil {
				done <- err
				return
			}
		}
	}()
	read := 0
	for range 2000 {
		got, err := Read(path, NPY)
		if err != nil {
			continue // half a pair
		}
		read++
		if !got.Equal(tables[0]) && !got.Equal(tables[1]) {
			t.Fatalf("names %s… beside numbers %v…", got.Files[0], got.Rows[:3])
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if read == 0 {
		t.Error("no pair was read")
	}
}
