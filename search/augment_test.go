package search

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data/transform"
	"vs/search/exchange"
)

var threeInstances = transform.Augmentation{Instances: 3, Resize: 1.05, Flip: 0.5, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4}

// makeAugmented makes a database of pictures and closes it.
func makeAugmented(t *testing.T, path string, pictures string) {
	t.Helper()
	m := &meanEmbedder{}
	db := openAugmented(t, path, m, threeInstances)
	mustIngest(t, db, pictures, m, IngestOptions{})
	checkSums(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// rowsOf returns all that a database says, apart from dates and the ids and checksums that depend on the order of writing.
func rowsOf(t *testing.T, db *DB) string {
	t.Helper()
	var rows []string
	for _, query := range []string{
		"SELECT name || ' ' || augmentation || ' ' || transform FROM model",
		"SELECT name || ' ' || count || ' ' || hex(sum) FROM class ORDER BY name",
		"SELECT class.name || '/' || picture.name || ' ' || size || ' ' || hex(hash) || ' ' || hex(embedding) || ' ' || hex(training) " +
			"FROM class JOIN picture ON class_id = class.id ORDER BY class.name, picture.name",
	} {
		err := each(context.Background(), db.sql, func(r *sql.Rows) error {
			var row string
			err := r.Scan(&row)
			rows = append(rows, row)
			return err
		}, query)
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(rows, "\n")
}

func TestTrainingVectorsAreMeansOverTheInstances(t *testing.T) {
	dir := makeFolder(t, 4)
	m := &meanEmbedder{}
	db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), m, threeInstances)
	done := mustIngest(t, db, dir, m, IngestOptions{})
	if done.New != 12 || m.embedded.Load() != 4*12 || done.Augmentation != threeInstances {
		t.Errorf("%d new, %d embedded under %q, want 12, 48 under %q", done.New, m.embedded.Load(), done.Augmentation, threeInstances)
	}
	set := mustLoad(t, db)
	augmenter, err := transform.NewAugmenter(m.Transform(), threeInstances)
	if err != nil {
		t.Fatal(err)
	}
	defer augmenter.Close()
	for i, file := range set.Files() {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		const pixels = 3 * meanSize * meanSize
		crops := make([]uint8, 4*pixels)
		if _, err := augmenter.Crops(crops, content, sha256.Sum256(content)); err != nil {
			t.Fatal(err)
		}
		embeddings, err := m.Embed(context.Background(), slices.Collect(slices.Chunk(crops, pixels)))
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float32, set.Dim)
		for k := range want {
			// In the order of the instances, which the rounding depends on.
			sum := float64(embeddings[k]) + float64(embeddings[3+k]) + float64(embeddings[6+k]) + float64(embeddings[9+k])
			want[k] = float32(sum / 4)
		}
		at := i * set.Dim
		if got := set.Embeddings[at : at+set.Dim]; !slices.Equal(got, embeddings[:3]) {
			t.Errorf("%s: embedding %v, want %v", file, got, embeddings[:3])
		}
		if got := set.Training[at : at+set.Dim]; !slices.Equal(got, want) || slices.Equal(got, embeddings[:3]) {
			t.Errorf("%s: training vector %v, want %v", file, got, want)
		}
	}
	checkSums(t, db)
	checkSound(t, db)

	if done := mustIngest(t, db, dir, m, IngestOptions{}); done.New != 0 || done.Reused != 12 || m.embedded.Load() != 8*12 {
		t.Errorf("the same folder again: %d new, %d reused, %d embedded, want 0, 12 and no more", done.New, done.Reused, m.embedded.Load()-8*12)
	}
}

func TestAugmentationDoesNotChangeEmbeddings(t *testing.T) {
	dir := makeFolder(t, 3)
	m := &meanEmbedder{}
	plain := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, plain, dir, m, IngestOptions{})
	augmented := openAugmented(t, filepath.Join(t.TempDir(), "b.db"), m, threeInstances)
	mustIngest(t, augmented, dir, m, IngestOptions{})
	a, b := mustLoad(t, plain), mustLoad(t, augmented)
	if a.Training != nil || !slices.Equal(a.TrainingEmbeddings(), a.Embeddings) {
		t.Error("a database without augmentation has training vectors")
	}
	if !slices.Equal(a.Embeddings, b.Embeddings) || !slices.Equal(a.Hashes, b.Hashes) {
		t.Error("the embeddings differ")
	}
	part := b.Limit(2).Subset([]string{"red", "blue"})
	if len(part.Training) != 4*3 || len(part.Hashes) != 4 || !slices.Equal(part.Training[6:9], b.Training[18:21]) || part.Hashes[2] != b.Hashes[6] {
		t.Errorf("two pictures of two labels have %d elements of training vectors, %d hashes", len(part.Training), len(part.Hashes))
	}
}

func TestAugmentedRowsDoNotDependOnBatchesAndWorkers(t *testing.T) {
	dir := makeFolder(t, 9)
	m := &meanEmbedder{}
	want := ""
	for _, o := range []IngestOptions{{BatchSize: 1, Workers: 1}, {BatchSize: 8, Workers: 4}, {BatchSize: 100, Workers: 2}, {BatchSize: 32}} {
		db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), m, threeInstances)
		mustIngest(t, db, dir, m, o)
		rows := rowsOf(t, db)
		if want == "" {
			want = rows
		}
		if rows != want {
			t.Errorf("%+v gives another database", o)
		}
	}
}

func TestADatabaseKeepsItsAugmentation(t *testing.T) {
	ctx := context.Background()
	more := threeInstances
	more.Instances = 5
	model := (&meanEmbedder{}).model()
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
			db, err := OpenWritable(ctx, path)
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
			if info, err := db.Info(ctx); err != nil || info.Augmentation != tt.kept {
				t.Errorf("augmentation %q (%v), want %q", info.Augmentation, err, tt.kept)
			}
		})
	}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), &meanEmbedder{})
	if err := db.BindAugmented(ctx, model, transform.Augmentation{Instances: -1}); err == nil || errors.Is(err, ErrMismatch) {
		t.Errorf("an augmentation that means nothing gives %v", err)
	}
}

// Whatever happens to the rows, a picture keeps the training vector of its content.
func TestChangesKeepTrainingVectors(t *testing.T) {
	ctx := context.Background()
	start := makeFolder(t, 3)
	trained := func(t *testing.T, db *DB) map[[32]byte]string {
		set := mustLoad(t, db)
		vectors := map[[32]byte]string{}
		for i, hash := range set.Hashes {
			vectors[hash] = fmt.Sprint(set.Training[i*set.Dim : (i+1)*set.Dim])
		}
		return vectors
	}
	first := openAugmented(t, filepath.Join(t.TempDir(), "first.db"), &meanEmbedder{}, threeInstances)
	mustIngest(t, first, start, &meanEmbedder{}, IngestOptions{})
	all := trained(t, first)

	swap := func(t *testing.T, dir, a, b string) {
		t.Helper()
		a, b = filepath.Join(dir, a), filepath.Join(dir, b)
		if err := errors.Join(os.Rename(a, a+".old"), os.Rename(b, a), os.Rename(a+".old", b)); err != nil {
			t.Fatal(err)
		}
	}
	ingest := func(db *DB, dir string, prune bool) error {
		m := &meanEmbedder{}
		_, err := db.Ingest(ctx, openFolder(t, dir), m, IngestOptions{BatchSize: 1, Prune: prune})
		if n := m.embedded.Load(); err == nil && n > 0 {
			err = fmt.Errorf("%d tensors are embedded again", n)
		}
		return err
	}
	tests := []struct {
		name   string
		change func(t *testing.T, db *DB, dir string) error
		left   int
	}{
		{"a renamed class", func(t *testing.T, db *DB, _ string) error { return db.Rename(ctx, "red", "ruby") }, 9},
		{"merged classes with equal names", func(t *testing.T, db *DB, _ string) error {
			_, err := db.Merge(ctx, []string{"red", "green", "blue"}, "green")
			return err
		}, 9},
		{"a removed class", func(t *testing.T, db *DB, _ string) error { _, err := db.Remove(ctx, []string{"red"}); return err }, 6},
		{"pictures that swap their names", func(t *testing.T, db *DB, dir string) error {
			swap(t, dir, "red/000.png", "red/002.png")
			swap(t, dir, "red/001.png", "blue/001.png")
			return ingest(db, dir, false)
		}, 9},
		{"a class folder with another name, pruned", func(t *testing.T, db *DB, dir string) error {
			if err := os.Rename(filepath.Join(dir, "red"), filepath.Join(dir, "ruby")); err != nil {
				t.Fatal(err)
			}
			return ingest(db, dir, true)
		}, 9},
		{"a picture that is gone, pruned", func(t *testing.T, db *DB, dir string) error {
			if err := os.Remove(filepath.Join(dir, "red", "001.png")); err != nil {
				t.Fatal(err)
			}
			return ingest(db, dir, true)
		}, 8},
		{"written anew without free space", func(t *testing.T, db *DB, _ string) error { _, _, err := db.Vacuum(ctx); return err }, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(start)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "a.db")
			makeAugmented(t, path, dir)
			db, err := OpenExisting(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := tt.change(t, db, dir); err != nil {
				t.Fatal(err)
			}
			left := trained(t, db)
			for hash := range maps.Keys(left) {
				if left[hash] != all[hash] {
					t.Errorf("the training vector of a picture is %s, and was %s", left[hash], all[hash])
				}
			}
			if len(left) != tt.left {
				t.Errorf("%d pictures, want %d", len(left), tt.left)
			}
			checkSums(t, db)
			checkSound(t, db)
		})
	}
}

func TestTablesAndAugmentedDatabases(t *testing.T) {
	ctx := context.Background()
	m := &meanEmbedder{}
	db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), m, threeInstances)
	mustIngest(t, db, makeFolder(t, 3), m, IngestOptions{})
	set := mustLoad(t, db)
	pictures, err := db.Export(ctx, exchange.Pictures)
	if err != nil || !slices.Equal(pictures.Rows, set.Embeddings) {
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
	if got, want := classes.Rows[:3], meanOf(sum, 3); !slices.Equal(got, want) {
		t.Errorf("the first class is exported with %v, want the mean of its training vectors %v", got, want)
	}

	before := rowsOf(t, db)
	for _, table := range []*exchange.Table{pictures, classes} {
		if _, err := db.Import(ctx, table, ImportOptions{Replace: true}); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), threeInstances.String()) {
			t.Errorf("%s: error %v, want one about the augmentation", table.What, err)
		}
	}
	if rowsOf(t, db) != before {
		t.Error("a refused import has changed rows")
	}

	// A database of the classes alone answers as the first one.
	plain, err := OpenWritable(ctx, filepath.Join(t.TempDir(), "b.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := plain.Import(ctx, classes, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	want, errA := askIndex(ctx, db)
	got, errB := askIndex(ctx, plain)
	if got != want || errA != nil || errB != nil {
		t.Errorf("answers %s (%v), want %s (%v)", got, errB, want, errA)
	}
}

func TestVerifyChecksTrainingVectors(t *testing.T) {
	ctx := context.Background()
	dir := makeFolder(t, 3)
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
			makeAugmented(t, path, dir)
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
		makeAugmented(t, path, dir)
		db, err := OpenExisting(ctx, path)
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
	db, err := OpenExisting(context.Background(), path)
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
