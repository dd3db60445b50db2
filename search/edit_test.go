package search

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
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
			m := &meanEmbedder{}
			db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
			mustIngest(t, db, makeFolder(t, 5), m, IngestOptions{})
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

func TestAddingAndRemovingAClassLeavesNoTrace(t *testing.T) {
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, makeFolder(t, 5), m, IngestOptions{})
	before, rows := mustLoad(t, db), content(t, db)
	dir := t.TempDir()
	writePicture(t, filepath.Join(dir, "grey.png"), shade("red", 30))
	folder, err := data.OpenClass(dir, "grey")
	if err != nil {
		t.Fatal(err)
	}
	done, err := db.Ingest(context.Background(), folder, m, IngestOptions{BatchSize: 4})
	if err != nil || done.New != 1 || done.Absent != 15 {
		t.Fatalf("%+v, %v", done, err)
	}
	if n, err := db.Remove(context.Background(), []string{"grey"}); n != 1 || err != nil {
		t.Fatalf("%d pictures removed: %v", n, err)
	}
	if after := mustLoad(t, db); fmt.Sprint(after) != fmt.Sprint(before) || !maps.Equal(content(t, db), rows) {
		t.Error("the database differs")
	}
}

func TestMergeGivesPicturesDistinctNames(t *testing.T) {
	dir := t.TempDir()
	for i, file := range []string{
		"a/1.png", "a/2.png", "b/1.png", "b/3.png", "b/b-1.png", "c/1.png", "c/c-1.png", "c/c-2-1.png", "c/c-3-1.png",
	} {
		writePicture(t, filepath.Join(dir, file), shade("red", i))
	}
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, IngestOptions{})
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
	dir := t.TempDir()
	for _, file := range []string{"a/1.png", "b/1.png", "b/2.png"} {
		writePicture(t, filepath.Join(dir, file), shade("red", 0))
	}
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, IngestOptions{})
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
			db, err := OpenExisting(ctx, path)
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
		if _, err := OpenExisting(context.Background(), path); err == nil || !strings.Contains(err.Error(), "vs encode") {
			t.Errorf("%s: error %v, want one that names vs encode", path, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want empty.db alone", entries, err)
	}
}

func TestClassesNameTheirNearest(t *testing.T) {
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	dir := makeFolder(t, 2)
	for i := range 3 {
		writePicture(t, filepath.Join(dir, "scarlet", fmt.Sprintf("%d.png", i)), shade("red", i))
	}
	mustIngest(t, db, dir, m, IngestOptions{})
	classes, err := db.Classes(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range classes {
		got = append(got, fmt.Sprintf("%s %d %s", c.Label, c.Pictures, c.Nearest.Label))
		if c.Nearest.Score > 1.000001 || len(c.Updated) != len("2006-01-02T15:04:05Z") {
			t.Errorf("%+v %+v", c, c.Nearest)
		}
	}
	if want := []string{"blue 2 scarlet", "green 2 scarlet", "red 2 scarlet", "scarlet 3 red"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// The only class has no other.
	if _, err := db.Remove(context.Background(), []string{"blue", "green", "red"}); err != nil {
		t.Fatal(err)
	}
	if classes, err = db.Classes(context.Background()); err != nil || len(classes) != 1 || classes[0].Nearest != nil {
		t.Errorf("%+v, %v", classes, err)
	}
}

func TestVacuumGivesSpaceBack(t *testing.T) {
	m := &meanEmbedder{}
	path := filepath.Join(t.TempDir(), "a.db")
	db := openBound(t, path, m)
	mustIngest(t, db, makeFolder(t, 60), m, IngestOptions{BatchSize: 100})
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
