//go:build unix

package data

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadDoesNotWaitForPipesAndDevices(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.jpg")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	f := &fake{}
	for _, path := range []string{pipe, "/dev/zero"} {
		items := drain(t, f.load(t, t.Context(), []string{path}, LoaderOptions{}))
		var pathErr *fs.PathError
		if err := items[0].Err; !errors.As(err, &pathErr) || pathErr.Path != path || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("got %v", err)
		}
	}
}
