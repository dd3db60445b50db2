package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Editors on Windows put a byte-order mark before a text, and other ends behind its lines.
func TestTextsOfWindowsAreReadAsTheyAreMeant(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	windows := func(file string) {
		t.Helper()
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.ReplaceAll(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"), []byte("\r\n"))
		writeFile(t, file, append([]byte("\ufeff"), content...))
	}

	writeFile(t, path("labels.txt"), []byte("\ufeffash\r\ncedar\r\n\r\n"))
	o := mustVS(t, "split", "--data", pictures, "--labels-file", path("labels.txt"), "--out", path("split.json"))
	wantParts(t, o.stdout, "2 of 3")

	windows(path("split.json"))
	mustVS(t, "eval", "--db", db, "--split", path("split.json"))

	mustVS(t, "eval", "--db", db, "--manifest", path("manifest.json"))
	windows(path("manifest.json"))
	mustVS(t, "eval", "--replay", path("manifest.json"))

	mustVS(t, "db", "export", "--db", db, path("a.npy"))
	windows(path("a.npy.txt"))
	mustVS(t, "db", "import", "--db", path("again.db"), "--model", channelMeans, path("a.npy"))
	o = mustVS(t, "db", "classes", "--db", path("again.db"), "--format", "csv")
	if strings.Contains(o.stdout, "\ufeff") || strings.Count(o.stdout, "\n") != 4 {
		t.Errorf("classes %q", o.stdout)
	}

	for name, test := range map[string]struct{ text, want string }{
		"UTF-16":      {"\xff\xfea\x00s\x00h\x00", "it is UTF-16 text; save it as UTF-8"},
		"Latin-1":     {"ash\nb\xe9rch\n", "line 2 is not valid UTF-8"},
		"a NUL byte":  {"ash\nbir\x00ch\n", "line 2 holds a NUL byte"},
		"a path":      {"ash\nbirch/1.jpg\n", `line 2: label "birch/1.jpg"`},
		"old Macs":    {"ash\rbirch\r", "line 1: label"},
		"empty lines": {"\n\r\n", "names none"},
	} {
		t.Run(name, func(t *testing.T) {
			writeFile(t, path("bad.txt"), []byte(test.text))
			o := vs(t, "eval", "--db", db, "--labels-file", path("bad.txt"))
			if o.code != exitFailed || strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, test.want) || !strings.Contains(o.stderr, path("bad.txt")) {
				t.Errorf("exit code %d, stderr %q, want one line with %q", o.code, o.stderr, test.want)
			}
		})
	}
	if o := vs(t, "eval", "--db", db, "--labels-file", dir); o.code != exitFailed || !strings.Contains(o.stderr, "it is a folder") {
		t.Errorf("exit code %d, stderr %q", o.code, o.stderr)
	}
}
