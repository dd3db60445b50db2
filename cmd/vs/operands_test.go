package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What stands behind -- is no option in any command, whatever it looks like.
func TestTwoDashesEndTheOptions(t *testing.T) {
	pictures, db := encoded(t)
	model, err := filepath.Abs(channelMeans)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // operands with a dash in front are paths in the working folder
	if err := os.Symlink(filepath.Join(pictures, "birch", "003.jpg"), "--top-k"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		want string // in stdout
	}{
		{[]string{"db", "rename", "--db", db, "--", "birch", "--db"}, `renamed: "birch" is now "--db"`},
		{[]string{"db", "rename", "--db", db, "--", "--db", "--"}, `renamed: "--db" is now "--"`},
		{[]string{"db", "rename", "--db", db, "--", "--", "-x"}, `renamed: "--" is now "-x"`},
		{[]string{"db", "rename", "--db", db, "-x", "--", "--db"}, ""}, // -x comes first, and is no option
		{[]string{"db", "rename", "--db", db, "--", "-x", "birch"}, `renamed: "-x" is now "birch"`},
		{[]string{"db", "rename", "--db", db, "birch", "--", "--db"}, `renamed: "birch" is now "--db"`},
		{[]string{"db", "merge", "--db", db, "--out", "birch", "--", "--db", "ash"}, `merged: 2 classes into "birch"`},
		{[]string{"db", "export", "--db", db, "--format", "npy", "--", "--what"}, "pictures"},
		{[]string{"db", "import", "--db", db, "--format", "npy", "--", "--what"}, "unchanged"},
		{[]string{"query", "--db", db, "--model", model, "--", "--top-k"}, "--top-k"},
		{[]string{"query", "--db", db, "--model", model, "--top-k", "1", filepath.Join(pictures, "ash", "000.jpg"), "--", "--top-k"}, "--top-k"},
		{[]string{"inspect", "--", "--format"}, ""},
		{[]string{"db", "remove", "--db", db, "--", "cedar"}, "removed: 1 classes"},
	}
	for _, tt := range tests {
		o := vs(t, tt.args...)
		if tt.want == "" {
			if o.code == exitDone {
				t.Errorf("%q: exit code 0", tt.args)
			}
			continue
		}
		if o.code != exitDone || !strings.Contains(o.stdout, tt.want) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q, want %q", tt.args, o.code, o.stdout, o.stderr, tt.want)
		}
	}
	if _, err := os.Stat("--what"); err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{
		{"query", "--db", db, "--model", model, "a.jpg", "--top-k", "2"},
		{"db", "remove", "--db", db, "ash", "--db", "x", "--", "birch"},
		{"db", "export", "--db", db, "a.npy", "--what", "classes"},
	} {
		if o := vs(t, args...); o.code != exitUsage || !strings.Contains(o.stderr, "options come first, and -- ends them") {
			t.Errorf("%q: exit code %d, stderr %q", args, o.code, o.stderr)
		}
	}
	for _, command := range []string{"doctor", "encode", "split", "eval", "gallery", "report", "bench"} {
		if o := vs(t, command, "--", "--quiet"); o.code != exitUsage || !strings.Contains(o.stderr, `unexpected argument "--quiet"`) {
			t.Errorf("%s -- --quiet: exit code %d, stderr %q", command, o.code, o.stderr)
		}
	}
}
