package data_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vs/data"
)

// goodSplit is a split file as it is written.
const goodSplit = `{
 "format": 1,
 "seed": 18446744073709551615,
 "shares": {"valid":0.25,"test":0.25},
 "labels": ["a<b","cat","zebra, the"],
 "active": [
 {"label": "a<b", "pictures": [
  {"name":"2.jpg","sha256":"0200000000000000000000000000000000000000000000000000000000000000","part":"train"},
  {"name":"1.jpg","sha256":"01000000000000000000000000000000000000000000000000000000000000ff","part":"train"},
  {"name":"é\".jpg","sha256":"0300000000000000000000000000000000000000000000000000000000000000","part":"valid"},
  {"name":"4.jpg","sha256":"0400000000000000000000000000000000000000000000000000000000000000","part":"test"}
 ]},
 {"label": "zebra, the", "pictures": [
  {"name":"1.jpg","sha256":"0500000000000000000000000000000000000000000000000000000000000000","part":"train"}
 ]}
 ]
}
`

func readText(t *testing.T, text string) (*data.SplitFile, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "split.json")
	check(t, os.WriteFile(path, []byte(text), 0o644))
	return data.ReadSplit(path)
}

func TestSplitFileComesBackAsItWas(t *testing.T) {
	f, err := readText(t, goodSplit)
	check(t, err)
	hash := func(first, last byte) data.Hash { return data.Hash{0: first, 31: last} }
	want := &data.SplitFile{
		Seed: 1<<64 - 1, Shares: data.Shares{Valid: 0.25, Test: 0.25}, Labels: []string{"a<b", "cat", "zebra, the"},
		Active: []data.SplitClass{
			{"a<b", []data.SplitPicture{{"2.jpg", hash(2, 0), "train"}, {"1.jpg", hash(1, 255), "train"}, {`é".jpg`, hash(3, 0), "valid"}, {"4.jpg", hash(4, 0), "test"}}},
			{"zebra, the", []data.SplitPicture{{"1.jpg", hash(5, 0), "train"}}},
		},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("read %+v", f)
	}
	if got := f.ActiveLabels(); !slices.Equal(got, []string{"a<b", "zebra, the"}) {
		t.Errorf("active labels %q", got)
	}
	if got := f.Sizes(); got != [3]int{3, 1, 1} {
		t.Errorf("sizes %v", got)
	}
	check(t, f.CheckPart("train"))
	wantError(t, f.CheckPart("test"), `test part is empty for class "zebra, the"`)
	wantError(t, f.CheckPart("all"), `no part "all"`)

	path := filepath.Join(t.TempDir(), "again.json")
	check(t, os.WriteFile(path, []byte("what was there before"), 0o600))
	check(t, data.WriteSplit(path, f))
	text, err := os.ReadFile(path)
	check(t, err)
	if string(text) != goodSplit {
		t.Errorf("wrote\n%s\nwant\n%s", text, goodSplit)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	check(t, err)
	if len(entries) != 1 {
		t.Errorf("%d files where one was written", len(entries))
	}
}

func TestSplitFilesThatAreRefused(t *testing.T) {
	const hash5 = `"sha256":"0500000000000000000000000000000000000000000000000000000000000000",`
	tests := []struct {
		name, old, new string
		words          []string
	}{
		{"an empty file", goodSplit, "", []string{"file is empty"}},
		{"no JSON", goodSplit, "jpeg", []string{"damaged or no split file", "vs split"}},
		{"JSON that is cut off", "\n ]\n}\n", "", []string{"damaged or no split file"}},
		{"something behind it", goodSplit, goodSplit + "{}", []string{"damaged or no split file"}},
		{"JSON of something else", goodSplit, `{"schema":1}`, []string{"format 0 is unknown", "vs split"}},
		{"a newer format", `"format": 1`, `"format": 2, "folds": []`, []string{"format 2 is newer", "update vs"}},
		{"an unknown key", `"seed"`, `"speed"`, []string{`"speed"`, "damaged"}},
		{"a seed that is not a number", `18446744073709551615`, `-1`, []string{"damaged", "seed"}},
		{"shares that mean nothing", `"valid":0.25`, `"valid":1.5`, []string{"validation share 1.5"}},
		{"no labels", `["a<b","cat","zebra, the"]`, `[]`, []string{"no labels"}},
		{"a label twice", `["a<b",`, `["a<b","a<b",`, []string{`"a<b" stands twice`}},
		{"labels that are not sorted", `["a<b","cat"`, `["cat","a<b"`, []string{"not sorted"}},
		{"a label that no folder can have", `"a<b","cat"`, `"a<b","b/c"`, []string{`"b/c"`}},
		{"an active class twice", `"label": "zebra, the"`, `"label": "a<b"`, []string{`"a<b" stands twice among the active labels`}},
		{"an active label that is none", `"label": "zebra, the"`, `"label": "zebra"`, []string{`"zebra" is active`}},
		{"a class without training pictures", hash5 + `"part":"train"`, hash5 + `"part":"valid"`, []string{`"zebra, the"`, "no pictures for training"}},
		{"a picture twice", `"2.jpg"`, `"1.jpg"`, []string{`label "a<b"`, `"1.jpg" stands twice`}},
		{"a picture without a name", `"2.jpg"`, `""`, []string{"name is empty"}},
		{"a picture elsewhere", `"2.jpg"`, `"../2.jpg"`, []string{"out of the class folder"}},
		{"the folder above", `"2.jpg"`, `".."`, []string{"out of the class folder"}},
		{"a name with a line end", `"2.jpg"`, `"2\n.jpg"`, []string{"line end"}},
		{"a part of another name", `"part":"test"`, `"part":"eval"`, []string{`"4.jpg"`, `part is "eval"`, "train, valid, test"}},
		{"a hash that is too short", `"0500`, `"05`, []string{"64 digits", "62"}},
		{"a hash that is not hexadecimal", `"0500`, `"05x0`, []string{"hexadecimal"}},
		{"no hash", hash5, "", []string{"SHA-256 is missing"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(goodSplit, test.old, test.new, 1)
			if text == goodSplit {
				t.Fatal("the test changes nothing")
			}
			_, err := readText(t, text)
			wantError(t, err, append(test.words, "read split")...)
		})
	}
	_, err := data.ReadSplit(filepath.Join(t.TempDir(), "nowhere.json"))
	wantError(t, err, "nowhere.json", "vs split makes")
}

func TestWriteSplitErrors(t *testing.T) {
	f, err := readText(t, goodSplit)
	check(t, err)
	wantError(t, data.WriteSplit(filepath.Join(t.TempDir(), "no", "split.json"), f), "write", "split.json", "no such file")
	path := filepath.Join(t.TempDir(), "split.json")
	f.Active[0].Pictures[0].Part = "eval"
	wantError(t, data.WriteSplit(path, f), "write split", `part is "eval"`)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

func TestNewSplitFile(t *testing.T) {
	root := writeTree(t, "a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg")
	folder, err := data.OpenFolder(root)
	check(t, err)
	labels := folder.Labels
	folder, err = folder.Subset([]string{"a", "c"})
	check(t, err)
	var hashes [][32]byte
	for i := range folder.Pictures {
		hashes = append(hashes, sha256.Sum256([]byte("content of "+folder.RelPath(i))))
	}
	split := data.Split{Train: []int{2, 0, 4}, Valid: []int{3}, Test: []int{1}}
	f, err := data.NewSplitFile(folder, labels, hashes, split, 17, data.Shares{Valid: 0.4, Test: 0.2})
	check(t, err)
	picture := func(label, name, part string) data.SplitPicture {
		return data.SplitPicture{Name: name, Hash: sha256.Sum256([]byte("content of " + label + "/" + name)), Part: part}
	}
	want := &data.SplitFile{
		Seed: 17, Shares: data.Shares{Valid: 0.4, Test: 0.2}, Labels: []string{"a", "b", "c"},
		Active: []data.SplitClass{
			{"a", []data.SplitPicture{picture("a", "3.jpg", "train"), picture("a", "1.jpg", "train"), picture("a", "2.jpg", "test")}},
			{"c", []data.SplitPicture{picture("c", "2.jpg", "train"), picture("c", "1.jpg", "valid")}},
		},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v, want %+v", f, want)
	}

	_, err = data.NewSplitFile(folder, labels, hashes[1:], split, 17, data.Shares{})
	wantError(t, err, "4 hashes for 5 pictures")
	_, err = data.NewSplitFile(folder, labels, hashes, data.Split{Train: []int{9}}, 17, data.Shares{})
	wantError(t, err, "picture 9 of 5")
	_, err = data.NewSplitFile(folder, labels[:1], hashes, split, 17, data.Shares{})
	wantError(t, err, `"c" is active`)
}

func TestReadPicturesListsWhatItCannotRead(t *testing.T) {
	root := writeTree(t, "a/2.jpg") // a text
	picture := func(name string, shade int) string {
		path := filepath.Join(root, "a", name)
		check(t, writePicture(path, shade))
		return path
	}
	paths := []string{picture("1.png", 10), filepath.Join(root, "a/2.jpg"), picture("3.png", 90), filepath.Join(root, "a/4.jpg"), root}
	var want [][32]byte
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			want = append(want, [32]byte{})
			continue
		}
		want = append(want, sha256.Sum256(content))
	}
	for workers := range 4 {
		hashes, bad, err := data.ReadPictures(context.Background(), paths, workers)
		check(t, err)
		if !slices.Equal(hashes, want) {
			t.Errorf("%d workers: hashes %x", workers, hashes)
		}
		if len(bad) != 3 || bad[0].Index != 1 || bad[1].Index != 3 || !errors.Is(bad[1].Err, os.ErrNotExist) || bad[2].Index != 4 {
			t.Errorf("%d workers: bad %v", workers, bad)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := data.ReadPictures(ctx, paths, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	_, _, err := data.ReadPictures(context.Background(), paths, -1)
	wantError(t, err, "-1 workers")
}

func TestMatch(t *testing.T) {
	f, err := readText(t, goodSplit)
	check(t, err)
	hash := func(first byte) [32]byte { return [32]byte{0: first} }
	labels, counts := []string{"a<b", "cat", "zebra, the"}, []int{5, 1, 2}
	names := []string{"0.jpg", "1.jpg", "2.jpg", "4.jpg", `é".jpg`, "1.jpg", "1.jpg", "2.jpg"}
	hashes := [][32]byte{hash(9), {0: 1, 31: 255}, hash(2), hash(4), hash(3), hash(9), hash(5), hash(9)}
	m, err := f.Match(labels, counts, names, hashes)
	check(t, err)
	want := &data.Matched{
		Pictures: []int{1, 2, 3, 4, 6},
		Split:    data.Split{Train: []int{1, 0, 4}, Valid: []int{3}, Test: []int{2}},
		Unnamed:  3,
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v, want %+v", m, want)
	}

	hashes[1], hashes[4] = hash(7), hash(7)
	_, err = f.Match(labels[:2], []int{5, 1}, names[:6], hashes[:6])
	var mismatch *data.MismatchError
	if !errors.As(err, &mismatch) {
		t.Fatalf("error %v, want a MismatchError", err)
	}
	if !slices.Equal(mismatch.Changed, []string{"a<b/1.jpg", `a<b/é".jpg`}) || !slices.Equal(mismatch.Missing, []string{"zebra, the/1.jpg"}) {
		t.Errorf("mismatch %+v", mismatch)
	}
	wantError(t, fmt.Errorf("eval: %w", err), `2 changed: a<b/1.jpg, a<b/é".jpg; 1 missing: zebra, the/1.jpg`, "restore them")

	for _, test := range []struct {
		name   string
		counts []int
		names  []string
		hashes [][32]byte
	}{
		{"counts for other labels", []int{8}, names, hashes},
		{"a name too few", counts, names[1:], hashes},
		{"no hashes", counts, names, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.Match(labels, test.counts, test.names, test.hashes)
			wantError(t, err, "match split")
		})
	}
	_, err = f.Match([]string{"a", "a"}, []int{1, 1}, []string{"1.jpg", "1.jpg"}, hashes[:2])
	wantError(t, err, "twice")
}

func TestMismatchNamesTenPicturesOfMany(t *testing.T) {
	var e data.MismatchError
	for i := range 25 {
		e.Missing = append(e.Missing, fmt.Sprintf("cat/%02d.jpg", i))
	}
	wantError(t, &e, "25 missing: cat/00.jpg", "cat/09.jpg and 15 more")
	if strings.Contains(e.Error(), "cat/10.jpg") {
		t.Errorf("error %q names more than ten", &e)
	}
	if strings.Contains(e.Error(), "--nested") {
		t.Errorf("error %q speaks of nested folders", &e)
	}
	wantError(t, &data.MismatchError{Missing: []string{"cat/1.jpg", "cat/indoors/1.jpg"}}, "with --nested", "restore them")
}
