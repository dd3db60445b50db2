package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/search/classifier"
	"vs/search/database"
	"vs/search/exchange"
	"vs/search/head"
	"vs/torch"
	"vs/torch/torchtest"
)

// cloudTable has that many pictures of each class around a centre of its own.
func cloudTable(dim int, labels []string, each int) *exchange.Table {
	model := exchange.Model{Name: "cloud", Hash: "0123456789abcdef", EmbeddingDim: dim, Metadata: "{}"}
	t := &exchange.Table{What: exchange.Pictures, Dim: dim, Model: &model}
	for _, label := range labels {
		seed := sha256.Sum256([]byte(label))
		random := rand.New(rand.NewPCG(uint64(seed[0])|uint64(seed[1])<<8, uint64(seed[2])))
		centre := make([]float32, dim)
		for j := range centre {
			centre[j] = float32(random.NormFloat64())
		}
		for i := range each {
			t.Labels = append(t.Labels, label)
			t.Files = append(t.Files, fmt.Sprintf("%s/%05d.png", label, i))
			for _, v := range centre {
				t.Rows = append(t.Rows, v+2*float32(random.NormFloat64()))
			}
		}
	}
	return t
}

func importTable(tb testing.TB, db *database.DB, t *exchange.Table) {
	tb.Helper()
	if _, err := db.Import(context.Background(), t, database.ImportOptions{}); err != nil {
		tb.Fatal(err)
	}
}

func cloudDatabase(tb testing.TB, path string, t *exchange.Table) *database.DB {
	tb.Helper()
	db, err := database.Create(context.Background(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	importTable(tb, db, t)
	return db
}

// answersOf are the bits of the answers to some embeddings.
func answersOf(t *testing.T, index *Index, embeddings []float32) string {
	t.Helper()
	hits, err := index.Search(t.Context(), embeddings, len(index.Labels()))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, list := range hits {
		for _, hit := range list {
			fmt.Fprintf(&text, "%s %x ", hit.Label, math.Float32bits(hit.Score))
		}
	}
	return text.String()
}

func fittedTo(t *testing.T, db *database.DB, spec classifier.Spec, folder string) *Index {
	t.Helper()
	index, err := Open(t.Context(), db, torchtest.Device(t), Method{Classifier: spec}, folder)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

func specs() []classifier.Spec {
	return []classifier.Spec{
		{Kind: classifier.LDA}, {Kind: classifier.LDA, Counts: true}, {Kind: classifier.LDA, Power: classifier.Given(0.7)},
		{Kind: classifier.Ridge}, {Kind: classifier.Ridge, Projections: 20, Seed: 3}, {Kind: classifier.Logistic},
	}
}

func TestAClassifierOfADatabaseIsThatOfItsPictures(t *testing.T) {
	for name, each := range map[string]int{"sums": 12, "few pictures": 3} {
		db := cloudDatabase(t, filepath.Join(t.TempDir(), "a.db"), cloudTable(6, []string{"ash", "birch", "cedar"}, each))
		set, err := db.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs() {
			t.Run(name+", "+spec.String(), func(t *testing.T) {
				want, err := BuildIndex(t.Context(), set, torchtest.Device(t), Method{Classifier: spec})
				if err != nil {
					t.Fatal(err)
				}
				got := fittedTo(t, db, spec, "")
				if got.linear.Power != want.linear.Power || got.linear.Parameter != want.linear.Parameter {
					t.Fatalf("power %v, parameter %v, want %v, %v", got.linear.Power, got.linear.Parameter, want.linear.Power, want.linear.Parameter)
				}
				wantHits, err := want.Search(t.Context(), set.Vectors, 3)
				if err != nil {
					t.Fatal(err)
				}
				gotHits, err := got.Search(t.Context(), set.Vectors, 3)
				if err != nil {
					t.Fatal(err)
				}
				for i := range wantHits {
					for k, w := range wantHits[i] {
						if g := gotHits[i][k]; g.Label != w.Label || math.Abs(float64(g.Score-w.Score)) > 1e-5 {
							t.Errorf("picture %d: %v, want %v", i, gotHits[i], wantHits[i])
						}
					}
				}
			})
		}
	}
}

// However a database came to be what it is, it gives the same bits.
func TestAddingAndRemovingAClassGivesTheSameBits(t *testing.T) {
	labels := []string{"ash", "birch", "cedar"}
	table := cloudTable(6, labels, 12)
	db := cloudDatabase(t, filepath.Join(t.TempDir(), "a.db"), table)
	folder := t.TempDir()
	want := make([]string, len(specs()))
	check := func(when, folder string) {
		t.Helper()
		for i, spec := range specs() {
			got := answersOf(t, fittedTo(t, db, spec, folder), table.Rows)
			if want[i] == "" {
				want[i] = got
			} else if got != want[i] {
				t.Errorf("%s, %v: other bits", when, spec)
			}
		}
	}
	count := func() {
		t.Helper()
		if err := CountPictures(t.Context(), db, torchtest.Device(t)); err != nil {
			t.Fatal(err)
		}
	}
	check("at first", folder)
	check("from the cache", folder)
	count()
	check("counted", "")
	for range 2 {
		importTable(t, db, cloudTable(6, []string{"doum", "elm"}, 9))
		if got := answersOf(t, fittedTo(t, db, specs()[0], folder), table.Rows); got == want[0] {
			t.Error("two classes more change nothing")
		}
		if _, err := db.Remove(t.Context(), []string{"elm"}); err != nil {
			t.Fatal(err)
		}
		count()
		if _, err := db.Remove(t.Context(), []string{"doum"}); err != nil {
			t.Fatal(err)
		}
		check("after classes have come and gone", "")
		check("after classes have come and gone, with a cache", folder)
		count()
		check("counted again", "")
	}
	// A class that goes and comes again, and the same pictures in another database.
	if _, err := db.Remove(t.Context(), []string{"birch"}); err != nil {
		t.Fatal(err)
	}
	importTable(t, db, cloudTable(6, []string{"birch"}, 12))
	check("after a class has gone and come", folder)
	slices.Reverse(labels)
	db = cloudDatabase(t, filepath.Join(t.TempDir(), "b.db"), cloudTable(6, labels[:1], 12))
	importTable(t, db, cloudTable(6, labels[1:], 12))
	check("in another database", folder)
}

// headsIn lists the files of a folder with their contents.
func headsIn(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	contents := make(map[string][]byte)
	for _, file := range files {
		if contents[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return contents
}

func TestTheCacheKeepsOneHeadForEachClassifier(t *testing.T) {
	table := cloudTable(5, []string{"ash", "birch", "cedar"}, 8)
	db := cloudDatabase(t, filepath.Join(t.TempDir(), "a.db"), table)
	folder := filepath.Join(t.TempDir(), "not", "there")
	lda, ridge := classifier.Spec{Kind: classifier.LDA}, classifier.Spec{Kind: classifier.Ridge}
	want := answersOf(t, fittedTo(t, db, lda, folder), table.Rows)
	fittedTo(t, db, ridge, folder)
	before := headsIn(t, folder)
	if len(before) != 2 {
		t.Fatalf("%d files, want 2", len(before))
	}
	// A head that answers something else shows that it is the one that is used.
	for file := range before {
		h, err := head.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if h.Spec.Kind == classifier.LDA {
			h.Solution.Bias[0] += 1e6
			var changed bytes.Buffer
			if err := head.Write(&changed, h); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, changed.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := answersOf(t, fittedTo(t, db, lda, folder), table.Rows); got == want {
		t.Error("the head in the cache is not used")
	}
	// What cannot be used is made again.
	for file, content := range before {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for file, content := range before {
		for name, spoilt := range map[string][]byte{"damaged": append(slices.Clone(content[:len(content)-1]), content[len(content)-1]^1), "cut off": content[:99], "empty": nil} {
			if err := os.WriteFile(file, spoilt, 0o644); err != nil {
				t.Fatal(err)
			}
			if got := answersOf(t, fittedTo(t, db, lda, folder), table.Rows); got != want {
				t.Errorf("%s: other answers", name)
			}
			fittedTo(t, db, ridge, folder)
		}
	}
	if after := headsIn(t, folder); len(after) != 2 {
		t.Errorf("%d files, want 2", len(after))
	} else {
		for file, content := range before {
			if !bytes.Equal(after[file], content) {
				t.Errorf("%s differs from what was written first", file)
			}
		}
	}
	importTable(t, db, cloudTable(5, []string{"doum"}, 8))
	if index := fittedTo(t, db, lda, folder); len(index.Labels()) != 4 {
		t.Errorf("classes %q after one has come", index.Labels())
	}
	if after := headsIn(t, folder); len(after) != 2 {
		t.Errorf("%d files after a class has come, want 2", len(after))
	}
	// No folder can be made there.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	fittedTo(t, db, lda, filepath.Join(file, "cache"))
}

func TestADatabaseThatCannotBeWrittenIsAsked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	table := cloudTable(5, []string{"ash", "birch", "cedar"}, 8)
	db := cloudDatabase(t, path, table)
	want := answersOf(t, fittedTo(t, db, classifier.Spec{Kind: classifier.LDA}, ""), table.Rows)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err = database.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	folder := t.TempDir()
	for range 2 {
		if got := answersOf(t, fittedTo(t, db, classifier.Spec{Kind: classifier.LDA}, folder), table.Rows); got != want {
			t.Error("other answers")
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file has changed (%v)", err)
	}
}

func TestTrainSaysWhatItWasMadeOf(t *testing.T) {
	table := cloudTable(5, []string{"ash", "birch", "cedar"}, 8)
	db := cloudDatabase(t, filepath.Join(t.TempDir(), "a.db"), table)
	h, err := Train(t.Context(), db, torchtest.Device(t), classifier.Spec{Kind: classifier.LDA})
	if err != nil {
		t.Fatal(err)
	}
	state, err := db.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Pictures != 24 || h.Changes(state) != "" || h.CheckModel(state.Model) != nil || !slices.Equal(h.Labels, state.Labels()) {
		t.Errorf("%+v", h)
	}
	index, err := HeadIndex(h, torchtest.Device(t))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := answersOf(t, index, table.Rows), answersOf(t, fittedTo(t, db, h.Spec, ""), table.Rows); got != want {
		t.Error("the head answers otherwise than the classifier")
	}
	set, err := db.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	part, err := TrainSplit(t.Context(), state, set, []int{0, 1, 2, 8, 9, 10, 16, 17, 18}, torchtest.Device(t), h.Spec)
	if err != nil || part.Pictures != 9 || len(part.Labels) != 3 {
		t.Errorf("%+v (%v)", part, err)
	}
}

// BenchmarkQuery asks about one picture as a command does that opens the database for it: by class
// means, and by a discriminant whose head is in the cache. With -short the database is a tenth.
func BenchmarkQuery(b *testing.B) {
	dim, classes, each := 576, 1000, 100
	if testing.Short() {
		classes = 100
	}
	var labels []string
	for c := range classes {
		labels = append(labels, fmt.Sprintf("class%04d", c))
	}
	dir := b.TempDir()
	path := filepath.Join(dir, "a.db")
	db := cloudDatabase(b, path, cloudTable(dim, labels, each))
	if err := CountPictures(b.Context(), db, torch.CPU); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	lda := Method{Classifier: classifier.Spec{Kind: classifier.LDA}}
	query := make([]float32, dim)
	for i := range query {
		query[i] = float32(i%7) - 3
	}
	ask := func(b *testing.B, open func(db *database.DB) (*Index, error)) {
		b.Helper()
		db, err := database.OpenReadOnly(b.Context(), path)
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		index, err := open(db)
		if err != nil {
			b.Fatal(err)
		}
		defer index.Close()
		if _, err := index.Search(b.Context(), slices.Clone(query), 4); err != nil {
			b.Fatal(err)
		}
	}
	means := func(db *database.DB) (*Index, error) { return Open(b.Context(), db, torch.CPU, Method{}, dir) }
	fitted := func(db *database.DB) (*Index, error) { return Open(b.Context(), db, torch.CPU, lda, dir) }
	for name, open := range map[string]func(db *database.DB) (*Index, error){"mean": means, "lda": fitted} {
		b.Run(name, func(b *testing.B) {
			ask(b, open) // fits and fills the cache
			for b.Loop() {
				ask(b, open)
			}
		})
	}
}
