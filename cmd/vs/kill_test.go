package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vs/search"
)

// written is the number of pictures in a database that another process may be writing.
func written(path string) int {
	db, err := search.Open(context.Background(), path)
	if err != nil {
		return 0
	}
	defer db.Close()
	set, err := db.Load(context.Background())
	if err != nil {
		return 0
	}
	return len(set.Names)
}

func TestStoppedEncodeGoesOnWhereItStopped(t *testing.T) {
	pictures := makePictures(t, 60, "ash", "birch", "cedar")
	reference := filepath.Join(t.TempDir(), "reference.npy")
	mustVS(t, "encode", "--model", "builtin", "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--npy", reference)
	want, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}

	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			db, npy := filepath.Join(dir, "a.db"), filepath.Join(dir, "a.npy")
			args := []string{"encode", "--model", "builtin", "--data", pictures, "--db", db, "--npy", npy, "--batch-size", "2", "--workers", "1"}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for written(db) < 6 && cmd.Process.Signal(syscall.Signal(0)) == nil {
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); signal == syscall.SIGINT && code != exitInterrupted {
				t.Errorf("exit code %d (%v), want %d: %s", code, err, exitInterrupted, stderr.String())
			}
			kept := written(db)
			if kept < 6 || kept >= 180 {
				t.Fatalf("%d pictures kept, want at least 6 and not all 180", kept)
			}
			o := mustVS(t, args...)
			wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "reused: "+strconv.Itoa(kept), "new: "+strconv.Itoa(180-kept))
			if got, err := os.ReadFile(npy); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the embeddings differ from those of a run without a stop (%v)", err)
			}
		})
	}
}
