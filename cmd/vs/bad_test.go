package main

import (
	"fmt"
	"path/filepath"
	"testing"
)

// As a product of floating-point numbers, 0.29 of 100 is less than 29.
func TestEveryCommandAllowsExactlyTheShareOfBadPictures(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 36, "ash", "birch")
	var files []string
	for i := range 36 {
		for _, class := range []string{"ash", "birch"} {
			if len(files) < 71 {
				files = append(files, filepath.Join(pictures, class, fmt.Sprintf("%03d.jpg", i)))
			}
		}
	}
	writeFile(t, filepath.Join(pictures, "birch", "035.jpg"), []byte("no picture"))
	for i := range 28 {
		writeFile(t, filepath.Join(pictures, "ash", fmt.Sprintf("bad%02d.jpg", i)), []byte("no picture"))
		files = append(files, filepath.Join(pictures, "ash", fmt.Sprintf("bad%02d.jpg", i)))
	}
	files = append(files, filepath.Join(pictures, "birch", "035.jpg"))
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	commands := map[string][]string{
		"encode": {"encode", "--model", channelMeans, "--data", pictures, "--db", db},
		"db add": {"db", "add", "--model", channelMeans, "--data", pictures, "--db", db},
		"split":  {"split", "--data", pictures, "--out", filepath.Join(dir, "split.json")},
		"eval":   {"eval", "--model", channelMeans, "--data", pictures},
		"query":  {"query", "--model", channelMeans, "--db", db},
	}
	for _, name := range []string{"encode", "db add", "split", "eval", "query"} {
		t.Run(name, func(t *testing.T) {
			with := func(share string) outcome {
				args := append(append([]string{}, commands[name]...), "--max-bad-share", share)
				if name == "query" {
					args = append(args, files...)
				}
				return vs(t, args...)
			}
			if o := with("0.28"); o.code != exitBadPictures {
				t.Errorf("exit code %d at 0.28, want %d", o.code, exitBadPictures)
			} else {
				wantParts(t, o.stderr, "too many bad pictures: 29 of 100 pictures cannot be used, allowed is a share of 0.28")
			}
			if o := with("0.29"); o.code != exitDone {
				t.Errorf("exit code %d at 0.29: %s", o.code, o.stderr)
			}
		})
	}
}
