package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/search/database"
)

func TestBackup(t *testing.T) {
	_, db := encoded(t)
	dir := t.TempDir()
	copied := filepath.Join(dir, "copy.db")
	o := mustVS(t, "db", "backup", "--db", db, copied)
	wantParts(t, o.stdout, "backed up and verified: 3 classes, 30 pictures")
	mustVS(t, "db", "backup", "--db", db, copied) // over an older one
	if got, want := mustVS(t, "eval", "--db", copied, "--format", "json").stdout, mustVS(t, "eval", "--db", db, "--format", "json").stdout; got != want {
		t.Errorf("the copy evaluates to %s, want %s", got, want)
	}
	text, link := filepath.Join(dir, "text.db"), filepath.Join(dir, "link.db")
	writeFile(t, text, []byte("text"))
	if err := os.Symlink(db, link); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no file", nil, exitUsage, "name one file"},
		{"two files", []string{copied, text}, exitUsage, "name one file"},
		{"the database itself", []string{db}, exitUsage, "it is the file of --db"},
		{"a link to it", []string{link}, exitUsage, "it is the file of --db"},
		{"its log", []string{db + "-wal"}, exitUsage, "it is the file of --db"},
		{"another file", []string{text}, exitFailed, "--force"},
		{"a folder that is not there", []string{filepath.Join(dir, "no", "a.db")}, exitFailed, "make the folder first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if o := vs(t, append([]string{"db", "backup", "--db", db}, tt.args...)...); o.code != tt.code || !strings.Contains(o.stderr, tt.want) {
				t.Errorf("exit code %d, %q; want %d with %q", o.code, o.stderr, tt.code, tt.want)
			}
		})
	}
	if content, err := os.ReadFile(text); err != nil || string(content) != "text" {
		t.Errorf("another file holds %q (%v)", content, err)
	}
}

// What a command has left that was killed is named, since a copy of the file alone would lack it.
func TestALogIsNamed(t *testing.T) {
	ctx := context.Background()
	_, path := encoded(t)
	if o := mustVS(t, "db", "info", "--db", path); strings.Contains(o.stdout, "write-ahead") {
		t.Errorf("without a log: %s", o.stdout)
	}
	db, err := database.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Rename(ctx, "ash", "elm"); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"info", "verify"} {
		o := mustVS(t, "db", command, "--db", path)
		wantParts(t, o.stdout, "write-ahead log", path+"-wal", "vs db backup")
	}
}
