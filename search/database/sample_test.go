package database

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestASampleIsSomeOfThePicturesWithAllSums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	makeAugmented(t, path)
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := mustLoad(t, db)
	chosen := []int{0, 2, len(set.Names) - 1}
	sample, err := db.Sample(t.Context(), func(counts []int) []int {
		if !slices.Equal(counts, set.Counts) {
			t.Errorf("counts %v, want %v", counts, set.Counts)
		}
		return chosen
	})
	if err != nil {
		t.Fatal(err)
	}
	class, files := set.Classes(), set.Files()
	for i, picture := range chosen {
		row := func(of []float32, n int) []float32 { return of[n*set.Dim : (n+1)*set.Dim] }
		if sample.Class[i] != class[picture] || sample.Chosen.Files()[i] != files[picture] ||
			!slices.Equal(row(sample.Chosen.Vectors, i), row(set.Vectors, picture)) || !slices.Equal(row(sample.Chosen.Training, i), row(set.Training, picture)) {
			t.Errorf("picture %d is not %s", i, files[picture])
		}
	}
	if !slices.Equal(sample.Labels, set.Labels) || !slices.Equal(sample.Counts, set.Counts) {
		t.Errorf("labels %q with %v pictures", sample.Labels, sample.Counts)
	}
	var means []float32
	for c, sum := range sample.Sums {
		means = append(means, Mean(sum, sample.Counts[c])...)
	}
	if !reflect.DeepEqual(means, set.Means()) {
		t.Error("the sums are not those of the pictures")
	}

	if _, err := db.sql.Exec("DELETE FROM picture WHERE name = ?", set.Names[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Sample(t.Context(), func([]int) []int { return chosen }); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a picture is gone: error %v", err)
	}
}
