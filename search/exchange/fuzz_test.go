package exchange

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// checkRead checks what a reader made of any bytes: an error, or a table that comes back when it is
// written and read.
func checkRead(t *testing.T, table *Table, err error, write func(io.Writer, *Table) error, read func([]byte) (*Table, error)) {
	t.Helper()
	if err != nil {
		return
	}
	if err := table.Check(); err != nil {
		t.Fatalf("a reader gives a table with: %v", err)
	}
	var file bytes.Buffer
	if err := write(&file, table); err != nil {
		t.Fatal(err)
	}
	again, err := read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !again.Equal(table) {
		t.Errorf("got  %+v\nwant %+v", again, table)
	}
}

// seed adds the files of testdata with an ending and what is written of the test tables.
func seed(f *testing.F, ending string, write func(io.Writer, *Table) error) {
	f.Helper()
	names, err := filepath.Glob("testdata/*" + ending)
	if err != nil || len(names) == 0 {
		f.Fatalf("no testdata: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, table := range []*Table{pictures(), classes(), without(pictures())} {
		var file bytes.Buffer
		if err := write(&file, table); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
}

func writeZIP(w io.Writer, t *Table) error { return WriteCSVZip(w, "a.csv", t) }

func FuzzReadZIP(f *testing.F) {
	seed(f, ".zip", writeZIP)
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := readZIP(file)
		checkRead(t, table, err, writeZIP, readZIP)
	})
}

// FuzzReadCSV reads the text itself, which fuzzing does not get at through compression and
// checksums.
func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"target,0,1\na,1,2\n", ",target,file,0\n0,a,a/1,-0.5e-3\n1,\"b\",\"b/\"\"\",nan\n", "target,0\r\na,inf\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := readZIP(zipped(t, zip.Store, text))
		checkRead(t, table, err, writeZIP, readZIP)
	})
}

func FuzzReadNPY(f *testing.F) {
	names, err := filepath.Glob("testdata/*.npy")
	if err != nil || len(names) == 0 {
		f.Fatalf("no testdata: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content, []byte("a\nb\n"))
		f.Add(content, []byte("a/1\r\na/2"))
	}
	f.Fuzz(func(t *testing.T, file, names []byte) {
		table, err := ReadNPY(bytes.NewReader(file), bytes.NewReader(names))
		var lines bytes.Buffer
		write := func(w io.Writer, t *Table) error {
			if err := WriteNames(&lines, t); err != nil {
				return err
			}
			return WriteNPY(w, t.Rows, t.Dim)
		}
		checkRead(t, table, err, write, func(file []byte) (*Table, error) { return ReadNPY(bytes.NewReader(file), &lines) })
	})
}

func FuzzReadSafeTensors(f *testing.F) {
	for _, table := range []*Table{pictures(), classes(), without(classes())} {
		var file bytes.Buffer
		if err := WriteSafeTensors(&file, table); err != nil {
			f.Fatal(err)
		}
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := readSafeTensors(file)
		checkRead(t, table, err, WriteSafeTensors, readSafeTensors)
	})
}

// FuzzReadParquet does not write what it has read, which parquet-go does a hundred times more
// slowly than it is read.
func FuzzReadParquet(f *testing.F) {
	seed(f, ".parquet", WriteParquet)
	f.Fuzz(func(t *testing.T, file []byte) {
		if table, err := readParquet(file); err == nil {
			if err := table.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}
