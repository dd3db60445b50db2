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
			return w.put("blue", pictureRow{name: "x.png", hash: make([]byte, 32), embedding: []float32{1, 2, 3}, training: []float32{1, 2, nan}})
		})
		if err != nil {
			t.Fatal(err)
		}
		checkProblem(t, path, "picture x.png: element 2 of its training vector is NaN")
	})
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
