package exchange

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	"vs/data/input"
)

// The names of the columns beside the elements of the embedding, which are 0, 1, … D−1.
const (
	columnTarget = "target"
	columnFile   = "file"
)

// Bounds on text that is read. A line of 65,536 numbers has 1 MiB; numbers in text are compressed
// to a half or a third, and rows that are mostly zeros to a twentieth.
const (
	maxCSVLine  = 4 << 20
	maxZIPRatio = 64
	zipSlack    = 1 << 20 // for small files, which may well hold the same number many times
)

// WriteCSVZip writes a ZIP archive that holds one CSV file: a line of column names, then one row
// per line. Reading its numbers as float64, even an imprecise one, and rounding them to float32
// gives back the embeddings' bits.
func WriteCSVZip(w io.Writer, name string, t *Table) error {
	archive := zip.NewWriter(w)
	// The digits of embeddings repeat by chance alone: looking for repetitions would take four
	// times as long and save a tenth.
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.HuffmanOnly)
	})
	file, err := archive.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<16)
	if err := writeCSV(out, t); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return archive.Close()
}

func writeCSV(out *bufio.Writer, t *Table) error {
	// The names may need quotes, which is encoding/csv's business; the numbers do not.
	var quoted bytes.Buffer
	names := csv.NewWriter(&quoted)
	line := []byte(columnTarget)
	if t.What == Pictures {
		line = append(line, ","+columnFile...)
	}
	for k := range t.Dim {
		line = strconv.AppendInt(append(line, ','), int64(k), 10)
	}
	out.Write(append(line, '\n'))
	for i, label := range t.Labels {
		record := []string{label}
		if t.What == Pictures {
			record = append(record, t.Files[i])
		}
		quoted.Reset()
		if err := names.Write(record); err != nil {
			return err
		}
		names.Flush()
		line = append(line[:0], bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
		for _, v := range t.row(i) {
			line = appendFloat(append(line, ','), v)
		}
		out.Write(append(line, '\n'))
	}
	return nil
}

// appendFloat appends the shortest text that float32 parsing restores, unless it lies so close to
// the middle between two float32 that rounding it to float64 first, or an error of a few units in a
// float64's last place, would give the other one. It always looks like a floating-point number, so
// that a column of whole numbers is not taken for integers.
func appendFloat(text []byte, v float32) []byte {
	const margin = 1.0 / (1 << 40) // 8,192 units in the last place of a float64
	start := len(text)
	text = strconv.AppendFloat(text, float64(v), 'g', -1, 32)
	x, _ := strconv.ParseFloat(string(text[start:]), 64)
	if float32(x*(1-margin)) != v || float32(x*(1+margin)) != v {
		text = strconv.AppendFloat(text[:start], float64(v), 'g', 9, 32)
	}
	if !bytes.ContainsAny(text[start:], ".e") {
		text = append(text, ".0"...)
	}
	return text
}

// ReadCSVZip reads a ZIP archive that holds one CSV file, as [WriteCSVZip] or pandas'
// DataFrame.to_csv writes it. A first column without a name, pandas' index, is left out. A row is a
// picture if there is a column file.
func ReadCSVZip(r io.ReaderAt, size int64) (*Table, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("ZIP archive: %w", err)
	}
	if n := len(archive.File); n != 1 {
		return nil, fmt.Errorf("its archive holds %d files; it must hold one, the CSV file", n)
	}
	entry := archive.File[0]
	// Refused from what the archive says, to which archive/zip holds it, since reading the numbers
	// of a bomb takes minutes.
	if entry.UncompressedSize64 > maxZIPRatio*min(entry.CompressedSize64, uint64(size))+zipSlack {
		return nil, fmt.Errorf("its archive unpacks to more than %d times its size", maxZIPRatio)
	}
	file, err := entry.Open()
	if err != nil {
		return nil, fmt.Errorf("ZIP archive: %w", err)
	}
	defer file.Close()
	t, err := readCSV(&boundedText{r: file})
	if err != nil {
		return nil, err
	}
	return t, t.finish()
}

// boundedText refuses a line that goes on for too long.
type boundedText struct {
	r    io.Reader
	line int64 // bytes that may still come
}

func (b *boundedText) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.line -= int64(n)
	if b.line < 0 {
		return 0, fmt.Errorf("a line of its CSV file has more than %d MiB", maxCSVLine>>20)
	}
	return n, err
}

func readCSV(text *boundedText) (*Table, error) {
	lines := csv.NewReader(input.Text(text))
	lines.ReuseRecord = true
	next := func() ([]string, error) {
		text.line = maxCSVLine
		return lines.Read()
	}
	header, err := next()
	if err == io.EOF {
		return nil, errors.New("its CSV file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("CSV file: %w", err)
	}
	t := &Table{What: Classes}
	target := 0
	if header[0] == "" {
		target = 1
	}
	first := target + 1 // column of the embedding
	if len(header) > first && header[first] == columnFile {
		t.What = Pictures
		first++
	}
	if err := t.checkHeader(header, target, first); err != nil {
		return nil, err
	}
	t.Dim = len(header) - first
	for {
		record, err := next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("CSV file: %w", err)
		}
		if err := t.addRecord(record, target, first); err != nil {
			line, _ := lines.FieldPos(0)
			return nil, fmt.Errorf("CSV file: line %d: %w", line, err)
		}
	}
}

func (t *Table) checkHeader(header []string, target, first int) error {
	if len(header) <= target || header[target] != columnTarget {
		return fmt.Errorf("the first column of its CSV file is not %s", columnTarget)
	}
	for i, name := range header[first:] {
		if name != strconv.Itoa(i) {
			return fmt.Errorf("column %d of its CSV file is %.40q, not %d; the columns are %s, %s (of pictures), 0, 1, 2 and so on",
				first+i+1, name, i, columnTarget, columnFile)
		}
	}
	if n := len(header) - first; n < 1 || n > MaxDim {
		return fmt.Errorf("its CSV file has %d columns of numbers; it must have 1 to %d", n, MaxDim)
	}
	return nil
}

func (t *Table) addRecord(record []string, target, first int) error {
	// A clone, because the record's text, all of the line, would be kept with it.
	t.Labels = append(t.Labels, string([]byte(record[target])))
	if t.What == Pictures {
		t.Files = append(t.Files, string([]byte(record[target+1])))
	}
	for k, text := range record[first:] {
		// Through float64, as pandas and NumPy go.
		wide, err := strconv.ParseFloat(text, 64)
		v := float32(wide)
		if err != nil || v-v != 0 { // of infinity and NaN it is NaN
			return fmt.Errorf("column %d: %.40q is not a finite float32", k, text)
		}
		t.Rows = append(t.Rows, v)
	}
	return nil
}
