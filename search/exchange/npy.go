package exchange

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"vs/data/input"
)

const npyMagic = "\x93NUMPY"

// maxNPYHeader bounds the header that is read; one of a plain array is below 128 bytes.
const maxNPYHeader = 1 << 16

// WriteNPY writes embeddings, [N, D], as a NumPy array of float32 (format 1.0, little-endian, C
// order). Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func WriteNPY(w io.Writer, embeddings []float32, dim int) error {
	n := 0
	if dim > 0 {
		n = len(embeddings) / dim
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, dim)
	// Magic, version, length and header fill a multiple of 64 bytes; a newline ends it.
	const before = 10
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	out := bufio.NewWriter(w)
	out.WriteString(npyMagic + "\x01\x00")
	binary.Write(out, binary.LittleEndian, uint16(len(header)))
	out.WriteString(header)
	writeFloats(out, embeddings)
	return out.Flush() // reports the first error of any write
}

// writeFloats writes little-endian float32 without a copy of them all.
func writeFloats(w *bufio.Writer, values []float32) {
	var element [4]byte
	for _, v := range values {
		binary.LittleEndian.PutUint32(element[:], math.Float32bits(v))
		w.Write(element[:])
	}
}

// WriteNames writes the name of each row, one per line: label/name of pictures, labels of classes.
func WriteNames(w io.Writer, t *Table) error {
	names := t.Labels
	if t.What == Pictures {
		names = t.Files
	}
	out := bufio.NewWriter(w)
	for _, name := range names {
		out.WriteString(name)
		out.WriteByte('\n')
	}
	return out.Flush()
}

// ReadNPY reads a NumPy array of float32 or float64, [N, D], as numpy.save writes it, and the names
// of its rows, one per line, under the rules of [input.Text]. The rows are pictures if their names
// have a slash, or a backslash, as on Windows.
func ReadNPY(array, names io.Reader) (*Table, error) {
	t := &Table{}
	rows, err := t.readArray(bufio.NewReader(array))
	if err != nil {
		return nil, err
	}
	lines, err := input.Lines(names)
	if err == nil {
		err = t.setNames(lines, rows)
	}
	if err != nil {
		return nil, fmt.Errorf("names of the rows: %w", err)
	}
	return t, t.finish()
}

// readArray fills Dim and Rows and returns the number of rows.
func (t *Table) readArray(r *bufio.Reader) (int, error) {
	width, n, dim, err := readNPYHeader(r)
	if err != nil {
		return 0, err
	}
	t.Dim = dim
	// The shape may claim anything: the rows grow with what is really there.
	row := make([]byte, dim*width)
	for i := range n {
		if _, err := io.ReadFull(r, row); err != nil {
			return 0, fmt.Errorf("its shape is (%d, %d), but it ends in row %d", n, dim, i+1)
		}
		for k := range dim {
			if width == 4 {
				t.Rows = append(t.Rows, math.Float32frombits(binary.LittleEndian.Uint32(row[4*k:])))
			} else {
				t.Rows = append(t.Rows, float32(math.Float64frombits(binary.LittleEndian.Uint64(row[8*k:]))))
			}
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		return 0, fmt.Errorf("its shape is (%d, %d), but more data follows", n, dim)
	}
	return n, nil
}

var npyHeader = regexp.MustCompile(`^\{'descr': (.+), 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), \} *\n$`)

// readNPYHeader returns the bytes of an element and the shape.
func readNPYHeader(r io.Reader) (width, n, dim int, err error) {
	start := make([]byte, len(npyMagic)+2)
	if _, err := io.ReadFull(r, start); err != nil || !bytes.HasPrefix(start, []byte(npyMagic)) {
		return 0, 0, 0, errors.New("it is not a NumPy file")
	}
	length := make([]byte, 2)
	switch major, minor := start[6], start[7]; {
	case major == 2 && minor == 0:
		length = make([]byte, 4)
	case major != 1 || minor != 0:
		return 0, 0, 0, fmt.Errorf("it has NumPy's file format %d.%d; write it as 1.0 or 2.0", major, minor)
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return 0, 0, 0, errors.New("it ends within its header")
	}
	size := binary.LittleEndian.Uint32(append(length, 0, 0)[:4])
	if size > maxNPYHeader {
		return 0, 0, 0, fmt.Errorf("its header has %d bytes, more than a plain array needs", size)
	}
	header := make([]byte, size)
	if _, err := io.ReadFull(r, header); err != nil {
		return 0, 0, 0, errors.New("it ends within its header")
	}
	parts := npyHeader.FindStringSubmatch(string(header))
	if parts == nil {
		return 0, 0, 0, fmt.Errorf("its header is not that of a plain array: %.100q", header)
	}
	switch parts[1] {
	case "'<f4'":
		width = 4
	case "'<f8'":
		width = 8
	default:
		return 0, 0, 0, fmt.Errorf("its elements are of type %s; save it as float32: numpy.save(FILE, array.astype('<f4'))", parts[1])
	}
	if parts[2] == "True" {
		return 0, 0, 0, errors.New("its array is in Fortran order; save it with numpy.ascontiguousarray(array)")
	}
	if n, dim, err = parseNPYShape(parts[3]); err != nil {
		return 0, 0, 0, err
	}
	return width, n, dim, nil
}

func parseNPYShape(text string) (n, dim int, err error) {
	first, second, ok := strings.Cut(text, ", ")
	n, errN := strconv.Atoi(first)
	dim, errDim := strconv.Atoi(second)
	if !ok || errN != nil || errDim != nil {
		return 0, 0, fmt.Errorf("its shape is (%s); embeddings have the shape (rows, elements)", text)
	}
	if dim < 1 || dim > MaxDim {
		return 0, 0, fmt.Errorf("embeddings of %d elements; they must have 1 to %d", dim, MaxDim)
	}
	return n, dim, nil
}

// setNames fills labels and files from lines. Backslashes without a slash are those of a path of
// Windows, since labels have none.
func (t *Table) setNames(lines []string, rows int) error {
	if len(lines) != rows {
		return fmt.Errorf("%d rows, but %d names", rows, len(lines))
	}
	t.What = Classes
	for i, name := range lines {
		if !strings.Contains(name, "/") {
			name = strings.ReplaceAll(name, `\`, "/")
		}
		label, _, isPicture := strings.Cut(name, "/")
		if i > 0 && isPicture != (t.What == Pictures) {
			return fmt.Errorf("line %d, %q: either all or none have the form LABEL/NAME", i+1, name)
		}
		if isPicture {
			t.What = Pictures
			t.Files = append(t.Files, name)
		}
		t.Labels = append(t.Labels, label)
	}
	return nil
}
