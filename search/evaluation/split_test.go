package evaluation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/search/database"
)

// writeSplit writes a split of the labels of a folder, all if there are none, and returns its file.
func writeSplit(t *testing.T, dir string, labels ...string) string {
	t.Helper()
	whole, err := data.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	folder := whole
	if len(labels) > 0 {
		if folder, err = whole.Subset(labels); err != nil {
			t.Fatal(err)
		}
	}
	hashes, _, err := data.ReadPictures(t.Context(), folder.Paths(), 2)
	if err != nil {
		t.Fatal(err)
	}
	st := Settings{Protocol: "holdout", Runs: 1, Seed: 17, ValidShare: 0.2}
	dealt, err := st.FirstSplit(folder.Counts(), folder.Labels, data.Contents(hashes))
	if err != nil {
		t.Fatal(err)
	}
	file, err := data.NewSplitFile(folder, whole.Labels, hashes, dealt, st.Seed, st.Shares())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "split.json")
	if err := data.WriteSplit(path, file); err != nil {
		t.Fatal(err)
	}
	return path
}

// apply applies a split file to a database.
func apply(t *testing.T, split, db, part string) (*database.Embeddings, data.Split, int, error) {
	t.Helper()
	s, err := databaseSource(t.Context(), db, &Settings{})
	if err != nil {
		t.Fatal(err)
	}
	st := usual()
	st.Split, st.Part = split, part
	if err := st.ReadSplit(); err != nil {
		return nil, data.Split{}, 0, err
	}
	set, splits, unnamed, err := st.divide(t.Context(), s.Embeddings)
	if err != nil {
		return nil, data.Split{}, 0, err
	}
	return set, splits[0], unnamed, nil
}

func TestASplitFileNamesThePictures(t *testing.T) {
	dir, db := encoded(t)
	path := writeSplit(t, dir, "ash", "cedar")
	set, split, unnamed, err := apply(t, path, db, "valid")
	if err != nil {
		t.Fatal(err)
	}
	if unnamed != 10 || !slices.Equal(set.Labels, []string{"ash", "cedar"}) || !slices.Equal(set.Counts, []int{10, 10}) {
		t.Errorf("labels %q with %d pictures, %d unnamed", set.Labels, set.Counts, unnamed)
	}
	file, err := data.ReadSplit(path)
	if err != nil {
		t.Fatal(err)
	}
	files := set.Files()
	for p, part := range data.Parts {
		indices, err := split.Part(part)
		if err != nil || len(indices) != file.Sizes()[p] {
			t.Fatalf("part %s has %d pictures, want %d: %v", part, len(indices), file.Sizes()[p], err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range indices {
			if _, name, _ := strings.Cut(files[i], "/"); !strings.Contains(string(text), `"`+name+`"`) {
				t.Errorf("%s is not in the file", files[i])
			}
		}
	}
	// The split is that of the first run of an evaluation with the same seed.
	st := usual()
	st.Labels = []string{"ash", "cedar"}
	first, _ := mustRun(t, Inputs{Databases: []string{db}}, st)
	st = usual()
	st.Split = path
	if err := st.ReadSplit(); err != nil {
		t.Fatal(err)
	}
	only, _ := mustRun(t, Inputs{Databases: []string{db}}, st)
	if !slices.Equal(first.Evaluations[0].Runs[0].Files, only.Evaluations[0].Runs[0].Files) {
		t.Error("the split is not that of the first run")
	}
}

// Pictures are known by their names relative to the data folder and by their contents, not by where
// the folder lies.
func TestASplitFileAppliesAfterTheFolderHasMoved(t *testing.T) {
	dir, _ := encoded(t)
	path := writeSplit(t, dir)
	moved := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.CopyFS(moved, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	db := filepath.Join(t.TempDir(), "moved.db")
	encode(t, moved, db)
	if _, _, _, err := apply(t, path, db, "valid"); err != nil {
		t.Error(err)
	}
}

func TestSplitFilesThatDoNotApply(t *testing.T) {
	dir, db := encoded(t)
	path := writeSplit(t, dir)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, old, new, part, want string }{
		{"a picture is missing", `"000.png"`, `"gone.png"`, "valid", "1 missing: ash/gone.png"},
		{"the part is empty", "", "", "test", `test part is empty for class "ash"`},
		{"the file is damaged", `"format": 1`, `"format": 9`, "valid", "format 9 is newer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(strings.Replace(string(text), test.old, test.new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			_, _, _, err := apply(t, path, db, test.part)
			if err == nil {
				t.Fatal("it applies")
			}
			wantParts(t, err.Error(), test.want, path)
		})
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	writePicture(t, filepath.Join(dir, "birch", "004.png"), 997, 0)
	encode(t, dir, db)
	_, _, _, err = apply(t, path, db, "valid")
	if err == nil {
		t.Fatal("it applies to a picture that has changed")
	}
	wantParts(t, err.Error(), "1 changed: birch/004.png", path)
}
