package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data/atomicfile"
)

func TestWriteReplacesTheFileWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	put := func(text string, failure error) error {
		return atomicfile.Write(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return failure
		})
	}
	for _, text := range []string{"first", "second"} {
		if err := put(text, nil); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken")
	if err := put("half", broken); !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "second" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want the file alone", entries, err)
	}
}

func TestWriteDoesNotReplaceWhatIsNoFile(t *testing.T) {
	err := atomicfile.Write("/dev/null", func(io.Writer) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("got %v", err)
	}
}
