package encoder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"vs/data/input"
	"vs/torch/torchscript"
)

// ModelFile is what a model file says about itself.
type ModelFile struct {
	Metadata
	Hash string // SHA-256 of the file in hexadecimal, as [Encoder.Hash]
	Size int64  // of the file, in bytes
}

// Inspect reads the metadata of a model file, or of [Builtin], without loading the model, so that
// it needs neither libtorch nor memory for the weights. Whether libtorch can run the model is not
// known then, but a damaged file is an error: its hash would name a model that nobody has.
func Inspect(path string) (ModelFile, error) {
	if path == Builtin {
		m, err := inspect(bytes.NewReader(builtinArchive), int64(len(builtinArchive)))
		if err != nil {
			return ModelFile{}, fmt.Errorf("inspect model %s: %w", path, err)
		}
		return m, nil
	}
	info, err := os.Stat(path) // before it is opened, since opening a pipe could wait forever
	if err != nil {
		return ModelFile{}, fmt.Errorf("inspect model: %w", err)
	}
	if err := input.Regular(info); err != nil {
		return ModelFile{}, fmt.Errorf("inspect model %s: %w", path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return ModelFile{}, fmt.Errorf("inspect model: %w", err)
	}
	defer file.Close()
	m, err := inspect(file, info.Size())
	if err != nil {
		return ModelFile{}, fmt.Errorf("inspect model %s: %w", path, err)
	}
	return m, nil
}

func inspect(file io.ReaderAt, size int64) (ModelFile, error) {
	archive, err := torchscript.Open(file, size)
	if err != nil {
		return ModelFile{}, err
	}
	text, err := archive.Extra(metadataName)
	if err != nil {
		return ModelFile{}, err
	}
	if text == "" {
		return ModelFile{}, errNoMetadata
	}
	m := ModelFile{Size: size}
	if m.Metadata, err = ParseMetadata(text); err != nil {
		return ModelFile{}, err
	}
	if err := archive.CheckSums(file, size); err != nil {
		return ModelFile{}, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size)); err != nil {
		return ModelFile{}, err
	}
	m.Hash = hex.EncodeToString(hash.Sum(nil))
	return m, nil
}
