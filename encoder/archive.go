package encoder

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds on a model file's archive. That of a large model has a few thousand entries and some hundred kilobytes of directory.
const (
	maxEntries     = 100_000
	maxArchiveRead = 8 << 20 // bytes, to find the entries and to read vs.json
	maxMetadata    = 1 << 20 // bytes of vs.json
)

// notTorchScript ends errors about files that are something else.
const notTorchScript = "is it a TorchScript file? scripts/trace_timm.py makes them"

// readMetadata returns vs.json from a TorchScript archive: a zip file whose entries all lie in one folder, that of the first.
func readMetadata(file io.ReaderAt, size int64) (string, error) {
	if err := checkEntries(file, size); err != nil {
		return "", err
	}
	archive, err := zip.NewReader(&budget{file, maxArchiveRead}, size)
	if err != nil {
		return "", fmt.Errorf("%w; %s", err, notTorchScript)
	}
	if len(archive.File) == 0 {
		return "", errors.New("the archive is empty; " + notTorchScript)
	}
	folder, _, _ := strings.Cut(archive.File[0].Name, "/")
	var found *zip.File
	torchScript := false
	for _, entry := range archive.File {
		switch entry.Name {
		case folder + "/constants.pkl": // which torch.save does not write
			torchScript = true
		case folder + "/extra/" + metadataName:
			if found != nil {
				return "", fmt.Errorf("the archive has %s twice; trace the model again", metadataName)
			}
			found = entry
		}
	}
	switch {
	case !torchScript:
		return "", errors.New("the archive has no constants.pkl; " + notTorchScript)
	case found == nil:
		return "", errNoMetadata
	}
	text, err := readEntry(found)
	if err != nil {
		return "", fmt.Errorf("%s: %w; copy the file again, or trace the model again", metadataName, err)
	}
	return text, nil
}

func readEntry(entry *zip.File) (string, error) {
	content, err := entry.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	// The size that the directory says may be wrong.
	text, err := io.ReadAll(io.LimitReader(content, maxMetadata+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxMetadata {
		return "", fmt.Errorf("it has more than %d bytes", maxMetadata)
	}
	return string(text), nil
}

// checkEntries refuses an archive that says it has very many entries, since archive/zip makes room for them beforehand. Only the
// 64-bit end record can say so.
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

// budget bounds what is read of a file, and so the memory that a directory of many entries would take.
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
