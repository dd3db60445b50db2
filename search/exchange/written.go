package exchange

import (
	"archive/zip"
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
)

// Written reports whether a file, or of the format [NPY] both files, has the form in which [Write]
// writes tables. Numbers are not looked at.
func Written(path string, format Format) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	switch format {
	case CSVZip:
		return isCSVZip(f, info.Size())
	case NPY:
		return isNPYPair(f, info.Size())
	case SafeTensors:
		return isSafeTensors(f, info.Size())
	case Parquet:
		return isParquet(f, info.Size())
	}
	return false
}

// isNPYPair reports whether an array is one of float32 with a name for each row in the file beside
// it.
func isNPYPair(array *os.File, size int64) bool {
	width, n, dim, err := readNPYHeader(array)
	if err != nil || width != 4 {
		return false
	}
	start, err := array.Seek(0, io.SeekCurrent)
	if err != nil || size-start != int64(n)*int64(dim)*4 {
		return false
	}
	names, err := os.Open(namesPath(array.Name()))
	if err != nil {
		return false
	}
	defer names.Close()
	if info, err := names.Stat(); err != nil || !info.Mode().IsRegular() {
		return false
	}
	lines := bufio.NewScanner(names)
	for n >= 0 && lines.Scan() {
		n--
	}
	return n == 0 && lines.Err() == nil
}

func isCSVZip(r io.ReaderAt, size int64) bool {
	archive, err := zip.NewReader(r, size)
	if err != nil || len(archive.File) != 1 || !strings.HasSuffix(archive.File[0].Name, ".csv") {
		return false
	}
	file, err := archive.File[0].Open()
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, len(columnTarget+","+columnFile+",0"))
	if _, err := io.ReadFull(file, start); err != nil {
		return false
	}
	return bytes.HasPrefix(start, []byte(columnTarget+",0")) || string(start) == columnTarget+","+columnFile+",0"
}

func isSafeTensors(r io.ReaderAt, size int64) bool {
	header, err := readSafeTensorsHeader(r, size)
	if err != nil {
		return false
	}
	tensors, metadata, err := parseSafeTensorsHeader(header, tableTensors)
	_, ok := tensors[tensorEmbeddings]
	return err == nil && ok && metadata[keySchema] != "" && metadata[keyWhat] != ""
}

func isParquet(r io.ReaderAt, size int64) bool {
	footer, err := readParquetFooter(r, size)
	if err != nil {
		return false
	}
	var schema, what bool
	for _, pair := range footer.field(5).list {
		switch string(pair.field(1).text) {
		case keySchema:
			schema = true
		case keyWhat:
			what = true
		}
	}
	return schema && what
}
