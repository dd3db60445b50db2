package exchange

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// thriftWriter appends to data. Fields of a struct are written in ascending order.
type thriftWriter struct {
	data []byte
	id   int16 // of the last field in the struct at hand
}

// field writes the head of a field, whose number is at most 15 above that of the one before.
func (w *thriftWriter) field(id int16, kind byte) {
	w.data = append(w.data, byte(id-w.id)<<4|kind)
	w.id = id
}

func (w *thriftWriter) structure(fields func()) {
	outer := w.id
	w.id = 0
	fields()
	w.data = append(w.data, 0)
	w.id = outer
}

// list writes the head of a list of n elements, which follow.
func (w *thriftWriter) list(id int16, kind byte, n int) {
	w.field(id, thriftList)
	if n < 15 {
		w.data = append(w.data, byte(n)<<4|kind)
		return
	}
	w.data = binary.AppendUvarint(append(w.data, 0xf0|kind), uint64(n))
}

func (w *thriftWriter) int32(id int16, v int64) {
	w.field(id, thriftInt32)
	w.data = binary.AppendVarint(w.data, v)
}

func (w *thriftWriter) int64(id int16, v int64) {
	w.field(id, thriftInt64)
	w.data = binary.AppendVarint(w.data, v)
}

func (w *thriftWriter) text(id int16, text string) {
	w.field(id, thriftBinary)
	w.bytes(text)
}

// bytes writes text without a field's head, as in lists.
func (w *thriftWriter) bytes(text string) {
	w.data = append(binary.AppendUvarint(w.data, uint64(len(text))), text...)
}

// hostile is a file of one class, whose pages say what a writer would not.
type hostile struct {
	codec             int64
	label, embedding  []byte // the pages of the columns, with their headers
	labels, embedded  int64  // values that the footer claims
	footerLengthClaim uint32 // if not 0
}

func (h hostile) file() []byte {
	file := []byte(parquetMagic)
	f := &thriftWriter{}
	chunk := func(name string, kind int64, values int64, pages []byte) {
		begin := int64(len(file))
		file = append(file, pages...)
		f.structure(func() {
			f.int64(2, begin)
			f.field(3, thriftStruct)
			f.structure(func() {
				f.int32(1, kind)
				f.list(2, thriftInt32, 1)
				f.data = append(f.data, 2*encodingPlain)
				f.list(3, thriftBinary, 1)
				f.bytes(name)
				f.int32(4, h.codec)
				f.int64(5, values)
				f.int64(6, int64(len(pages)))
				f.int64(7, int64(len(pages)))
				f.int64(9, begin)
			})
		})
	}
	element := func(name string, kind, repetition int64) {
		f.structure(func() {
			f.int32(1, kind)
			f.int32(3, repetition)
			f.text(4, name)
		})
	}
	f.structure(func() {
		f.int32(1, 1)
		f.list(2, thriftStruct, 3)
		f.structure(func() {
			f.text(4, "schema")
			f.int32(5, 2)
		})
		element(columnLabel, typeByteArray, repetitionRequired)
		element(columnEmbedding, typeFloat, repetitionRepeated)
		f.int64(3, h.labels)
		f.list(4, thriftStruct, 1)
		f.structure(func() {
			f.list(1, thriftStruct, 2)
			chunk(columnLabel, typeByteArray, h.labels, h.label)
			chunk(columnEmbedding, typeFloat, h.embedded, h.embedding)
			f.int64(2, int64(len(file)-4))
			f.int64(3, h.labels)
		})
	})
	length := uint32(len(f.data))
	if h.footerLengthClaim > 0 {
		length = h.footerLengthClaim
	}
	return append(binary.LittleEndian.AppendUint32(append(file, f.data...), length), parquetMagic...)
}

// hostilePage is a page of version 1 whose header claims sizes and values; more writes more fields
// of the data page's header.
func hostilePage(content []byte, unpacked, values int64, more func(h *thriftWriter)) []byte {
	h := &thriftWriter{}
	h.structure(func() {
		h.int32(1, pageData)
		h.int32(2, unpacked)
		h.int32(3, int64(len(content)))
		h.field(5, thriftStruct)
		h.structure(func() {
			h.int32(1, values)
			h.int32(2, encodingPlain)
			h.int32(3, encodingRLE)
			h.int32(4, encodingRLE)
			if more != nil {
				more(h)
			}
		})
	})
	return append(h.data, content...)
}

// gzipped compresses that many zeros.
func gzipped(n int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(make([]byte, n)) // to memory
	w.Close()
	return out.Bytes()
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// readByLibrary reads all columns of a file with parquet-go, row by row.
func readByLibrary(file []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	reader := parquet.NewReader(f)
	defer reader.Close()
	rows := make([]parquet.Row, 10)
	for err == nil {
		_, err = reader.ReadRows(rows)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// What parquet-go takes memory for. The reader in this package must refuse each for little. Were
// all of them cheap in the library, it could take the reader's place.
func TestWhyTheReaderIsOurOwn(t *testing.T) {
	oneLabel := hostilePage([]byte("\x01\x00\x00\x00a"), 5, 1, nil)
	packedLabel := func() []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write([]byte("\x01\x00\x00\x00a"))
		w.Close()
		return hostilePage(out.Bytes(), 5, 1, nil)
	}()
	bomb := gzipped(96 << 20)
	tests := []struct {
		name    string
		file    []byte
		library uint64 // bytes at least that parquet-go takes
	}{
		// github.com/nao1215/filesql/issues/524 and 526
		{"a footer's length that the file does not have", []byte("PAR1PAR1"), 700 << 20},
		{"a page header with statistics of 98 MiB", hostile{
			label: oneLabel, labels: 1, embedded: 1,
			embedding: hostilePage(nil, 0, 1, func(h *thriftWriter) {
				h.field(5, thriftStruct)
				h.structure(func() {
					h.field(1, thriftBinary)
					h.data = binary.AppendUvarint(h.data, 98<<20)
				})
			}),
		}.file(), 90 << 20},
		// These have sound headers.
		{"a page that unpacks to more than it says", hostile{
			codec: codecGzip, label: packedLabel, labels: 1, embedded: 1, embedding: hostilePage(bomb, 10, 1, nil),
		}.file(), 90 << 20},
		{"a page that unpacks to as much as it says", hostile{
			codec: codecGzip, label: packedLabel, labels: 1, embedded: 1, embedding: hostilePage(bomb, 96<<20, 1, nil),
		}.file(), 90 << 20},
		{"a snappy page that claims to unpack to 96 MiB", hostile{
			codec: codecSnappy, label: hostilePage([]byte("\x05\x10\x01\x00\x00\x00a"), 5, 1, nil), labels: 1, embedded: 1,
			embedding: hostilePage(append(binary.AppendUvarint(nil, 96<<20), 0, 0), 96<<20, 1, nil),
		}.file(), 0},
		{"levels in a run of 60 million", hostile{
			label: oneLabel, labels: 1, embedded: 60_000_000,
			embedding: hostilePage(append([]byte("\x05\x00\x00\x00"), append(binary.AppendUvarint(nil, 60_000_000<<1), 0)...), 9, 60_000_000, nil),
		}.file(), 50 << 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if n := allocated(func() { _, err = readParquet(tt.file) }); err == nil || n > 48<<20 {
				t.Errorf("%d bytes: ours takes %d MiB and gives %v", len(tt.file), n>>20, err)
			}
			n := allocated(func() { err = readByLibrary(tt.file) })
			t.Logf("%d bytes: the library takes %d MiB and says %v", len(tt.file), n>>20, err)
			if n < tt.library {
				t.Errorf("%d bytes: the library takes %d MiB only", len(tt.file), n>>20)
			}
		})
	}
}
