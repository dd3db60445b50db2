package data_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vs/data"
)

func TestOpenFolder(t *testing.T) {
	tests := []struct {
		name    string
		tree    []string
		labels  []string
		rel     []string
		counts  []int
		leftOut data.LeftOut
	}{
		{
			name:   "labels and names are in byte order, capitals first",
			tree:   []string{"b/2.jpg", "b/10.jpg", "b/Z.jpg", "a/é.jpg", "a/z.jpg", "B/x.jpg"},
			labels: []string{"B", "a", "b"},
			rel:    []string{"B/x.jpg", "a/z.jpg", "a/é.jpg", "b/10.jpg", "b/2.jpg", "b/Z.jpg"},
			counts: []int{1, 2, 3},
		},
		{
			name:   "every known ending counts in either case",
			tree:   []string{"a/1.jpg", "a/2.JPEG", "a/3.Jpe", "a/4.jfif", "a/5.png", "a/6.gif", "a/7.bmp", "a/8.tif", "a/9.TIFF", "a/A.webp"},
			labels: []string{"a"},
			rel:    []string{"a/1.jpg", "a/2.JPEG", "a/3.Jpe", "a/4.jfif", "a/5.png", "a/6.gif", "a/7.bmp", "a/8.tif", "a/9.TIFF", "a/A.webp"},
			counts: []int{10},
		},
		{
			name: "hidden entries, other endings, stray files and nested folders are left out",
			tree: []string{
				"a/1.jpg",
				"a/.1.jpg", "a/notes.txt", "a/jpg", "a/2.jpg.bak", "a/deep/3.jpg", "a/deep/4.jpg", "a/folder.jpg/",
				".git/5.jpg", ".hidden", "stray.jpg", "labels.csv",
			},
			labels: []string{"a"},
			rel:    []string{"a/1.jpg"},
			counts: []int{1},
			leftOut: data.LeftOut{
				Hidden: 3, Beside: 1, Folders: 1, Pictures: 2, Endings: map[string]int{"": 1, ".bak": 1, ".csv": 1, ".txt": 1},
			},
		},
		{
			name:   "names with spaces, quotes and letters of any script are kept",
			tree:   []string{"grey fox/a b.jpg", "it's/\"q\".png", "猫/é 1.jpg"},
			labels: []string{"grey fox", "it's", "猫"},
			rel:    []string{"grey fox/a b.jpg", "it's/\"q\".png", "猫/é 1.jpg"},
			counts: []int{1, 1, 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := writeTree(t, test.tree...)
			f, err := data.OpenFolder(root)
			check(t, err)
			if f.Dir != root || !reflect.DeepEqual(f.LeftOut, test.leftOut) {
				t.Errorf("Dir %q, LeftOut %+v, want %q, %+v", f.Dir, f.LeftOut, root, test.leftOut)
			}
			if !slices.Equal(f.Labels, test.labels) {
				t.Errorf("labels %q, want %q", f.Labels, test.labels)
			}
			if !slices.Equal(f.Counts(), test.counts) {
				t.Errorf("counts %v, want %v", f.Counts(), test.counts)
			}
			if got := relPaths(f); !slices.Equal(got, test.rel) {
				t.Errorf("pictures %q, want %q", got, test.rel)
			}
			for i, path := range f.Paths() {
				want := filepath.Join(root, filepath.FromSlash(test.rel[i]))
				if path != want || f.Path(i) != want {
					t.Errorf("path %d is %q and %q, want %q", i, path, f.Path(i), want)
				}
			}
		})
	}
}

func relPaths(f *data.Folder) []string {
	var paths []string
	for i := range f.Pictures {
		paths = append(paths, f.RelPath(i))
	}
	return paths
}

func TestOpenFolderFollowsLinks(t *testing.T) {
	elsewhere := writeTree(t, "cats/1.jpg", "one.png", "more/2.jpg")
	root := writeTree(t, "dog/3.jpg")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	link(filepath.Join(elsewhere, "cats"), "cat")
	link(filepath.Join(elsewhere, "one.png"), "dog/4.png")
	link(filepath.Join(elsewhere, "more"), "dog/5.jpg")        // a folder: left out
	link(filepath.Join(elsewhere, "nowhere.jpg"), "dog/6.jpg") // listed, so that reading it says why it fails

	f, err := data.OpenFolder(root)
	check(t, err)
	want := []string{"cat/1.jpg", "dog/3.jpg", "dog/4.png", "dog/6.jpg"}
	if got := relPaths(f); !slices.Equal(got, want) || f.LeftOut.Pictures != 1 {
		t.Errorf("pictures %q with %+v left out, want %q with 1", got, f.LeftOut, want)
	}

	whole := filepath.Join(t.TempDir(), "link")
	check(t, os.Symlink(root, whole))
	if f, err := data.OpenFolder(whole); err != nil || len(f.Pictures) != len(want) {
		t.Errorf("a link to the root: %v, %v", f, err)
	}

	link(filepath.Join(elsewhere, "unmounted"), "bird")
	_, err = data.OpenFolder(root)
	wantError(t, err, "list pictures", filepath.Join(root, "bird"), "mend the link")
}

func TestOpenFolderErrors(t *testing.T) {
	tests := []struct {
		name  string
		tree  []string
		open  string // below the root
		words []string
	}{
		{"a missing folder", nil, "nothing", []string{"nothing", "one folder of pictures per class"}},
		{"a file", []string{"a.zip"}, "a.zip", []string{"a.zip is not a folder", "one folder of pictures per class"}},
		{"an empty folder", nil, "", []string{"no class folders", "one folder of pictures per class"}},
		{"only hidden folders", []string{".a/1.jpg"}, "", []string{"no class folders"}},
		{"pictures directly in the folder", []string{"1.jpg", "2.png", "x.txt"}, "", []string{"2 pictures lie directly in it", "one folder per class"}},
		{"a class folder that is empty", []string{"a/1.jpg", "b/"}, "", []string{"/b holds no pictures", ".jpg", "move the folder away"}},
		{"a class folder with other files", []string{"a/1.jpg", "a/y.xyz", "b/x.xyz", "b/z.XYZ", "b/t.txt"}, "", []string{"/b holds no pictures", "), but 2 .xyz, 1 .txt; add some"}},
		{"a class folder with folders only", []string{"a/deep/1.jpg"}, "", []string{"/a holds no pictures", "folders below it hold 1", "--nested"}},
		{"labels with a line end, a tab and bytes that are not UTF-8, all named", []string{"a\nb/1.jpg", "a\tb/1.jpg", "caf\xe9/1.jpg", "d/1.jpg"}, "",
			[]string{`"a\tb", "a\nb", "caf\xe9"`, "line end", "UTF-8", "rename them"}},
		{"a label with a backslash, as archives of Windows leave it behind", []string{`a\b/1.jpg`}, "", []string{`"a\\b"`, "backslash", "rename them"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := writeTree(t, test.tree...)
			_, err := data.OpenFolder(filepath.Join(root, test.open))
			wantError(t, err, append(test.words, "list pictures", root)...)
		})
	}

	t.Run("a missing folder is fs.ErrNotExist", func(t *testing.T) {
		if _, err := data.OpenFolder(filepath.Join(t.TempDir(), "x")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("odd names that are not pictures do no harm", func(t *testing.T) {
		f, err := data.OpenFolder(writeTree(t, "a/1.jpg", "a/\xff.txt", "a\nb"))
		if err != nil || f.LeftOut.Endings[".txt"] != 1 || f.LeftOut.Endings[""] != 1 {
			t.Errorf("got %v, %v", f, err)
		}
	})
	t.Run("unreadable folders", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may read everything")
		}
		root := writeTree(t, "a/1.jpg")
		check(t, os.Chmod(filepath.Join(root, "a"), 0))
		_, err := data.OpenFolder(root)
		check(t, os.Chmod(filepath.Join(root, "a"), 0o755))
		wantError(t, err, filepath.Join(root, "a"), "make it readable")
		check(t, os.Chmod(root, 0))
		_, err = data.OpenFolder(root)
		check(t, os.Chmod(root, 0o755))
		wantError(t, err, root, "permission denied")
	})
}

func TestOpenClassTakesAFolderAsOneClass(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.jpg", "a.png", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := data.OpenClass(dir, "tree")
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Labels) != 1 || f.RelPath(0) != "tree/a.png" || f.Path(1) != filepath.Join(dir, "b.jpg") || f.LeftOut.Endings[".txt"] != 1 {
		t.Errorf("%+v", f)
	}
	if path := f.Limit(1).Path(0); path != filepath.Join(dir, "a.png") {
		t.Errorf("limited: %s", path)
	}
	for label, want := range map[string]string{"": "empty", "a/b": "without /", ".a": "leading dot", "a\nb": "line end"} {
		if _, err := data.OpenClass(dir, label); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("label %q: error %v, want %q", label, err, want)
		}
	}
	if _, err := data.OpenClass(filepath.Join(dir, "nowhere"), "tree"); err == nil {
		t.Error("a missing folder is no error")
	}
}
