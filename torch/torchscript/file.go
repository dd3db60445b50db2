package torchscript

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds on a file. That of a large model has a few thousand entries and some hundred kilobytes of
// directory.
const (
	maxEntries     = 100_000
	maxArchiveRead = 8 << 20 // bytes, to find the entries and to read an extra file
	maxExtra       = 1 << 20 // bytes of an extra file
)

// File is the directory of a TorchScript file.
type File struct {
	folder  string // that all entries lie in, with its slash
	entries []*zip.File
}

// Open reads the directory. It costs little: of the entries nothing is read.
func Open(r io.ReaderAt, size int64) (*File, error) {
	if size == 0 {
		return nil, errors.New("the file is empty; " + notTorchScript)
	}
	if err := checkEntries(r, size); err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(&budget{r, maxArchiveRead}, size)
	if err != nil {
		return nil, notAnArchive(r, size, err)
	}
	if len(archive.File) == 0 {
		return nil, errors.New("the archive is empty; " + notTorchScript)
	}
	folder, _, _ := strings.Cut(archive.File[0].Name, "/")
	f := &File{folder: folder + "/", entries: archive.File}
	return f, f.checkKind()
}

// Extra returns the extra file of a name, "" if there is none.
func (f *File) Extra(name string) (string, error) {
	var found *zip.File
	for _, entry := range f.entries {
		if entry.Name != f.folder+"extra/"+name {
			continue
		}
		if found != nil {
			return "", fmt.Errorf("the archive has %s twice; trace the model again", name)
		}
		found = entry
	}
	if found == nil {
		return "", nil
	}
	text, err := readExtra(found)
	if err != nil {
		return "", fmt.Errorf("%s: %w; %s", name, err, copyAgain)
	}
	return text, nil
}

func readExtra(entry *zip.File) (string, error) {
	content, err := entry.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	// The size that the directory says may be wrong.
	text, err := io.ReadAll(io.LimitReader(content, maxExtra+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxExtra {
		return "", fmt.Errorf("it has more than %d bytes", maxExtra)
	}
	return string(text), nil
}

// checkEntries refuses an archive that says it has very many entries, since archive/zip makes room
// for them beforehand. Only the 64-bit end record can say so.
func checkEntries(file io.ReaderAt, size int64) error {
	const (
		searched     = 65 << 10 // of the end of the file, by archive/zip for the end record
		endSize      = 22
		locatorSize  = 20
		endMark      = "PK\x05\x06"
		locatorMark  = "PK\x06\x07"
		recordOffset = 8  // in the locator: where the 64-bit end record is
		countOffset  = 32 // in that record
	)
	tail := make([]byte, min(size, searched+locatorSize))
	if n, err := file.ReadAt(tail, size-int64(len(tail))); n < len(tail) {
		return err
	}
	end := bytes.LastIndex(tail[:max(len(tail)-endSize+len(endMark), 0)], []byte(endMark))
	if end < locatorSize {
		return nil
	}
	locator := tail[end-locatorSize : end]
	if !bytes.HasPrefix(locator, []byte(locatorMark)) {
		return nil
	}
	var count [8]byte
	at := int64(binary.LittleEndian.Uint64(locator[recordOffset:]))
	if at < 0 || at > size-countOffset-int64(len(count)) {
		return nil // archive/zip says what is wrong
	}
	if n, err := file.ReadAt(count[:], at+countOffset); n < len(count) {
		return err
	}
	if n := binary.LittleEndian.Uint64(count[:]); n > maxEntries {
		return fmt.Errorf("the archive says that it has %d entries, more than the %d of any model; %s", n, maxEntries, notTorchScript)
	}
	return nil
}

// budget bounds what is read of a file, and so the memory that a directory of many entries would
// take.
type budget struct {
	file io.ReaderAt
	left int
}

func (b *budget) ReadAt(p []byte, offset int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, fmt.Errorf("the archive's directory has more than %d bytes", maxArchiveRead)
	}
	return b.file.ReadAt(p, offset)
}
