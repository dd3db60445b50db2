package data_test

import (
	"errors"
	"strconv"
	"testing"

	"vs/data"
)

func TestCheckBadIsExactAtTheBoundary(t *testing.T) {
	tests := []struct {
		bad, n int
		share  float64
		many   bool
	}{
		{0, 0, 0, false},
		{0, 100, 0, false},
		{1, 1_000_000_000, 0, true},
		{29, 100, 0.29, false}, // 0.29 × 100 is 28.999999999999996
		{30, 100, 0.29, true},
		{29, 100, 0.28, true},
		{57, 100, 0.57, false},
		{1, 3, 0.3333, true},
		{3, 3, 1, false},
	}
	for _, test := range tests {
		err := data.CheckBad(test.bad, test.n, test.share, "pictures")
		if test.many != (err != nil) || test.many != errors.Is(err, data.ErrBadPictures) {
			t.Errorf("%d of %d at %v: %v", test.bad, test.n, test.share, err)
		}
	}
	wantError(t, data.CheckBad(7, 9, 0.25, "pictures on the sheets"),
		"too many bad pictures: 7 of 9 pictures on the sheets cannot be used", "a share of 0.25", "--max-bad-share")

	// Every share of that many pictures, written in decimals, allows just as many.
	for _, n := range []int{1, 3, 7, 49, 100, 1000, 1041} {
		for bad := range n + 1 {
			share, err := strconv.ParseFloat(strconv.FormatFloat(float64(bad)/float64(n), 'f', -1, 64), 64)
			check(t, err)
			if err := data.CheckBad(bad, n, share, "pictures"); err != nil {
				t.Fatal(err)
			}
			if bad < n && data.CheckBad(bad+1, n, share, "pictures") == nil {
				t.Fatalf("%d of %d are allowed at %v", bad+1, n, share)
			}
		}
	}
}
