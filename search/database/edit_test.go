package database

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// content returns, for each class, all that its rows say but the time of the last change.
func content(t *testing.T, db *DB) map[string]string {
	t.Helper()
	classes := map[string]string{}
	for _, query := range []string{
		"SELECT name, hex(sum) || count || ' ' || pictures FROM class ORDER BY name",
		"SELECT class.name, picture.name || hex(hash) || size || hex(embedding) || picture.crc FROM picture JOIN class ON class.id = class_id ORDER BY class.name, picture.name",
	} {
		err := each(context.Background(), db.sql, func(rows *sql.Rows) error {
			var class, row string
			err := rows.Scan(&class, &row)
			classes[class] += row + "\n"
			return err
		}, query)
		if err != nil {
			t.Fatal(err)
		}
	}
	return classes
}

// checkSound fails unless Verify finds no problem.
func checkSound(t *testing.T, db *DB) {
	t.Helper()
	v, err := db.Verify(context.Background())
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v, %q", err, v.Problems)
	}
}

func TestEditsChangeNoOtherClass(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name   string
		edit   func(db *DB) error
		kept   []string // classes whose rows stay the same to the bit
		labels []string
	}{
		{"removing a class", func(db *DB) error { _, err := db.Remove(ctx, []string{"green"}); return err },
			[]string{"blue", "red"}, []string{"blue", "red"}},
		{"removing two", func(db *DB) error { _, err := db.Remove(ctx, []string{"red", "blue"}); return err },
			[]string{"green"}, []string{"green"}},
		{"removing all", func(db *DB) error { _, err := db.Remove(ctx, []string{"red", "blue", "green"}); return err }, nil, nil},
		{"renaming a class", func(db *DB) error { return db.Rename(ctx, "green", "zinnober") },
			[]string{"blue", "red"}, []string{"blue", "red", "zinnober"}},
		{"merging two into one of them", func(db *DB) error { _, err := db.Merge(ctx, []string{"red", "green"}, "green"); return err },
			[]string{"blue"}, []string{"blue", "green"}},
		{"merging two into a new one", func(db *DB) error { _, err := db.Merge(ctx, []string{"red", "blue"}, "purple"); return err },
			[]string{"green"}, []string{"green", "purple"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
			fill(t, db, 5)
			before := content(t, db)
			if err := tt.edit(db); err != nil {
				t.Fatal(err)
			}
			after := content(t, db)
			for _, class := range tt.kept {
				if after[class] != before[class] {
					t.Errorf("class %s has changed", class)
				}
			}
			if got := slices.Sorted(maps.Keys(after)); !slices.Equal(got, tt.labels) {
				t.Errorf("classes %v, want %v", got, tt.labels)
			}
			checkSound(t, db)
		})
	}
}

// named is a picture under another label and name.
func named(p Picture, file string) Picture {
	p.Label, p.Name, _ = strings.Cut(file, "/")
	return p
}

func TestMergeGivesPicturesDistinctNames(t *testing.T) {
	var pictures []Picture
	for i, file := range []string{
		"a/1.png", "a/2.png", "b/1.png", "b/3.png", "b/b-1.png", "c/1.png", "c/c-1.png", "c/c-2-1.png", "c/c-3-1.png",
	} {
		pictures = append(pictures, named(shade("red", i, false), file))
	}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	if err := storeAll(context.Background(), db, pictures); err != nil {
		t.Fatal(err)
	}
	n, err := db.Merge(context.Background(), []string{"c", "b", "a"}, "b")
	if err != nil || n != 9 {
		t.Fatalf("%d pictures, %v", n, err)
	}
	want := []string{"1.png", "2.png", "3.png", "a-1.png", "b-1.png", "c-1.png", "c-2-1.png", "c-3-1.png", "c-4-1.png"}
	if set := mustLoad(t, db); !slices.Equal(set.Names, want) || !slices.Equal(set.Labels, []string{"b"}) {
		t.Errorf("%v %v, want %v", set.Labels, set.Names, want)
	}
	checkSums(t, db)
	checkSound(t, db)
}

func TestMergeKeepsEqualPictures(t *testing.T) {
	var pictures []Picture
	for _, file := range []string{"a/1.png", "b/1.png", "b/2.png"} {
		pictures = append(pictures, named(shade("red", 0, false), file))
	}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	if err := storeAll(context.Background(), db, pictures); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Merge(context.Background(), []string{"a", "b"}, "a"); n != 3 || err != nil {
		t.Fatalf("%d pictures, %v", n, err)
	}
	if set := mustLoad(t, db); !slices.Equal(set.Names, []string{"1.png", "2.png", "b-1.png"}) {
		t.Errorf("%v", set.Names)
	}
	checkSums(t, db)
	checkSound(t, db)
}

func TestEditsThatAreRefusedChangeNothing(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	remove := func(labels ...string) func(*DB) error {
		return func(db *DB) error { _, err := db.Remove(ctx, labels); return err }
	}
	rename := func(from, to string) func(*DB) error {
		return func(db *DB) error { return db.Rename(ctx, from, to) }
	}
	merge := func(out string, labels ...string) func(*DB) error {
		return func(db *DB) error { _, err := db.Merge(ctx, labels, out); return err }
	}
	tests := []struct {
		name string
		edit func(*DB) error
		want string
	}{
		{"removing a class and one that is not there", remove("red", "grean"), `did you mean "green"`},
		{"removing a class twice", remove("red", "red"), "twice"},
		{"removing nothing", remove(), "at least one"},
		{"renaming a class that is not there", rename("grean", "lime"), `did you mean "green"`},
		{"renaming to a name that is there", rename("green", "red"), "vs db merge"},
		{"renaming to a name that no folder can have", rename("green", "a/b"), "a/b"},
		{"merging one class", merge("lime", "green"), "vs db rename"},
		{"merging a class that is not there", merge("lime", "red", "grean"), `did you mean "green"`},
		{"merging into another class", merge("blue", "red", "green"), "name it among"},
		{"merging into a name that no folder can have", merge(".x", "red", "green"), ".x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, err := Open(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			err = tt.edit(db)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
				t.Errorf("the file has changed (%v)", err)
			}
		})
	}
}

func TestOnlyAnExistingDatabaseIsEdited(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	write(t, empty, nil)
	for _, path := range []string{filepath.Join(dir, "no.db"), empty} {
		if _, err := Open(context.Background(), path); err == nil || !strings.Contains(err.Error(), "vs encode") {
			t.Errorf("%s: error %v, want one that names vs encode", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want empty.db alone", entries, err)
	}
}

func TestClassesAreDescribed(t *testing.T) {
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 2)
	classes, err := db.Classes(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := mustLoad(t, db)
	for i, c := range classes {
		if c.Label != all.Labels[i] || c.Pictures != 2 || !slices.Equal(c.Mean, all.Means()[3*i:3*i+3]) || len(c.Updated) != len("2006-01-02T15:04:05Z") {
			t.Errorf("%+v", c)
		}
	}
	if len(classes) != 3 {
		t.Errorf("%d classes, want 3", len(classes))
	}
}

func TestVacuumGivesSpaceBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path)
	fill(t, db, 60)
	if _, err := db.Remove(context.Background(), []string{"red", "green"}); err != nil {
		t.Fatal(err)
	}
	want := content(t, db)
	before, after, err := db.Vacuum(context.Background())
	if err != nil || after >= before {
		t.Errorf("%d bytes before, %d after (%v)", before, after, err)
	}
	if info, err := db.Info(context.Background()); err != nil || info.Bytes != after || info.Classes != 1 || info.Pictures != 60 {
		t.Errorf("%+v, %v", info, err)
	}
	if !maps.Equal(content(t, db), want) {
		t.Error("the content differs")
	}
	checkSound(t, db)
}
