package report

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDisplayAndFileNames(t *testing.T) {
	evals := func(models ...[2]string) (evals []*Evaluation) {
		for _, m := range models {
			evals = append(evals, &Evaluation{Setup: Setup{Model: m[0], Method: m[1]}})
		}
		return evals
	}
	tests := []struct {
		name        string
		evals       []*Evaluation
		shown, file []string
	}{
		{"different models have their own names, with the method", evals([2]string{"a.in22k", "medoid"}, [2]string{"b", ""}),
			[]string{"a.in22k, medoid", "b"}, []string{"a.in22k_medoid", "b"}},
		{"methods tell the same model apart", evals([2]string{"a", ""}, [2]string{"a", "medoid, dot"}),
			[]string{"a", "a, medoid, dot"}, []string{"a", "a_medoid_dot"}},
		{"numbers tell apart what is the same", evals([2]string{"a", ""}, [2]string{"a", ""}, [2]string{"a", ""}),
			[]string{"a", "a (2)", "a (3)"}, []string{"a", "a_2", "a_3"}},
		{"a number does not meet another name", evals([2]string{"a", ""}, [2]string{"a (2)", ""}, [2]string{"a", ""}),
			[]string{"a", "a (2)", "a (3)"}, []string{"a", "a_2", "a_3"}},
		{"large and small letters may be the same to the file system", evals([2]string{"Vit", ""}, [2]string{"vit", ""}),
			[]string{"Vit", "vit"}, []string{"Vit", "vit-2"}},
		{"no way out of the folder", evals([2]string{"../../etc/passwd", ""}, [2]string{"/", ""}, [2]string{"", ""}, [2]string{".", ""}),
			[]string{"../../etc/passwd", "/", "", "."}, []string{"etc_passwd", "model", "model-2", "model-3"}},
	}
	for _, test := range tests {
		if got := DisplayNames(test.evals); !slices.Equal(got, test.shown) {
			t.Errorf("%s: shown as %q, want %q", test.name, got, test.shown)
		}
		if got := FileNames(test.evals); !slices.Equal(got, test.file) {
			t.Errorf("%s: files %q, want %q", test.name, got, test.file)
		}
	}
	if long := fileName(strings.Repeat("ä", 300)); len(long) != 100 || !utf8.ValidString(long) {
		t.Errorf("a long name becomes %d bytes", len(long))
	}
}

func FuzzFileNames(f *testing.F) {
	for _, name := range []string{"", "..", "a/b", "\xff", strings.Repeat("ä", 300), "-x", "a\x00b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		safe := FileNames([]*Evaluation{{Setup: Setup{Model: name}}})[0]
		if !utf8.ValidString(safe) || safe == "" || len(safe) > 100 || strings.ContainsAny(safe, "/\\:\x00\n ") || safe[0] == '.' {
			t.Errorf("file name %q", safe)
		}
	})
}
