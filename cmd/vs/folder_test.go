package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/report"
)

// nestPictures moves some pictures of makePictures into folders below their classes.
func nestPictures(t *testing.T, pictures string) {
	t.Helper()
	for from, to := range map[string]string{
		"ash/000.jpg": "ash/z/0.jpg", "ash/001.jpg": "ash/z/1.jpg", "ash/002.jpg": "ash/b/c/2.jpg",
		"birch/003.jpg": "birch/0/3.jpg", "birch/004.jpg": "birch/0/4.jpg", "birch/005.jpg": "birch/0/5.jpg",
	} {
		to = filepath.Join(pictures, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(pictures, filepath.FromSlash(from)), to); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNestedPicturesAreNamedOrTaken(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 10, "ash", "birch", "cedar")
	nestPictures(t, pictures)
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	encode := []string{"encode", "--model", channelMeans, "--data", pictures, "--db", db}

	o := mustVS(t, encode...)
	wantParts(t, o.stderr, "left out: 6 pictures in 3 folders below class folders in "+pictures+"; --nested takes them")
	wantParts(t, o.stdout, "24")
	o = mustVS(t, append(encode, "--nested")...)
	if strings.Contains(o.stderr, "left out") {
		t.Errorf("stderr %q", o.stderr)
	}
	wantParts(t, o.stdout, "30")

	// From the database, from the model and from a split file come the same answers, in the order
	// of the folder.
	manifest := filepath.Join(dir, "manifest.json")
	evals := [][]string{{"eval", "--db", db}, {"eval", "--model", channelMeans, "--data", pictures, "--nested", "--manifest", manifest}}
	var results []string
	for _, args := range evals {
		results = append(results, mustVS(t, append(args, "--format", "json")...).stdout)
	}
	if results[0] != results[1] {
		t.Errorf("from the database\n%s\nfrom the model\n%s", results[0], results[1])
	}
	mustVS(t, "eval", "--replay", manifest)

	split := filepath.Join(dir, "split.json")
	mustVS(t, "split", "--data", pictures, "--nested", "--out", split)
	evaluations, err := report.ReadJSON(strings.NewReader(results[0]))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := partFiles(readSplit(t, split), "valid"), evaluations[0].Runs[0].Files; !slices.Equal(got, want) {
		t.Errorf("the split file validates %q, the first run %q", got, want)
	}
	mustVS(t, "eval", "--db", db, "--split", split)
	mustVS(t, "eval", "--model", channelMeans, "--data", pictures, "--nested", "--split", split)

	out := filepath.Join(dir, "out")
	mustVS(t, "gallery", "--db", db, "--data", pictures, "--out", out)
	mustVS(t, "report", "--db", db, "--data", pictures, "--out", out)

	added := filepath.Join(dir, "added.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", added)
	o = mustVS(t, "db", "add", "--model", channelMeans, "--data", filepath.Join(pictures, "ash"), "--label", "Ash", "--nested", "--db", added)
	wantParts(t, o.stdout, "10")
	for _, format := range []string{"npy", "parquet", "safetensors", "csv.zip"} {
		file, copied := filepath.Join(dir, "a."+format), filepath.Join(dir, format+".db")
		mustVS(t, "db", "export", "--db", db, file)
		mustVS(t, "db", "import", "--db", copied, "--model", channelMeans, file)
	}
	if o := vs(t, "eval", "--db", db, "--nested"); o.code != exitUsage || !strings.Contains(o.stderr, "--nested is for --model") {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
}

func TestPicturesOfOddNamesAreBadOnes(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures := makePictures(t, 10, "ash", "birch")
	content, err := os.ReadFile(filepath.Join(pictures, "ash", "000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tab\t.jpg", "line\nend.jpg", "caf\xe9.jpg"} {
		writeFile(t, filepath.Join(pictures, "ash", name), content)
	}
	dir := t.TempDir()
	db := filepath.Join(dir, "a.db")
	for name, args := range map[string][]string{
		"encode": {"encode", "--model", channelMeans, "--data", pictures, "--db", db},
		"split":  {"split", "--data", pictures, "--out", filepath.Join(dir, "split.json")},
		"eval":   {"eval", "--model", channelMeans, "--data", pictures},
	} {
		o := vs(t, args...)
		if o.code != exitBadPictures {
			t.Errorf("%s: exit code %d, want %d", name, o.code, exitBadPictures)
		}
		wantParts(t, o.stderr, `bad picture: "ash/tab\t.jpg": the name holds a line end or control character: rename it`+"\n",
			`bad picture: "ash/line\nend.jpg": `, `bad picture: "ash/caf\xe9.jpg": the name is not valid UTF-8: rename it`+"\n",
			"3 of 23 pictures cannot be used")
		mustVS(t, append(args, "--max-bad-share", "0.2")...)
	}
	wantParts(t, mustVS(t, "db", "info", "--db", db).stdout, "20")
}

func TestRemarksOnAFolder(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "Ash", "cafe\u0301", "caf\u00e9")
	for _, name := range []string{"a.tga", "b.TGA", "c.psd", ".DS_Store"} {
		writeFile(t, filepath.Join(pictures, "ash", name), []byte("x"))
	}
	o := mustVS(t, "split", "--data", pictures, "--out", filepath.Join(t.TempDir(), "split.json"), "--valid-share", "0.5")
	wantParts(t, o.stderr,
		"left out: 2 .tga, 1 .psd, 1 hidden file in "+pictures+"; convert them to JPEG or PNG\n",
		`labels ["Ash" "ash"] differ only in case or Unicode normalisation`,
		`labels ["cafe\u0301" "caf\u00e9"] differ only`)

	_, db := encoded(t)
	o = mustVS(t, "db", "add", "--db", db, "--model", channelMeans, "--data", makePictures(t, 2, "ASH", "oak"))
	wantParts(t, o.stderr, `labels ["ASH" "ash"] differ only`)
	o = mustVS(t, "db", "add", "--db", db, "--model", channelMeans, "--data", makePictures(t, 2, "oak"))
	if strings.Contains(o.stderr, "differ only") {
		t.Errorf("a remark on labels that are not added: %s", o.stderr)
	}
}

func TestLabelsThatLookAlikeAreNamedWhereverTheyComeIn(t *testing.T) {
	_, db := encoded(t)
	want := `labels ["ASH" "ash"] differ only in case or Unicode normalisation`
	wantParts(t, mustVS(t, "db", "rename", "--db", db, "cedar", "ASH").stderr, want)
	wantParts(t, mustVS(t, "db", "verify", "--db", db).stderr, want)
	file := filepath.Join(t.TempDir(), "trees.npy")
	mustVS(t, "db", "export", "--db", db, file)
	wantParts(t, mustVS(t, "db", "import", "--db", filepath.Join(t.TempDir(), "new.db"), "--model", channelMeans, file).stderr, want)
	if o := mustVS(t, "db", "rename", "--db", db, "ASH", "cedar"); strings.Contains(o.stderr, "differ only") {
		t.Errorf("labels that look like no others: %s", o.stderr)
	}
}

func TestAFolderOfBadPicturesAloneIsAnError(t *testing.T) {
	dir := t.TempDir()
	for _, class := range []string{"ash", "birch"} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, class, "a.jpg"), []byte("no picture"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	db := filepath.Join(t.TempDir(), "a.db")
	o := vs(t, "encode", "--model", channelMeans, "--data", dir, "--db", db, "--max-bad-share", "1")
	if o.code != exitBadPictures {
		t.Errorf("exit code %d, want %d", o.code, exitBadPictures)
	}
	wantParts(t, o.stderr, "too many bad pictures: none of the 2 in ")
}
