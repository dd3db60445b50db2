package text_test

import (
	"testing"

	"vs/data/text"
)

func TestCount(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{text.Count(1, "picture"), "1 picture"},
		{text.Count(0, "picture"), "0 pictures"},
		{text.Count(2, "class", "classes"), "2 classes"},
		{text.Count(1, "class", "classes"), "1 class"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
