package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"vs/data/atomicfile"
	"vs/data/input"
)

// splitFormat is the only version of the file so far.
const splitFormat = 1

// splitJSON is the layout of the file.
type splitJSON struct {
	Format int        `json:"format"`
	Seed   uint64     `json:"seed"`
	Shares sharesJSON `json:"shares"`
	// Duplicates is left out where all are kept.
	Duplicates Duplicates `json:"duplicates"`

	Labels []string     `json:"labels"`
	Active []SplitClass `json:"active"`
}

type sharesJSON struct {
	Valid float64 `json:"valid"`
	Test  float64 `json:"test"`
}

// ReadSplit reads a split file. A file that is damaged, or that cannot have been written by
// WriteSplit, is refused.
func ReadSplit(path string) (*SplitFile, error) {
	text, err := input.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read split: %w; vs split makes split files", err)
	}
	f, err := parseSplit(text)
	if err != nil {
		return nil, fmt.Errorf("read split %s: %w", path, err)
	}
	return f, nil
}

// parseSplit reads the content of a split file.
func parseSplit(content []byte) (*SplitFile, error) {
	text, err := input.DecodeText(content)
	if err != nil {
		return nil, err
	}
	// The format first, since a newer one may have keys that are unknown here.
	var version struct {
		Format int `json:"format"`
	}
	const remedy = "restore it from a copy, or make it again with vs split"
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("it is damaged or no split file: %w; %s", err, remedy)
	}
	switch {
	case version.Format > splitFormat:
		return nil, fmt.Errorf("format %d is newer than this program reads (%d); update vs", version.Format, splitFormat)
	case version.Format != splitFormat:
		return nil, fmt.Errorf("format %d is unknown; is it a split file? vs split makes them", version.Format)
	}
	var file splitJSON
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("it is damaged: %w; %s", err, remedy)
	}
	f := &SplitFile{Seed: file.Seed, Shares: Shares(file.Shares), Labels: file.Labels, Active: file.Active, Duplicates: file.Duplicates}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("it is damaged: %w; %s", err, remedy)
	}
	return f, nil
}

// WriteSplit writes the file: whole, or not at all. The same split gives the same bytes.
func WriteSplit(path string, f *SplitFile) error {
	text, err := f.encode()
	if err != nil {
		return fmt.Errorf("write split %s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// encode writes one picture a line, so that tools that compare lines show what differs.
func (f *SplitFile) encode() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	var failed error
	write := func(before string, value any, after string) {
		text.WriteString(before)
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil && failed == nil {
			failed = err
			return
		}
		text.Truncate(text.Len() - 1) // the line end that Encode adds
		text.WriteString(after)
	}
	write("{\n \"format\": ", splitFormat, ",\n")
	write(" \"seed\": ", f.Seed, ",\n")
	write(" \"shares\": ", sharesJSON(f.Shares), ",\n")
	if f.Duplicates != "" && f.Duplicates != KeepDuplicates {
		write(" \"duplicates\": ", f.Duplicates, ",\n")
	}
	write(" \"labels\": ", f.Labels, ",\n \"active\": [")
	for c, class := range f.Active {
		write(separator(c)+" {\"label\": ", class.Label, ", \"pictures\": [")
		for i, p := range class.Pictures {
			write(separator(i)+"  ", p, "")
		}
		text.WriteString("\n ]}")
	}
	text.WriteString("\n ]\n}\n")
	return text.Bytes(), failed
}

// separator is what stands before element i of a list with one element a line.
func separator(i int) string {
	if i == 0 {
		return "\n"
	}
	return ",\n"
}
