package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"vs/data"
	"vs/encoder"
	"vs/search/database"
	"vs/search/ingest"
	"vs/torch"
)

// hostile is a name that would colour a terminal, set its title, turn the text around and add a
// line.
const hostile = "a\x1b[31m\x1b]0;t\x07\u009b1m\u202eb\u2028\nvs: done"

// wantPrintable fails where text would do more on a terminal than to be read.
func wantPrintable(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar {
			t.Errorf("%s: %q goes to the terminal in\n%q", what, r, text)
			return
		}
	}
	if strings.Contains(text, "\nvs: done") {
		t.Errorf("%s: a name begins a line:\n%s", what, text)
	}
}

// hostileDatabase has hostile names for its model and a class, all else as it must be.
func hostileDatabase(t *testing.T, pictures string) string {
	t.Helper()
	e, err := encoder.Load(channelMeans, encoder.Options{Device: torch.CPU, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	folder, err := data.OpenFolder(pictures)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(pictures, "birch"), filepath.Join(pictures, hostile)); err != nil {
		t.Fatal(err)
	}
	folder.Labels = []string{hostile, "ash", "cedar"} // in byte order
	for i := range folder.Pictures {
		folder.Pictures[i].Label = [3]int{1, 0, 2}[folder.Pictures[i].Label]
	}
	path := filepath.Join(t.TempDir(), "hostile"+hostile+".db")
	db, err := database.Create(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m := modelOf(e)
	m.Name = hostile
	if err := db.Bind(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.Run(t.Context(), db, folder, e, ingest.Options{BatchSize: 32}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNothingReachesTheTerminalRaw(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 4, "ash", "birch", "cedar")
	db := hostileDatabase(t, pictures)
	other := makePictures(t, 4, "ash", "birch")
	bad := filepath.Join(t.TempDir(), hostile+".jpg")
	writeFile(t, bad, []byte("no picture"))
	badFolder := makePictures(t, 4, "ash", "birch")
	writeFile(t, filepath.Join(badFolder, "ash", hostile+".jpg"), []byte("no picture"))
	model := filepath.Join(t.TempDir(), hostile+".pt")
	writeFile(t, model, readFile(t, channelMeans))
	dir := t.TempDir()
	tests := [][]string{
		{"db", "info", "--db", db},
		{"db", "classes", "--db", db},
		{"db", "classes", "--db", db, "--format", "markdown"},
		{"db", "verify", "--db", db},
		{"db", "export", "--db", db, filepath.Join(dir, hostile+".npy")},
		{"db", "rename", "--db", db, "ash", hostile},
		{"db", "rename", "--db", db, hostile, hostile},
		{"db", "merge", "--db", db, "--out", hostile, "ash", hostile},
		{"db", "remove", "--db", db, hostile + "x"},
		{"eval", "--db", db, "--top-k", "2", "--threshold", "1"},
		{"eval", "--db", db, "--format", "markdown"},
		{"eval", "--db", db, "--protocol", "leave-one-out", "--sweep"},
		{"eval", "--db", db, "--db", db, "--runs", "3"},
		{"eval", "--db", db, "--labels", hostile + ",ash"},
		{"gallery", "--db", db, "--data", pictures, "--out", filepath.Join(dir, hostile)},
		{"gallery", "--db", db, "--data", other, "--out", filepath.Join(dir, hostile)},
		{"report", "--db", db, "--data", pictures, "--out", filepath.Join(dir, "report"+hostile)},
		{"report", "--db", db, "--data", other, "--out", filepath.Join(dir, "report"+hostile)},
		{"query", "--db", db, "--model", channelMeans, "--max-bad-share", "1", bad, filepath.Join(pictures, "ash", "000.jpg")},
		{"query", "--db", db, "--model", channelMeans, "--pictures", filepath.Join(pictures, hostile, "000.jpg")},
		{"query", "--db", db, "--model", "builtin", filepath.Join(pictures, "ash", "000.jpg")},
		{"encode", "--db", db, "--model", "builtin", "--data", other},
		{"db", "add", "--db", db, "--model", "builtin", "--data", other},
		{"encode", "--db", filepath.Join(dir, "a.db"), "--model", channelMeans, "--data", badFolder},
		{"encode", "--db", filepath.Join(dir, "b.db"), "--model", model, "--data", pictures},
		{"split", "--data", badFolder, "--out", filepath.Join(dir, hostile+".json"), "--max-bad-share", "1"},
		{"db", "info", "--db", bad},
		{"db", "info", "--db", bad + "no"},
		{"inspect", model, bad, hostile},
		{hostile},
		{"eval", "--" + hostile},
		{"eval", "--db", db, "--format", hostile},
		{"eval", "--db", db, "--runs", hostile},
		{"eval", "--replay", bad},
	}
	for _, args := range tests {
		o := vs(t, args...)
		wantPrintable(t, "vs "+strings.Join(args[:min(2, len(args))], " ")+": stdout", o.stdout)
		wantPrintable(t, "vs "+strings.Join(args[:min(2, len(args))], " ")+": stderr", o.stderr)
	}
}
