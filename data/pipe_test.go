//go:build unix

package data

import (
	"path/filepath"
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
		wantPathError(t, items[0].Err, path, "not a regular file")
	}
}
