package atomicfile_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// contents are the files of a folder and what they hold.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			files[e.Name()] = "folder"
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(content)
	}
	return files
}

func wantContents(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := contents(t, dir)
	if len(got) != len(want) {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s holds %q, want %q", name, got[name], content)
		}
	}
}

// pair begins a group of two files over old ones; a third is to be removed.
func pair(t *testing.T, ctx context.Context) (dir string, g *atomicfile.Group) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"a", "b", "stale", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g = atomicfile.NewGroup(ctx)
	t.Cleanup(g.Discard)
	for _, name := range []string{"a", "b"} {
		if err := g.Add(filepath.Join(dir, name), text("new")); err != nil {
			t.Fatal(err)
		}
	}
	g.Remove(filepath.Join(dir, "stale"))
	return dir, g
}

func TestFilesOfAGroupTakeTheirPlacesTogether(t *testing.T) {
	dir, g := pair(t, t.Context())
	if err := g.Commit(); err != nil {
		t.Fatal(err)
	}
	wantContents(t, dir, map[string]string{"a": "new", "b": "new", "other": "old"})
}

func TestAGroupThatIsDiscardedLeavesNothing(t *testing.T) {
	dir, g := pair(t, t.Context())
	g.Discard()
	wantContents(t, dir, map[string]string{"a": "old", "b": "old", "stale": "old", "other": "old"})
}

func TestAGroupEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir, g := pair(t, ctx)
	cancel()
	if err := g.Add(filepath.Join(dir, "c"), text("new")); !errors.Is(err, context.Canceled) {
		t.Errorf("writing: %v, want the context's error", err)
	}
	if err := g.Commit(); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v, want the context's error", err)
	}
	g.Discard()
	wantContents(t, dir, map[string]string{"a": "old", "b": "old", "stale": "old", "other": "old"})
}

// Where something goes wrong when old files are gone already, none of them stands beside a new one.
func TestAGroupThatCannotBeCompletedMixesNothing(t *testing.T) {
	dir, g := pair(t, t.Context())
	b := filepath.Join(dir, "b")
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(b, "x"), 0o755); err != nil { // cannot be removed
		t.Fatal(err)
	}
	if err := g.Commit(); err == nil || !strings.Contains(err.Error(), b) || !strings.Contains(err.Error(), "write them again") {
		t.Errorf("error %v, want one that names %s and says what to do", err, b)
	}
	g.Discard()
	wantContents(t, dir, map[string]string{"b": "folder", "stale": "old", "other": "old"})
}

func TestTemporariesStandBesideTheirTarget(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, _ := pair(t, t.Context())
	if n := len(contents(t, dir)); n != 6 {
		t.Errorf("%d files beside the target, want 4 and 2 temporaries", n)
	}
	if found := contents(t, os.Getenv("TMPDIR")); len(found) > 0 {
		t.Errorf("%q in TMPDIR", found)
	}
}
