package exchange

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

// manyPictures makes a table of that many pictures with embeddings of 256 numbers.
func manyPictures(n int) *Table {
	t := &Table{What: Pictures, Dim: 256, Rows: make([]float32, n*256), Hashes: make([][32]byte, n)}
	for i := range n {
		t.Labels = append(t.Labels, fmt.Sprint("class", i/100))
		t.Files = append(t.Files, fmt.Sprintf("class%d/%d.jpg", i/100, i))
		t.Rows[i*256+i%256] = float32(i)
		t.Hashes[i][0] = byte(i)
	}
	return t
}

func TestTheSameTableGivesTheSameParquet(t *testing.T) {
	for _, table := range []*Table{pictures(), classes(), without(pictures()), manyPictures(17_000)} {
		first := parquetFile(t, table)
		for range 2 {
			if !bytes.Equal(parquetFile(t, table), first) {
				t.Fatalf("%d %s give other bytes", len(table.Labels), table.What)
			}
		}
		if got, err := readParquet(first); err != nil || !got.Equal(table) {
			t.Errorf("%d %s do not come back (%v)", len(table.Labels), table.What, err)
		}
	}
}

// heapWatcher notes the largest heap that it is written to with.
type heapWatcher struct{ highest uint64 }

func (w *heapWatcher) Write(p []byte) (int, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.highest = max(w.highest, m.HeapAlloc)
	return len(p), nil
}

// However large the table, the writer holds a row group of it.
func TestWritingParquetTakesTheMemoryOfARowGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes 80 MB")
	}
	highest := func(n int) uint64 {
		table := manyPictures(n)
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var w heapWatcher
		if err := WriteParquet(&w, table); err != nil {
			t.Fatal(err)
		}
		runtime.KeepAlive(table)
		return w.highest - min(w.highest, before.HeapAlloc)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	small, large := highest(20_000), highest(60_000) // a row group and nearly four of them
	if large > small+16<<20 {
		t.Errorf("three times the pictures take %d MB, and not %d MB", large>>20, small>>20)
	}
}
