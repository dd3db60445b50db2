package torchscript

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// How errors end about files that are damaged, are something else, or hold weights alone.
const (
	copyAgain      = "copy the file again, or trace the model again"
	notTorchScript = "is it a TorchScript file? scripts/trace_timm.py makes them"
	traceWeights   = "make a model file of them with: scripts/trace_timm.py --model NAME --checkpoint FILE"
)

var (
	errTorchSave = errors.New("it is a checkpoint that torch.save has written: weights without the computation; " + traceWeights)
	errExport    = errors.New("it is a program of torch.export (.pt2), which vs does not run; trace the model with scripts/trace_timm.py")
)

// notAnArchive says what a file is that is not a ZIP archive, as far as its first bytes show.
func notAnArchive(r io.ReaderAt, size int64, cause error) error {
	head := make([]byte, min(size, 512))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return err
	}
	text := strings.ToLower(strings.TrimLeft(string(head), "\ufeff \t\r\n"))
	switch {
	case strings.HasPrefix(text, "version https://git-lfs."):
		return errors.New("it is a pointer of Git LFS, not the model itself; fetch the model with: git lfs pull")
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return errors.New("it is a web page, not a model; download the file itself again")
	case len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5: // a pickle of protocol 2 to 5
		return errTorchSave
	case len(head) > 9 && bytes.HasPrefix(head[8:], []byte(`{"`)):
		return errors.New("it is a safetensors file: weights without the computation; " + traceWeights)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return fmt.Errorf("the archive ends too early (%w); %s", cause, copyAgain)
	}
	return fmt.Errorf("%w; %s", cause, notTorchScript)
}

// checkKind says what an archive is that is not a TorchScript file.
func (f *File) checkKind() error {
	var data, export bool
	for _, entry := range f.entries {
		name, inside := strings.CutPrefix(entry.Name, f.folder)
		switch {
		case inside && name == "constants.pkl":
			return nil
		case inside && name == "data.pkl":
			data = true
		case name == "archive_format", name == "serialized_exported_program.json",
			strings.HasPrefix(name, "data/aotinductor/"), strings.HasPrefix(name, "models/") && strings.HasSuffix(name, ".json"):
			export = true
		}
	}
	switch {
	case export:
		return errExport
	case data:
		return errTorchSave
	}
	return errors.New("the archive has no constants.pkl; " + notTorchScript)
}
