package data_test

import (
	"slices"
	"testing"

	"vs/data"
)

func TestContents(t *testing.T) {
	hashes := [][32]byte{{1}, {2}, {1}, {}, {}, {2}, {3}}
	if got, want := data.Contents(hashes), []int{0, 1, 0, 3, 4, 1, 6}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: a hash of zeros is of unknown content", got, want)
	}
}

func TestDuplicatesWithinAndAcrossClasses(t *testing.T) {
	for _, row := range []struct {
		name                  string
		counts, contents      []int
		want                  data.DuplicateCount
		copies, contradictory []int
	}{
		{"none", []int{2, 1}, []int{0, 1, 2}, data.DuplicateCount{}, nil, nil},
		{"a copy in the class", []int{3, 1}, []int{0, 1, 0, 3}, data.DuplicateCount{Within: 2}, []int{2}, nil},
		{"the same in two classes", []int{2, 2}, []int{0, 1, 0, 3}, data.DuplicateCount{Across: 2}, nil, []int{0, 2}},
		{"copies in a class and in another", []int{3, 1}, []int{0, 0, 2, 0}, data.DuplicateCount{Within: 2, Across: 3}, nil, []int{0, 1, 3}},
		{"three of one content", []int{4}, []int{0, 0, 0, 3}, data.DuplicateCount{Within: 3}, []int{1, 2}, nil},
		{"no pictures", nil, nil, data.DuplicateCount{}, nil, nil},
	} {
		if got := data.CountDuplicates(row.counts, row.contents); got != row.want {
			t.Errorf("%s: %+v, want %+v", row.name, got, row.want)
		}
		copies, contradictory := data.Surplus(row.counts, row.contents)
		if !slices.Equal(copies, row.copies) || !slices.Equal(contradictory, row.contradictory) {
			t.Errorf("%s: left out %v and %v, want %v and %v", row.name, copies, contradictory, row.copies, row.contradictory)
		}
	}
}

func TestDuplicatesPolicies(t *testing.T) {
	for _, policy := range append(data.DuplicatesPolicies, "") {
		if err := policy.Validate(); err != nil {
			t.Errorf("%q: %v", policy, err)
		}
	}
	wantError(t, data.Duplicates("merge").Validate(), `duplicates "merge"`, "keep, group, drop")
}
