package database

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data/transform"
	"vs/search/exchange"
)

func TestADatabaseKeepsItsAugmentation(t *testing.T) {
	ctx := context.Background()
	more := threeInstances
	more.Instances = 5
	model := meanModel
	none := func(db *DB) error { return db.Bind(ctx, model) }
	with := func(a transform.Augmentation) func(db *DB) error {
		return func(db *DB) error { return db.BindAugmented(ctx, model, a) }
	}
	tests := []struct {
		name        string
		first, then func(db *DB) error
		want        []string // of the error, none if there is none
		kept        transform.Augmentation
	}{
		{"augmented, then without a word about it", with(threeInstances), none, nil, threeInstances},
		{"augmented, then the same", with(threeInstances), with(threeInstances), nil, threeInstances},
		{"augmented, then another", with(threeInstances), with(more), []string{threeInstances.String(), more.String()}, threeInstances},
		{"augmented, then none", with(threeInstances), with(transform.Augmentation{}), []string{threeInstances.String(), "not none"}, threeInstances},
		{"none, then augmented", none, with(threeInstances), []string{"is none", threeInstances.String()}, transform.Augmentation{}},
		{"none, then none", none, with(transform.Augmentation{}), nil, transform.Augmentation{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			db, err := Create(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := tt.first(db); err != nil {
				t.Fatal(err)
			}
			err = tt.then(db)
			if (err != nil) != (tt.want != nil) || errors.Is(err, ErrMismatch) != (tt.want != nil) {
				t.Fatalf("error %v", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if err := storeAll(ctx, db, shades(1, tt.kept.Instances > 0)); err != nil {
				t.Fatal(err)
			}
			if info, err := db.Info(ctx); err != nil || info.Augmentation != tt.kept {
				t.Errorf("augmentation %q (%v), want %q", info.Augmentation, err, tt.kept)
			}
		})
	}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	if err := db.BindAugmented(ctx, model, transform.Augmentation{Instances: -1}); err == nil || errors.Is(err, ErrMismatch) {
		t.Errorf("an augmentation that means nothing gives %v", err)
	}
}

func TestTablesAndAugmentedDatabases(t *testing.T) {
	ctx := context.Background()
	db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), threeInstances)
	if err := storeAll(ctx, db, shades(3, true)); err != nil {
		t.Fatal(err)
	}
	set := mustLoad(t, db)
	pictures, err := db.Export(ctx, exchange.Pictures)
	if err != nil || !slices.Equal(pictures.Rows, set.Vectors) {
		t.Errorf("pictures are not exported with their embeddings (%v)", err)
	}
	classes, err := db.Export(ctx, exchange.Classes)
	if err != nil {
		t.Fatal(err)
	}
	sum := make([]float64, 3)
	for _, v := range slices.Collect(slices.Chunk(set.Training, 3))[:3] {
		addTo(sum, v)
	}
	if got, want := classes.Rows[:3], Mean(sum, 3); !slices.Equal(got, want) {
		t.Errorf("the first class is exported with %v, want the mean of its training vectors %v", got, want)
	}

	before := fmt.Sprint(content(t, db))
	for _, table := range []*exchange.Table{pictures, classes} {
		if _, err := db.Import(ctx, table, ImportOptions{Replace: true}); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), threeInstances.String()) {
			t.Errorf("%s: error %v, want one about the augmentation", table.What, err)
		}
	}
	if fmt.Sprint(content(t, db)) != before {
		t.Error("a refused import has changed rows")
	}

	// A database of the classes alone has their means.
	plain, err := Create(ctx, filepath.Join(t.TempDir(), "b.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Import(ctx, classes, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := plain.Classes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for c, class := range got {
		if !slices.Equal(class.Mean, classes.Rows[3*c:3*c+3]) {
			t.Errorf("class %s has the mean %v, want %v", class.Label, class.Mean, classes.Rows[3*c:3*c+3])
		}
	}
}

func TestVerifyChecksTrainingVectors(t *testing.T) {
	ctx := context.Background()
	tests := []struct{ name, statement, want string }{
		{"nothing in a sound database", "", ""},
		{"other values", "UPDATE picture SET training = zeroblob(12) WHERE id = 1", "picture 000.png: damaged: its checksum"},
		{"one cut short", "UPDATE picture SET training = zeroblob(8) WHERE id = 1", "8 bytes, not 12"},
		{"one that is missing", "UPDATE picture SET training = x'' WHERE id = 1", "0 bytes, not 12"},
		{"another augmentation", "UPDATE model SET augmentation = replace(augmentation, '3', '4')", "checksum of its model"},
		{"no augmentation", "UPDATE model SET augmentation = ''", "checksum of its model"},
		{"other instances", "UPDATE picture SET instances = zeroblob(36) WHERE id = 1", "picture 000.png: damaged: its checksum"},
		{"instances cut short", "UPDATE picture SET instances = zeroblob(24) WHERE id = 1", "24 bytes, not 36"},
		{"no instances of a picture", "UPDATE picture SET instances = x'' WHERE id = 1", "0 bytes, not 36"},
		{"no instances at all", "UPDATE picture SET instances = x''; UPDATE model SET instances = 0", "checksum of its model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			makeAugmented(t, path)
			execSQL(t, path, tt.statement)
			checkProblem(t, path, tt.want)
		})
	}
	t.Run("one in a database without augmentation", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		makeDatabase(t, path)
		execSQL(t, path, "UPDATE picture SET training = embedding WHERE id = 1")
		checkProblem(t, path, "12 bytes, not 0")
	})
	t.Run("one that is not a number", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a.db")
		makeAugmented(t, path)
		db, err := Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.write(ctx, func(w *writer) error {
			return w.put("blue", pictureRow{name: "x.png", hash: make([]byte, 32), embedding: []float32{1, 2, 3}, training: []float32{1, 2, nan}, instances: make([]float32, 9)})
		})
		if err != nil {
			t.Fatal(err)
		}
		checkProblem(t, path, "picture x.png: element 2 of its training vector is NaN")
	})
}

func TestInstancesThatDoNotFitAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		instances []float32
		want      string
	}{
		"none":               {nil, "have 0 elements, not 9"},
		"two of three":       {[]float32{1, 2, 3, 4, 5, 6}, "have 6 elements, not 9"},
		"one of length zero": {[]float32{1, 2, 3, 0, 0, 0, 7, 8, 9}, "all zero"},
		"no number":          {[]float32{1, 2, 3, 4, nan, 6, 7, 8, 9}, "not numbers"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), threeInstances)
			p := shade("red", 1, true)
			p.Instances = c.instances
			if err := storeAll(context.Background(), db, []Picture{p}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// Before version 7 databases kept the mean over a picture's instances alone.
func TestAnAugmentedDatabaseOfVersion6(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openAugmented(t, path, threeInstances)
	db.binding.instances = 0
	if err := storeAll(ctx, db, shades(5, true)); err != nil {
		t.Fatal(err)
	}
	mustCount(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// What later versions have brought is empty in it, and no checksum covers it.
	execSQL(t, path, "ALTER TABLE model DROP COLUMN instances; ALTER TABLE picture DROP COLUMN instances; PRAGMA user_version = 6")

	old, err := OpenReadOnly(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	checkSound(t, old)
	before := mustLoad(t, old)
	sums := mustSums(t, old, everyOther)
	if before.Examples != nil || before.Training == nil || sums != sumsOfPictures(t, old) {
		t.Errorf("an old file has the examples %v and sums\n%s", before.Examples, sums)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	db = openAugmented(t, path, threeInstances)
	if err := storeAll(ctx, db, shades(7, true)); err != nil {
		t.Fatal(err)
	}
	if info, err := db.Info(ctx); err != nil || info.Schema != schemaVersion() {
		t.Errorf("%+v, %v", info, err)
	}
	after := mustLoad(t, db)
	if after.Examples != nil || len(after.Names) != 21 || !slices.Equal(after.Limit(5).Training, before.Training) {
		t.Errorf("after a change it has %d pictures and the examples %v", len(after.Names), after.Examples)
	}
	if got := mustSums(t, db, everyOther); got != sumsOfPictures(t, db) {
		t.Errorf("sums\n%s", got)
	}
	checkSound(t, db)
}

func TestAnAugmentationOfALaterProgramIsNotGuessed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	makeDatabase(t, path)
	db, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	m, _, err := readModel(context.Background(), db.sql)
	if err != nil {
		t.Fatal(err)
	}
	const later = "instances=4 hue=0.1"
	if _, err := db.sql.Exec("UPDATE model SET augmentation = ?, crc = ?", later, m.checksumWith(later)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Load(context.Background()); err == nil || !strings.Contains(err.Error(), later) || !strings.Contains(err.Error(), "update vs") {
		t.Errorf("error %v, want one that names it", err)
	}
}
