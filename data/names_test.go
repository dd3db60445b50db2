package data_test

import (
	"testing"

	"vs/data"
)

func TestNamesOfPicturesAndLabels(t *testing.T) {
	tests := []struct {
		name           string
		picture, label bool
	}{
		{"001.jpg", true, true}, {"№ 1, \"x\".jpg", true, true}, {"犬", true, true}, {"a.b", true, true}, {"NA", true, true}, {" ", true, true},
		{`a\b`, true, false},
		{"a/b", true, false}, {"a/b/c.jpg", true, false},
		{"", false, false}, {".", false, false}, {"..", false, false}, {".hidden", false, false},
		{"/a", false, false}, {"a/", false, false}, {"a//b", false, false}, {"a/../b", false, false}, {"a/./b", false, false}, {"a/.b", false, false},
		{"a\nb", false, false}, {"a\rb", false, false}, {"a\x00b", false, false}, {"a\u2028b", false, false}, {"a\xffb", false, false},
		{"a/\tb", false, false},
	}
	for _, test := range tests {
		if err := data.CheckPicture(test.name); test.picture != (err == nil) {
			t.Errorf("picture %q: %v", test.name, err)
		}
		if err := data.CheckLabel(test.name); test.label != (err == nil) {
			t.Errorf("label %q: %v", test.name, err)
		}
	}
}
