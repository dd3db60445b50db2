package search

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/search/classifier"
	"vs/search/database"
	"vs/torch/torchtest"
)

const instances = 2

// augmentedDatabase keeps the instances of clouds of pictures.
func augmentedDatabase(t *testing.T, dim, each int) *database.DB {
	t.Helper()
	db, err := database.Create(t.Context(), filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	a := transform.DefaultAugmentation
	a.Instances = instances
	model := database.Model{Name: "cloud", Hash: "0123456789abcdef", EmbeddingDim: dim, Metadata: "{}"}
	if err := db.BindAugmented(t.Context(), model, a); err != nil {
		t.Fatal(err)
	}
	session, err := db.NewSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := cloudTable(dim, []string{"ash", "birch", "cedar"}, each)
	random := rand.New(rand.NewPCG(5, 6))
	var batch database.Batch
	for i, label := range table.Labels {
		p := database.Picture{Label: label, Name: table.Name(i), Hash: sha256.Sum256(fmt.Append(nil, i)), Embedding: table.Rows[i*dim : (i+1)*dim]}
		sum := make([]float64, dim)
		for n := range 1 + instances {
			for j, v := range p.Embedding {
				if n > 0 {
					v += float32(random.NormFloat64()) / 2
					p.Instances = append(p.Instances, v)
				}
				sum[j] += float64(v)
			}
		}
		p.Training = database.Mean(sum, 1+instances)
		batch.Put(p)
	}
	if err := session.Write(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
	if err := session.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// asPictures makes a picture of each example of a set, and behind those of its class one of each
// embedding, which takes part in no training.
func asPictures(set *database.Embeddings, split data.Split) (*database.Embeddings, data.Split) {
	out := &database.Embeddings{Dim: set.Dim, Labels: set.Labels}
	var of data.Split
	each := set.ExamplesEach()
	class, next := set.Classes(), 0
	for _, n := range set.Counts {
		first := len(out.Vectors) / set.Dim
		for i := range n {
			if slices.Contains(split.Train, next+i) {
				for e := range each {
					of.Train = append(of.Train, first+i*each+e)
				}
			}
			if slices.Contains(split.Valid, next+i) {
				of.Valid = append(of.Valid, first+n*each+i)
			}
		}
		out.Vectors = append(out.Vectors, set.Examples[next*each*set.Dim:(next+n)*each*set.Dim]...)
		out.Vectors = append(out.Vectors, set.Vectors[next*set.Dim:(next+n)*set.Dim]...)
		out.Counts = append(out.Counts, n*(each+1))
		next += n
	}
	out.Names = make([]string, len(class)*(each+1))
	return out, of
}

func TestInstancesCountAsPicturesOfTheTrainingPart(t *testing.T) {
	set, err := augmentedDatabase(t, 6, 9).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if set.ExamplesEach() != 1+instances {
		t.Fatalf("%d examples of each picture", set.ExamplesEach())
	}
	var split data.Split
	for i := range set.Names {
		if i%3 == 1 {
			split.Valid = append(split.Valid, i)
		} else {
			split.Train = append(split.Train, i)
		}
	}
	pictures, examples := asPictures(set, split)
	for _, spec := range []classifier.Spec{
		{Kind: classifier.LDA, Power: classifier.Given(0.5), Shrinkage: classifier.Given(0.2)},
		{Kind: classifier.LDA, Power: classifier.Given(1), Shrinkage: classifier.Given(0.2), Counts: true},
		{Kind: classifier.Ridge, Power: classifier.Given(1), Penalty: classifier.Given(0.5)},
		{Kind: classifier.Logistic, Power: classifier.Given(1), Penalty: classifier.Given(0.5)},
	} {
		m := Method{Classifier: spec}
		got, err := Evaluate(t.Context(), set, torchtest.Device(t), []data.Split{split}, "valid", 3, m)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Evaluate(t.Context(), pictures, torchtest.Device(t), []data.Split{examples}, "valid", 3, m)
		if err != nil {
			t.Fatal(err)
		}
		for i, classes := range want[0].Classes {
			if !slices.Equal(got[0].Classes[i], classes) || math.Abs(float64(got[0].Margins[i]-want[0].Margins[i])) > 1e-4 {
				t.Errorf("%v: picture %d is %v by %v, want %v by %v", spec, i, got[0].Classes[i], got[0].Margins[i], classes, want[0].Margins[i])
			}
		}
	}
}

func TestLeavingAPictureOutTakesItsInstancesAway(t *testing.T) {
	set, err := augmentedDatabase(t, 6, 5).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := data.Indices(len(set.Names))
	var splits []data.Split
	for i := range all {
		splits = append(splits, data.Split{Train: slices.Delete(slices.Clone(all), i, i+1), Valid: []int{i}})
	}
	for _, spec := range []classifier.Spec{
		{Kind: classifier.LDA, Power: classifier.Given(0.5), Shrinkage: classifier.Given(0.2), Counts: true},
		{Kind: classifier.Ridge, Power: classifier.Given(1), Penalty: classifier.Given(0.5)},
		{Kind: classifier.Logistic, Power: classifier.Given(1), Penalty: classifier.Given(0.5)},
	} {
		m := Method{Classifier: spec}
		want, err := Evaluate(t.Context(), set, torchtest.Device(t), splits, "valid", 3, m)
		if err != nil {
			t.Fatal(err)
		}
		got, err := LeaveOneOut(t.Context(), set, torchtest.Device(t), 3, m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			if !slices.Equal(got.Classes[i], want[i].Classes[0]) || math.Abs(float64(got.Margins[i]-want[i].Margins[0])) > 1e-4 {
				t.Errorf("%v: picture %d is %v by %v, evaluated without it %v by %v", spec, i, got.Classes[i], got.Margins[i], want[i].Classes[0], want[i].Margins[0])
			}
		}
	}
}

// With sums or without, kept or not, an augmented database gives the classifier of its examples.
func TestAClassifierOfAnAugmentedDatabaseIsThatOfItsExamples(t *testing.T) {
	for name, each := range map[string]int{"sums": 12, "few pictures": 3} {
		db := augmentedDatabase(t, 6, each)
		set, err := db.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs() {
			want, err := BuildIndex(t.Context(), set, torchtest.Device(t), Method{Classifier: spec})
			if err != nil {
				t.Fatal(err)
			}
			wantHits, err := want.Search(t.Context(), set.Vectors, 3)
			if err != nil {
				t.Fatal(err)
			}
			got := fittedTo(t, db, spec, "")
			before := answersOf(t, got, set.Vectors)
			hits, err := got.Search(t.Context(), set.Vectors, 3)
			if err != nil {
				t.Fatal(err)
			}
			for i := range wantHits {
				for k, w := range wantHits[i] {
					if g := hits[i][k]; g.Label != w.Label || math.Abs(float64(g.Score-w.Score)) > 1e-5 {
						t.Errorf("%s, %v: picture %d: %v, want %v", name, spec, i, hits[i], wantHits[i])
					}
				}
			}
			if err := CountPictures(t.Context(), db, torchtest.Device(t)); err != nil {
				t.Fatal(err)
			}
			if answersOf(t, fittedTo(t, db, spec, ""), set.Vectors) != before {
				t.Errorf("%s, %v: other bits once the pictures are counted", name, spec)
			}
		}
	}
}
