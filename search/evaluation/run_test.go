package evaluation

import (
	"slices"
	"strings"
	"testing"

	"vs/data/transform"
	"vs/search/database"
)

func TestADatabaseAndItsModelGiveTheSame(t *testing.T) {
	dir, db := encoded(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	stored, _ := mustRun(t, Inputs{Databases: []string{db}}, usual())
	embedded, remarks := mustRun(t, Inputs{Models: []string{channelMeans}, Data: dir}, usual())
	wantParts(t, remarks, "embeddings: 30 new, 0 reused, kept in ")
	a, b := manifestOf(t, stored), manifestOf(t, embedded)
	if different := append(a.Differences(b), a.DifferentResults(b)...); len(different) > 0 {
		t.Errorf("they differ: %q", different)
	}
	if accuracy := stored.Evaluations[0].Accuracy.Mean; accuracy < 0.4 || accuracy == 1 {
		t.Errorf("the classes overlap, yet the accuracy is %v", accuracy)
	}
	if _, remarks = mustRun(t, Inputs{Models: []string{channelMeans}, Data: dir}, usual()); !strings.Contains(remarks, "0 new, 30 reused") {
		t.Errorf("the second time: %s", remarks)
	}
}

func TestASweepHasOneEvaluationPerSourceAndMethod(t *testing.T) {
	_, db := encoded(t)
	st := usual()
	st.Sweep, st.Runs = true, 2
	o, _ := mustRun(t, Inputs{Databases: []string{db, db}}, st)
	n := len(o.Evaluations)
	if n < 10 || n%2 != 0 || o.Evaluations[0].Method != o.Evaluations[n/2].Method || o.Evaluations[0].Method == o.Evaluations[1].Method {
		t.Errorf("%d evaluations", n)
	}
}

func TestLabelsAndShortRunsTakeAPartOfTheSource(t *testing.T) {
	_, db := encoded(t)
	st := usual()
	st.Labels, st.ShortRun = []string{"cedar", "ash"}, 5
	o, _ := mustRun(t, Inputs{Databases: []string{db}}, st)
	if set := o.Sources[0].Embeddings; !slices.Equal(set.Labels, []string{"ash", "cedar"}) || !slices.Equal(set.Counts, []int{5, 5}) {
		t.Errorf("labels %q with %d pictures", set.Labels, set.Counts)
	}
	st.TopK, st.TopKGiven = 3, true
	if _, err := Run(t.Context(), Inputs{Databases: []string{db}}, st, environment(&strings.Builder{})); !IsSettingsError(err) {
		t.Errorf("top-3 of two classes: %v", err)
	}
	st.Labels = []string{"ash"}
	_, err := Run(t.Context(), Inputs{Databases: []string{db}}, st, environment(&strings.Builder{}))
	if err == nil || !strings.Contains(err.Error(), "it has 1 class, and there is nothing to tell apart") {
		t.Errorf("one class: %v", err)
	}
}

func TestSourcesOfOneModelAreNamedApart(t *testing.T) {
	of := func(model, file string, instances int) Source {
		s := Source{Model: database.Model{Name: model}, File: file}
		if instances > 0 {
			s.Augmentation = transform.DefaultAugmentation
			s.Augmentation.Instances = instances
		}
		return s
	}
	sources := []Source{of("a", "x/1.db", 0), of("b", "x/2.db", 0), of("b", "x/3.db", 5), of("c", "x/4.db", 0), of("c", "x/5.db", 0)}
	nameSources(sources)
	var names []string
	for _, s := range sources {
		names = append(names, s.Name)
	}
	want := []string{"a", "b", "b (5 augmented instances)", "c (4.db)", "c (5.db)"}
	if !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}
