package data_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
)

// The order decides which pictures a seeded split takes.
func TestNestedFoldersAreListedAsImageFolderListsThem(t *testing.T) {
	var golden struct {
		Tree    []string
		Links   map[string]string
		Samples []string
	}
	text, err := os.ReadFile("testdata/imagefolder.json")
	check(t, err)
	check(t, json.Unmarshal(text, &golden))
	root := writeTree(t, golden.Tree...)
	for link, target := range golden.Links {
		check(t, os.Symlink(target, filepath.Join(root, link)))
	}
	f, err := data.OpenFolder(root, data.Nested(true))
	check(t, err)
	if got := relPaths(f); !slices.Equal(got, golden.Samples) {
		t.Errorf("pictures\n%q, want\n%q", got, golden.Samples)
	}
	if f.LeftOut.Pictures != 0 || f.LeftOut.Endings[".txt"] != 2 {
		t.Errorf("left out %+v", f.LeftOut)
	}
	for i := range f.Pictures {
		if _, err := os.Stat(f.Path(i)); err != nil {
			t.Error(err)
		}
	}
	names := make([]string, 0, len(f.Pictures))
	for _, p := range f.Pictures[1:22] { // those of cat
		names = append(names, p.Name)
	}
	if !slices.IsSortedFunc(names, data.CompareNames) {
		t.Errorf("CompareNames orders %q otherwise", names)
	}

	class, err := data.OpenClass(filepath.Join(root, "cat"), "feline", data.Nested(true))
	check(t, err)
	if len(class.Pictures) != 21 || class.RelPath(20) != "feline/😀/1.jpg" {
		t.Errorf("%d pictures, the last of them %s", len(class.Pictures), class.RelPath(len(class.Pictures)-1))
	}
}

func TestALinkThatLeadsBack(t *testing.T) {
	root := writeTree(t, "a/1.jpg", "a/b/2.jpg")
	check(t, os.Symlink("..", filepath.Join(root, "a", "b", "up")))
	_, err := data.OpenFolder(root, data.Nested(true))
	wantError(t, err, filepath.Join(root, "a", "b", "up"), "leads back", "remove the link")
	f, err := data.OpenFolder(root)
	check(t, err)
	if f.LeftOut.Pictures != 1 || f.LeftOut.Folders != 1 {
		t.Errorf("left out %+v", f.LeftOut)
	}
}

// Only with Nested are links followed for as long as they lead on; one to the root of a disk would
// be followed for hours.
func TestCountingFollowsALinkOnce(t *testing.T) {
	elsewhere := writeTree(t, "1.jpg", "2.jpg", "deep/3.jpg")
	root := writeTree(t, "a/0.jpg")
	check(t, os.Symlink(elsewhere, filepath.Join(root, "a", "link")))
	f, err := data.OpenFolder(root)
	check(t, err)
	if f.LeftOut.Pictures != 2 || f.LeftOut.Folders != 1 {
		t.Errorf("left out %+v, want the 2 pictures that the link leads to", f.LeftOut)
	}
	f, err = data.OpenFolder(root, data.Nested(true))
	check(t, err)
	if want := []string{"a/0.jpg", "a/link/1.jpg", "a/link/2.jpg", "a/link/deep/3.jpg"}; !slices.Equal(relPaths(f), want) {
		t.Errorf("pictures %q, want %q", relPaths(f), want)
	}
}

func TestUnreadableNestedFolders(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	root := writeTree(t, "a/1.jpg", "a/b/2.jpg")
	closed := filepath.Join(root, "a", "b")
	check(t, os.Chmod(closed, 0))
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	_, err := data.OpenFolder(root)
	check(t, err)
	_, err = data.OpenFolder(root, data.Nested(true))
	wantError(t, err, closed, "make it readable")
}

// Names that no list could give back are bad pictures, all of them.
func TestPicturesOfOddNamesAreBad(t *testing.T) {
	f, err := data.OpenFolder(writeTree(t,
		"a/1.jpg", "a/\x1b[2J.jpg", "a/\u2028.jpg", "a/\xff.jpg", "a/tab\t.jpg", "a/\xff.txt",
		"b/line\nend.png", "c/2.jpg", "c/sub\r/3.jpg", "c/sub/4.jpg"), data.Nested(true))
	check(t, err)
	if got, want := relPaths(f), []string{"a/1.jpg", "c/2.jpg", "c/sub/4.jpg"}; !slices.Equal(got, want) {
		t.Errorf("pictures %q, want %q", got, want)
	}
	var bad []string
	for _, b := range f.Bad {
		bad = append(bad, b.File)
		if !strings.Contains(b.Err.Error(), "rename it") {
			t.Errorf("%q: %v", b.File, b.Err)
		}
	}
	want := []string{"a/\x1b[2J.jpg", "a/tab\t.jpg", "a/\u2028.jpg", "a/\xff.jpg", "b/line\nend.png", "c/sub\r/3.jpg"}
	if !slices.Equal(bad, want) {
		t.Errorf("bad %q, want %q", bad, want)
	}
	if !slices.Equal(f.Labels, []string{"a", "b", "c"}) {
		t.Errorf("labels %q: a class of bad pictures only is a class", f.Labels)
	}
	some, err := f.Subset([]string{"b", "c"})
	check(t, err)
	if len(some.Bad) != 2 || len(some.Limit(1).Bad) != 2 || len(some.Without(nil).Bad) != 0 {
		t.Errorf("subset %+v", some.Bad)
	}
}

func TestRemarksOnWhatIsLeftOut(t *testing.T) {
	tests := []struct {
		name string
		out  data.LeftOut
		want []string
	}{
		{"nothing", data.LeftOut{}, nil},
		{"pictures of other formats, the most frequent first",
			data.LeftOut{Hidden: 2, Endings: map[string]int{".psd": 3, ".tga": 12}},
			[]string{"left out: 12 .tga, 3 .psd, 2 hidden files in DIR; convert them to JPEG or PNG"}},
		{"pictures of other formats and texts",
			data.LeftOut{Endings: map[string]int{".txt": 3, ".tga": 12}},
			[]string{"left out: 12 .tga, 3 .txt in DIR; convert the pictures among them to JPEG or PNG"}},
		{"what is not a picture needs no remedy",
			data.LeftOut{Hidden: 1, Endings: map[string]int{".txt": 1, "": 2}},
			[]string{"left out: 2 files without an ending, 1 .txt, 1 hidden file in DIR"}},
		{"nested pictures and pictures beside the folders",
			data.LeftOut{Pictures: 6, Folders: 3, Beside: 1},
			[]string{"left out: 6 pictures in 3 folders below class folders in DIR; --nested takes them",
				"left out: 1 picture beside the class folders in DIR; move them into one"}},
		{"odd and many endings",
			data.LeftOut{Endings: map[string]int{".\x1b": 99, ".a": 1, ".b": 1, ".c": 1, ".d": 1, ".e": 1, ".f": 1, ".g": 1, ".h": 1, ".i": 1}},
			[]string{`left out: 99 ".\x1b", 1 .a, 1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 1 .g, 2 files of other endings in DIR`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.out.Remarks("DIR"); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSimilarLabels(t *testing.T) {
	labels := []string{"Cafe\u0301", "Cat", "STRASSE", "bird", "cat", "caf\u00e9", "stra\u00dfe", "\u00c5", "\u212b"}
	want := [][]string{{"Cafe\u0301", "caf\u00e9"}, {"Cat", "cat"}, {"STRASSE", "stra\u00dfe"}, {"\u00c5", "\u212b"}}
	got := data.SimilarLabels(labels)
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := data.SimilarLabels([]string{"a", "b", "é", "e"}); got != nil {
		t.Errorf("got %q", got)
	}
}
