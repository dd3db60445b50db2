package search

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/torch"
	"vs/torch/torchtest"
)

// meanEmbedder embeds a picture as the mean of each of its colours: enough to tell the pictures of these tests apart.
type meanEmbedder struct {
	embedded atomic.Int64
	fail     func(n int64) error // called with the number of pictures embedded before
}

const meanSize = 8

func (m *meanEmbedder) Dim() int { return 3 }

func (m *meanEmbedder) Transform() transform.Spec {
	return transform.Spec{Height: meanSize, Width: meanSize, Interpolation: "bicubic", Std: [3]float64{1, 1, 1}, CropPct: 1, CropMode: "center"}
}

func (m *meanEmbedder) Embed(ctx context.Context, pictures [][]uint8) ([]float32, error) {
	var out []float32
	for _, p := range pictures {
		if m.fail != nil {
			if err := m.fail(m.embedded.Load()); err != nil {
				return nil, err
			}
		}
		m.embedded.Add(1)
		for c := range 3 {
			var sum float32
			for _, v := range p[c*meanSize*meanSize : (c+1)*meanSize*meanSize] {
				sum += float32(v) / 255
			}
			out = append(out, sum/(meanSize*meanSize))
		}
	}
	return out, nil
}

func (m *meanEmbedder) model() Model {
	return Model{Name: "mean", Hash: "0123456789abcdef", Transform: m.Transform().String(), EmbeddingDim: 3, NumParams: 0, Metadata: "{}"}
}

// writePicture writes a picture of one colour; the same colour gives the same bytes.
func writePicture(t *testing.T, path string, c color.Color) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 10, 10))
	for y := range 10 {
		for x := range 10 {
			img.Set(x, y, c)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
}

// colours are the classes of the test folder; every picture is a shade of its class's colour.
var colours = map[string]color.RGBA{
	"blue":  {20, 20, 200, 255},
	"green": {20, 200, 20, 255},
	"red":   {200, 20, 20, 255},
}

func shade(class string, i int) color.Color {
	c := colours[class]
	return color.RGBA{c.R + uint8(3*i), c.G + uint8(i), c.B + uint8(2*i), 255}
}

// makeFolder makes n pictures of each colour.
func makeFolder(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for class := range colours {
		for i := range n {
			writePicture(t, filepath.Join(dir, class, fmt.Sprintf("%03d.png", i)), shade(class, i))
		}
	}
	return dir
}

func openFolder(t *testing.T, dir string) *data.Folder {
	t.Helper()
	f, err := data.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// openBound opens a database of the embedder's model for writing.
func openBound(t *testing.T, path string, m *meanEmbedder) *DB {
	t.Helper()
	return openAugmented(t, path, m, transform.Augmentation{})
}

func openAugmented(t *testing.T, path string, m *meanEmbedder, a transform.Augmentation) *DB {
	t.Helper()
	db, err := OpenWritable(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.BindAugmented(context.Background(), m.model(), a); err != nil {
		t.Fatal(err)
	}
	return db
}

func mustIngest(t *testing.T, db *DB, dir string, m *meanEmbedder, o IngestOptions) *Ingested {
	t.Helper()
	if o.BatchSize == 0 {
		o.BatchSize = 4
	}
	done, err := db.Ingest(context.Background(), openFolder(t, dir), m, o)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func mustLoad(t *testing.T, db *DB) *Set {
	t.Helper()
	set, err := db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// sums reads the classes' sums and counts and checks them against the pictures, to the bit.
func checkSums(t *testing.T, db *DB) {
	t.Helper()
	set := mustLoad(t, db)
	c, i := 0, 0
	err := readClasses(context.Background(), db.sql, set.Dim, func(row *classRow, damage error) error {
		want := make([]float64, set.Dim)
		for range set.Counts[c] {
			for k := range want {
				want[k] += float64(set.TrainingEmbeddings()[i*set.Dim+k])
			}
			i++
		}
		if damage != nil || row.name != set.Labels[c] || row.count != set.Counts[c] || !slices.Equal(row.sum, want) {
			t.Errorf("class %s: %d pictures, sum %v, %v; want %s, %d, %v", row.name, row.count, row.sum, damage, set.Labels[c], set.Counts[c], want)
		}
		c++
		return nil
	}, "ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	if c != len(set.Labels) {
		t.Errorf("%d classes, want %d", c, len(set.Labels))
	}
}

func TestIngestEmbedsEachContentOnce(t *testing.T) {
	dir := makeFolder(t, 5)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)

	steps := []struct {
		name        string
		change      func()
		new, reused int
		pictures    int
	}{
		{"a new folder", func() {}, 15, 0, 15},
		{"the same folder", func() {}, 0, 15, 15},
		{"a new picture behind the others", func() { writePicture(t, filepath.Join(dir, "red", "900.png"), shade("red", 9)) }, 1, 15, 16},
		{"a new picture among the others", func() { writePicture(t, filepath.Join(dir, "red", "002a.png"), shade("red", 12)) }, 1, 16, 17},
		{"an edited picture", func() { writePicture(t, filepath.Join(dir, "blue", "001.png"), shade("blue", 20)) }, 1, 16, 17},
		{"a copy under another name in another class", func() { writePicture(t, filepath.Join(dir, "violet", "000.png"), shade("red", 0)) }, 0, 18, 18},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			s.change()
			before := m.embedded.Load()
			done := mustIngest(t, db, dir, m, IngestOptions{})
			if done.New != s.new || done.Reused != s.reused || len(done.Bad) != 0 {
				t.Errorf("%d new, %d reused, bad %v; want %d, %d, none", done.New, done.Reused, done.Bad, s.new, s.reused)
			}
			if n := m.embedded.Load() - before; n != int64(s.new) {
				t.Errorf("%d pictures embedded, want %d", n, s.new)
			}
			if n := len(mustLoad(t, db).Names); n != s.pictures {
				t.Errorf("%d pictures in the database, want %d", n, s.pictures)
			}
			checkSums(t, db)
		})
	}
}

func TestIngestDoesNotDependOnBatchesAndWorkers(t *testing.T) {
	dir := makeFolder(t, 11)
	m := &meanEmbedder{}
	var want *Set
	for _, o := range []IngestOptions{{BatchSize: 1, Workers: 1}, {BatchSize: 4, Workers: 3}, {BatchSize: 100, Workers: 2}} {
		db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
		var last int
		o.Progress = func(done int) { last = done }
		mustIngest(t, db, dir, m, o)
		if last != 33 {
			t.Errorf("progress ends at %d, want 33", last)
		}
		set := mustLoad(t, db)
		if want == nil {
			want = set
		}
		if !slices.Equal(set.Embeddings, want.Embeddings) || !slices.Equal(set.Names, want.Names) {
			t.Errorf("%+v gives another database", o)
		}
		checkSums(t, db)
	}
}

func TestBadPicturesAreListedAndCounted(t *testing.T) {
	dir := makeFolder(t, 5)
	bad := filepath.Join(dir, "red", "001.png")
	if err := os.WriteFile(bad, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	folder := openFolder(t, dir)
	done, err := db.Ingest(context.Background(), folder, m, IngestOptions{BatchSize: 4})
	if !errors.Is(err, data.ErrBadPictures) {
		t.Fatalf("error %v, want data.ErrBadPictures", err)
	}
	if done.New != 14 || len(done.Bad) != 1 || done.Bad[0].File != "red/001.png" || done.Bad[0].Err == nil {
		t.Errorf("%+v", done)
	}
	if _, err := db.Ingest(context.Background(), folder, m, IngestOptions{BatchSize: 4, MaxBadShare: 0.1}); err != nil {
		t.Errorf("1 bad of 15 with a share of 0.1 allowed: %v", err)
	}
	set, err := db.LoadFolder(context.Background(), folder)
	if err != nil || len(set.Names) != 14 {
		t.Errorf("%d pictures (%v), want the 14 good ones", len(set.Names), err)
	}
	checkSums(t, db)
}

func TestAPictureThatTurnsBadIsForgotten(t *testing.T) {
	dir := makeFolder(t, 2)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, IngestOptions{})
	for i := range 2 {
		if err := os.WriteFile(filepath.Join(dir, "red", fmt.Sprintf("%03d.png", i)), []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
		mustIngest(t, db, dir, m, IngestOptions{MaxBadShare: 1})
		checkSums(t, db)
	}
	if set := mustLoad(t, db); slices.Contains(set.Labels, "red") || len(set.Names) != 4 {
		t.Errorf("labels %v with %d pictures, want blue and green with 4", set.Labels, len(set.Names))
	}
}

func TestAnErrorLosesAtMostTheBatchesInFlight(t *testing.T) {
	dir := makeFolder(t, 10)
	broken := errors.New("the model broke")
	m := &meanEmbedder{fail: func(n int64) error {
		if n >= 17 {
			return broken
		}
		return nil
	}}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	_, err := db.Ingest(context.Background(), openFolder(t, dir), m, IngestOptions{BatchSize: 4})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v, want the embedder's", err)
	}
	kept := len(mustLoad(t, db).Names)
	if kept%4 != 0 || kept > 16 {
		t.Errorf("%d pictures kept, want whole batches of 4, at most 16", kept)
	}
	checkSums(t, db)
	m.fail = nil
	if done := mustIngest(t, db, dir, m, IngestOptions{}); done.New != 30-kept {
		t.Errorf("the next ingest embeds %d, want the other %d", done.New, 30-kept)
	}
	checkSums(t, db)
}

func TestAnInterruptKeepsWhatIsWritten(t *testing.T) {
	dir := makeFolder(t, 10)
	ctx, cancel := context.WithCancel(context.Background())
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	_, err := db.Ingest(ctx, openFolder(t, dir), m, IngestOptions{BatchSize: 4, Progress: func(done int) {
		if done >= 8 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if n := len(mustLoad(t, db).Names); n < 8 || n == 30 {
		t.Errorf("%d pictures kept, want 8 or a little more", n)
	}
	checkSums(t, db)
}

func TestSearch(t *testing.T) {
	dir := makeFolder(t, 5)
	m := &meanEmbedder{}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"), m)
	mustIngest(t, db, dir, m, IngestOptions{})
	index, err := db.NewIndex(context.Background(), torchtest.Device(t))
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	if want := []string{"blue", "green", "red"}; !slices.Equal(index.Labels(), want) {
		t.Fatalf("labels %v", index.Labels())
	}
	hits, err := index.Search([]float32{1, 0, 0, 0, 1, 0, 0, 0, 0}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if hits[0][0].Label != "red" || hits[1][0].Label != "green" {
		t.Errorf("answers %v and %v, want red and green", hits[0], hits[1])
	}
	if !(hits[0][0].Score > hits[0][1].Score && hits[0][0].Score <= 1.000001) {
		t.Errorf("scores do not descend from at most 1: %v", hits[0])
	}
	// A zero embedding is as similar to one class as to another: the order of the labels decides.
	if h := hits[2]; h[0].Label != "blue" || h[1].Label != "green" || h[2].Label != "red" || h[0].Score != 0 {
		t.Errorf("ties in order %v", h)
	}
	for _, k := range []int{0, 4} {
		if _, err := index.Search([]float32{1, 0, 0}, k); err == nil {
			t.Errorf("top %d of 3 classes is no error", k)
		}
	}
}

func TestEvaluateFindsWhatIsNearest(t *testing.T) {
	// Two classes on the axes of a plane, one stray picture each.
	set := &Set{
		Labels: []string{"x", "y"}, Counts: []int{3, 3}, Dim: 2,
		Names:      []string{"0", "1", "2", "0", "1", "2"},
		Embeddings: []float32{1, 0, 2, 0.1, 0.1, 1, 0, 1, 0.1, 2, 1, 0.1},
	}
	splits := []data.Split{
		{Train: []int{0, 1, 3, 4}, Valid: []int{2, 5}},
		{Train: []int{0, 2, 3, 5}, Valid: []int{1, 4}},
		{Train: []int{2, 5, 0, 3}, Valid: []int{4, 1}},
	}
	got, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 2, Method{})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int{{1, 0}, {0, 1}}; fmt.Sprint(got[0].Classes) != fmt.Sprint(want) {
		t.Errorf("run 0: %v, want %v", got[0].Classes, want)
	}
	if fmt.Sprint(got[1].Classes) != fmt.Sprint([][]int{got[2].Classes[1], got[2].Classes[0]}) {
		t.Errorf("runs 1 and 2 have the same training pictures but answer %v and %v", got[1], got[2])
	}
	if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 3, Method{}); err == nil {
		t.Error("top 3 of 2 classes is no error")
	}
	if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "nothing", 1, Method{}); err == nil {
		t.Error("an unknown part is no error")
	}
}

// Many runs are computed a chunk at a time; each must answer as it does alone.
func TestEvaluateIsTheSameInChunks(t *testing.T) {
	set := &Set{Labels: []string{"a", "b", "c"}, Counts: []int{7, 9, 8}, Dim: 5}
	state := uint32(7)
	for range 24 {
		set.Names = append(set.Names, "p")
		for range 5 {
			state = state*1664525 + 1013904223
			set.Embeddings = append(set.Embeddings, float32(state>>8)/(1<<24)-0.3)
		}
	}
	g, err := torch.NewGenerator(1)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	splits, err := data.Splits(set.Counts, set.Labels, 50, data.Shares{Valid: 0.3}, g)
	if err != nil {
		t.Fatal(err)
	}
	together, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 3, Method{})
	if err != nil {
		t.Fatal(err)
	}
	for r, split := range splits {
		alone, err := Evaluate(context.Background(), set, torchtest.Device(t), []data.Split{split}, "valid", 3, Method{})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(alone[0]) != fmt.Sprint(together[r]) {
			t.Errorf("run %d answers %v alone and %v together", r, alone[0], together[r])
		}
	}
}

func TestEvaluateLeaksNothing(t *testing.T) {
	set := &Set{Labels: []string{"x", "y"}, Counts: []int{2, 2}, Dim: 2, Names: make([]string, 4), Embeddings: []float32{1, 0, 1, 0.1, 0, 1, 0.1, 1}}
	splits := []data.Split{{Train: []int{0, 2}, Valid: []int{1, 3}}}
	before := torch.LiveHandles()
	for range 50 {
		if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "valid", 1, Method{}); err != nil {
			t.Fatal(err)
		}
		if _, err := Evaluate(context.Background(), set, torchtest.Device(t), splits, "nothing", 1, Method{}); err == nil {
			t.Fatal("an unknown part is no error")
		}
	}
	if after := torch.LiveHandles(); after != before {
		t.Errorf("%d handles live, %d before", after, before)
	}
}

func TestPartsOfASet(t *testing.T) {
	set := &Set{Labels: []string{"x", "y", "z"}, Counts: []int{3, 1, 2}, Dim: 1,
		Names: []string{"0", "1", "2", "0", "0", "1"}, Embeddings: []float32{0, 1, 2, 3, 4, 5}}
	tests := []struct {
		name       string
		got        *Set
		files      []string
		embeddings []float32
	}{
		{"the first two pictures of each label", set.Limit(2), []string{"x/0", "x/1", "y/0", "z/0", "z/1"}, []float32{0, 1, 3, 4, 5}},
		{"two of the labels", set.Subset([]string{"z", "x"}), []string{"x/0", "x/1", "x/2", "z/0", "z/1"}, []float32{0, 1, 2, 4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !slices.Equal(tt.got.Files(), tt.files) || !slices.Equal(tt.got.Embeddings, tt.embeddings) {
				t.Errorf("%+v", tt.got)
			}
		})
	}
}

func TestMeansOfASet(t *testing.T) {
	set := &Set{Labels: []string{"ash", "birch"}, Counts: []int{2, 1}, Dim: 2, Names: make([]string, 3), Embeddings: []float32{1, 2, 3, 6, 5, 7}}
	if got, want := set.Means(), []float32{2, 4, 5, 7}; !slices.Equal(got, want) {
		t.Errorf("means %v, want %v", got, want)
	}
	set.Training = []float32{1, 1, 1, 1, 9, 9}
	if got, want := set.Means(), []float32{1, 1, 9, 9}; !slices.Equal(got, want) {
		t.Errorf("means %v of augmented pictures, want %v", got, want)
	}
}

// 2,000 runs on 400 pictures of 20 classes: the class means and the answers of all of them.
func BenchmarkEvaluate(b *testing.B) {
	const classes, each, dim, runs = 20, 20, 320, 2000
	set := &Set{Dim: dim, Names: make([]string, classes*each), Embeddings: randomRows(classes*each, dim, 1)}
	for c := range classes {
		set.Labels = append(set.Labels, fmt.Sprint(c))
		set.Counts = append(set.Counts, each)
	}
	g, err := torch.NewGenerator(17)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	splits, err := data.Splits(set.Counts, set.Labels, runs, data.Shares{Valid: 0.2}, g)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Evaluate(context.Background(), set, torchtest.Device(b), splits, "valid", 4, Method{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*runs/b.Elapsed().Seconds(), "runs/s")
}
