package data_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"vs/data"
)

func zoo(t *testing.T) *data.Folder {
	f, err := data.OpenFolder(writeTree(t, "cat/1.jpg", "cat/2.jpg", "cat/3.jpg", "cow/1.jpg", "dog/1.jpg", "dog/2.jpg", "stray.txt"))
	check(t, err)
	return f
}

func TestSubset(t *testing.T) {
	f := zoo(t)
	tests := []struct {
		name   string
		labels []string
		rel    []string
	}{
		{"all", []string{"cat", "cow", "dog"}, relPaths(f)},
		{"the folder's order wins", []string{"dog", "cat"}, []string{"cat/1.jpg", "cat/2.jpg", "cat/3.jpg", "dog/1.jpg", "dog/2.jpg"}},
		{"the last alone", []string{"dog"}, []string{"dog/1.jpg", "dog/2.jpg"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := f.Subset(test.labels)
			check(t, err)
			if !slices.Equal(relPaths(got), test.rel) {
				t.Errorf("pictures %q, want %q", relPaths(got), test.rel)
			}
			if want := slices.Sorted(slices.Values(test.labels)); !slices.Equal(got.Labels, want) {
				t.Errorf("labels %q, want %q", got.Labels, want)
			}
			if got.Dir != f.Dir || !reflect.DeepEqual(got.LeftOut, f.LeftOut) {
				t.Errorf("Dir and LeftOut are %q, %+v", got.Dir, got.LeftOut)
			}
		})
	}
	if !slices.Equal(f.Labels, []string{"cat", "cow", "dog"}) || len(f.Pictures) != 6 {
		t.Errorf("the folder itself changed: %v", f)
	}
}

func TestSubsetErrors(t *testing.T) {
	f := zoo(t)
	tests := []struct {
		name   string
		labels []string
		words  []string
	}{
		{"none", nil, []string{"no label"}},
		{"one twice", []string{"cat", "dog", "cat"}, []string{`"cat" is given twice`}},
		{"a misspelt one", []string{"dgo", "cot"}, []string{`no class "dgo" among the 3`}},
		{"a near one", []string{"cot"}, []string{`no class "cot"`, `did you mean "cat" or "cow"?`}},
		{"another case", []string{"DOG"}, []string{`no class "DOG"`, `did you mean "dog"?`}},
		{"nothing like it", []string{"elephant"}, []string{`no class "elephant" among the 3`, f.Dir}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.Subset(test.labels)
			wantError(t, err, append(test.words, "choose classes")...)
		})
	}
}

func TestLimit(t *testing.T) {
	f := zoo(t)
	for n, want := range map[int][]string{
		1:  {"cat/1.jpg", "cow/1.jpg", "dog/1.jpg"},
		2:  {"cat/1.jpg", "cat/2.jpg", "cow/1.jpg", "dog/1.jpg", "dog/2.jpg"},
		99: relPaths(f),
	} {
		if got := relPaths(f.Limit(n)); !slices.Equal(got, want) {
			t.Errorf("limit %d gives %q, want %q", n, got, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a limit of 0 does not panic")
		}
	}()
	f.Limit(0)
}

func TestShareOfLabels(t *testing.T) {
	labels := []string{"a", "b", "c", "d", "e"}
	tests := []struct {
		name  string
		share float64
		perm  data.Generator
		want  []string
	}{
		{"everything", 1, reversed{}, labels},
		{"the first of the permutation, in label order", 0.6, reversed{}, []string{"c", "d", "e"}},
		{"rounded down", 0.59, reversed{}, []string{"d", "e"}},
		{"any permutation", 0.6, fixed{perm: []int64{3, 0, 4, 1, 2}}, []string{"a", "d", "e"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := data.ShareOfLabels(labels, test.share, test.perm)
			check(t, err)
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	for _, share := range []float64{0, -0.5, 1.01, math.NaN(), math.Inf(1)} {
		_, err := data.ShareOfLabels(labels, share, identity{})
		wantError(t, err, "choose classes", "outside (0, 1]")
	}
	_, err := data.ShareOfLabels(labels, 0.19, identity{})
	wantError(t, err, "choose classes", "leaves none", "larger share")
	_, err = data.ShareOfLabels(labels, 0.5, fixed{perm: []int64{0, 1}})
	wantError(t, err, "choose classes", "permutation")
}
