package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAModelThatFailsLeavesNoDatabase(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	pictures := makePictures(t, 2, "ash", "oak")
	if o := vs(t, "encode", "--model", "../../encoder/testdata/nan.pt", "--data", pictures, "--db", db); o.code != exitFailed {
		t.Errorf("exit code %d, want %d: %s", o.code, exitFailed, o.stderr)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
}
