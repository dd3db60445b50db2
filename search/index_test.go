package search

import (
	"context"
	"strings"
	"testing"

	"vs/data"
	"vs/search/database"
	"vs/torch/torchtest"
)

// The classes of a set and their sums in a database say the same.
func TestIndexesOfASetAndOfADatabaseAgree(t *testing.T) {
	db := colourDatabase(t, map[string]int{"blue": 5, "green": 5, "red": 5})
	ofSums, err := Open(context.Background(), db, torchtest.Device(t), Method{}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer ofSums.Close()
	set, err := db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ofSet, err := BuildIndex(context.Background(), set, torchtest.Device(t), Method{})
	if err != nil {
		t.Fatal(err)
	}
	defer ofSet.Close()
	want, err := ofSums.Search(t.Context(), set.Vectors, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ofSet.Search(t.Context(), set.Vectors, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		for j, hit := range want[i] {
			if got[i][j].Label != hit.Label {
				t.Errorf("picture %d, place %d: %s, want %s", i, j, got[i][j].Label, hit.Label)
			}
			wantNear(t, []float32{got[i][j].Score}, []float64{float64(hit.Score)})
		}
	}
}

func TestIndexByEveryMethod(t *testing.T) {
	set := noisySet([]int{9, 14, 11, 8}, 7, true)
	class := set.Classes()
	for _, m := range allMethods(set.Counts) {
		t.Run(m.String(), func(t *testing.T) {
			index, err := BuildIndex(context.Background(), set, torchtest.Device(t), m)
			if err != nil {
				t.Fatal(err)
			}
			defer index.Close()
			hits, err := index.Search(t.Context(), set.Vectors, 4)
			if err != nil {
				t.Fatal(err)
			}
			for i, list := range hits {
				want := bruteScores(set, data.Indices(len(class)), i, m)
				for _, hit := range list {
					c := int(hit.Label[len("class")] - '0')
					if diff := float64(hit.Score) - want[c]; diff > 2e-5*max(1, -want[c]) || -diff > 2e-5*max(1, -want[c]) {
						t.Errorf("picture %d has score %v for %s, want %v", i, hit.Score, hit.Label, want[c])
					}
				}
			}
		})
	}
}

func TestBuildIndexErrors(t *testing.T) {
	for want, f := range map[string]func() (*Index, error){
		"there are no classes": func() (*Index, error) {
			return BuildIndex(context.Background(), &database.Embeddings{Dim: 3}, torchtest.Device(t), Method{})
		},
		`no pool "sum"`: func() (*Index, error) {
			return BuildIndex(context.Background(), noisySet([]int{2, 2}, 3, false), torchtest.Device(t), Method{Pool: "sum"})
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
