package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/search/exchange"
)

func mustLink(t *testing.T, make func(old, new string) error, old, new string) string {
	t.Helper()
	if err := make(old, new); err != nil {
		t.Fatal(err)
	}
	return new
}

// No command writes over what it reads or writes elsewhere, whatever path leads there, and even
// with --force.
func TestOutputsAreNoInputs(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	model := file("model.txt")
	writeFile(t, model, readFile(t, channelMeans))
	labels := file("labels.txt")
	writeFile(t, labels, []byte("ash\nbirch\n"))
	writeFile(t, db+"-journal", nil)
	soft := mustLink(t, os.Symlink, db, file("soft.npy"))
	hard := mustLink(t, os.Link, db, file("hard.npy"))
	ahead := mustLink(t, os.Symlink, file("new.db"), file("ahead.npy")) // to what the command is about to make
	mustLink(t, os.Symlink, model, file("names.npy.txt"))
	picture := filepath.Join(pictures, "ash", "000.jpg")
	linkedPicture := mustLink(t, os.Link, picture, file("picture.npy"))
	elsewhere := file("elsewhere.jpg") // a picture by a link in its class folder
	writeFile(t, elsewhere, readFile(t, picture))
	mustLink(t, os.Symlink, elsewhere, filepath.Join(pictures, "ash", "link.jpg"))
	split, manifest := file("split.json"), file("run.json")
	mustVS(t, "split", "--data", pictures, "--out", split)
	mustVS(t, "eval", "--db", db, "--manifest", manifest)

	encode := func(db string, args ...string) []string {
		return append([]string{"encode", "--quiet", "--force", "--model", model, "--data", pictures, "--db", db}, args...)
	}
	eval := func(args ...string) []string { return append([]string{"eval", "--force", "--db", db}, args...) }
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"embeddings over the database", encode(db, "--npy", db), "the file of --db"},
		{"embeddings over a database that is yet to be made", encode(file("new.db"), "--npy", file("new.db")), "the file of --db"},
		{"embeddings through a link to such a database", encode(file("new.db"), "--npy", ahead), "the file of --db"},
		{"embeddings over the database's log", encode(db, "--npy", db+"-wal"), "the file of --db"},
		{"embeddings over the database's journal", encode(db, "--npy", db+"-journal"), "the file of --db"},
		{"embeddings through a symbolic link", encode(db, "--npy", soft), "the file of --db"},
		{"embeddings through a hard link", encode(db, "--npy", hard), "the file of --db"},
		{"embeddings over the model", encode(db, "--npy", model), "the file of --model"},
		{"names over the model", encode(db, "--npy", strings.TrimSuffix(model, ".txt")), "the file of --model"},
		{"names through a link to the model", encode(db, "--npy", file("names.npy")), "the file of --model"},
		{"embeddings over a picture", encode(db, "--npy", picture), "it is the picture"},
		{"embeddings through a link to a picture", encode(db, "--npy", linkedPicture), "it is the picture"},
		{"embeddings over what a picture is a link to", encode(db, "--npy", elsewhere), "it is the picture"},
		{"a profile over the database", encode(db, "--cpuprofile", soft), "the file of --db"},
		{"a profile over the embeddings", encode(db, "--npy", file("e.npy"), "--cpuprofile", file("e.npy")), "where --npy goes"},
		{"a profile over the names", encode(db, "--npy", file("e.npy"), "--cpuprofile", file("e.npy.txt")), "where --npy goes"},
		{"an export over the database", []string{"db", "export", "--force", "--db", db, "--format", "npy", hard}, "the file of --db"},
		{"the names of an export over the database", []string{"db", "export", "--force", "--db", mustLink(t, os.Symlink, db, file("x.npy.txt")), file("x.npy")}, "the file of --db"},
		{"a manifest over the database", eval("--manifest", soft), "the file of --db"},
		{"a manifest over the labels", eval("--labels-file", labels, "--manifest", labels), "the file of --labels-file"},
		{"a manifest over the split", eval("--split", split, "--manifest", split), "the file of --split"},
		{"a split over the labels", []string{"split", "--force", "--data", pictures, "--labels-file", labels, "--out", labels}, "the file of --labels-file"},
		{"a split over a picture", []string{"split", "--force", "--data", pictures, "--out", picture}, "it is the picture"},
	}
	kept := map[string][]byte{}
	for _, path := range []string{db, model, labels, picture, elsewhere, split, manifest} {
		kept[path] = readFile(t, path)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vs(t, tt.args...)
			if o.code != exitUsage || !strings.Contains(o.stderr, tt.want) || strings.Count(o.stderr, "\n") != 1 {
				t.Errorf("exit code %d, %q; want %d and one line with %q", o.code, o.stderr, exitUsage, tt.want)
			}
			for path, content := range kept {
				if !bytes.Equal(readFile(t, path), content) {
					t.Fatalf("%s has changed", path)
				}
			}
		})
	}
}

// Files of others are not replaced by any command unless asked, and those of vs are.
func TestFilesOfOthersAreKept(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	encode := func(args ...string) []string {
		return append([]string{"encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", db}, args...)
	}
	tests := []struct {
		name  string
		args  []string
		files []string
	}{
		{"encode --npy", encode("--npy", file("e.npy")), []string{"e.npy", "e.npy.txt"}},
		{"encode --cpuprofile", encode("--cpuprofile", file("cpu.pprof")), []string{"cpu.pprof"}},
		{"db export as csv-zip", []string{"db", "export", "--db", db, file("a.zip")}, []string{"a.zip"}},
		{"db export as npy", []string{"db", "export", "--db", db, file("a.npy")}, []string{"a.npy", "a.npy.txt"}},
		{"db export as safetensors", []string{"db", "export", "--db", db, file("a.safetensors")}, []string{"a.safetensors"}},
		{"db export as parquet", []string{"db", "export", "--db", db, file("a.parquet")}, []string{"a.parquet"}},
		{"eval --manifest", []string{"eval", "--db", db, "--manifest", file("run.json")}, []string{"run.json"}},
		{"eval --plots", []string{"eval", "--db", db, "--runs", "2", "--plots", file("plots")},
			[]string{"plots/cumulative_accuracy.png", "plots/channel_means.map.svg", "plots/channel_means.class_similarity.csv", "plots/accuracy_per_run.csv"}},
		{"split --out", []string{"split", "--data", pictures, "--out", file("split.json")}, []string{"split.json"}},
		{"gallery --out", []string{"gallery", "--db", db, "--data", pictures, "--out", file("sheets")}, []string{"sheets/random.png"}},
		{"report --out", []string{"report", "--db", db, "--data", pictures, "--out", file("page")}, []string{"page/index.html"}},
	}
	const text = "of somebody else\n"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mustVS(t, tt.args...)
			mustVS(t, tt.args...) // over its own files
			command := tt.args[:1]
			if command[0] == "db" {
				command = tt.args[:2]
			}
			forced := append(append(append([]string{}, command...), "--force"), tt.args[len(command):]...)
			for _, name := range tt.files {
				path := file(name)
				for _, put := range []func(){
					func() { writeFile(t, path, []byte(text)) },
					func() { mustLink(t, os.Symlink, file("elsewhere"), path) },
				} {
					writeFile(t, file("elsewhere"), []byte(text))
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
					put()
					o := vs(t, tt.args...)
					if o.code != exitFailed || strings.Count(o.stderr, "vs: ") != 1 || !strings.Contains(o.stderr, "--force") {
						t.Errorf("%s: exit code %d, stderr %q; want one line with --force", name, o.code, o.stderr)
					}
					if string(readFile(t, path)) != text {
						t.Fatalf("%s was written over", name)
					}
					mustVS(t, forced...)
					if string(readFile(t, path)) == text {
						t.Errorf("%s: --force does not replace it", name)
					}
					if string(readFile(t, file("elsewhere"))) != text {
						t.Errorf("%s: what a link points to was written over", name)
					}
				}
			}
		})
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestALinkToNothingIsNotReplaced(t *testing.T) {
	_, db := encoded(t)
	link := mustLink(t, os.Symlink, "/nowhere/at/all", filepath.Join(t.TempDir(), "a.npy"))
	if o := vs(t, "db", "export", "--db", db, link); o.code != exitFailed || !strings.Contains(o.stderr, "a link to nothing") {
		t.Errorf("exit code %d, %q", o.code, o.stderr)
	}
}

// The profile is read with the tool that it is for.
func TestOnlyProfilesAreTakenForProfiles(t *testing.T) {
	dir := t.TempDir()
	zip := filepath.Join(dir, "a.zip")
	_, db := encoded(t)
	mustVS(t, "db", "export", "--db", db, zip)
	for _, path := range []string{zip, zip + ".no", db, dir, "testdata"} {
		if isCPUProfile(path) {
			t.Errorf("%s counts as a profile", path)
		}
	}
	if exchange.Written(zip, exchange.CSVZip) == isCPUProfile(zip) {
		t.Error("an export is taken for a profile")
	}
}

// A command that writes nothing leaves no folder behind that it has made.
func TestFoldersWithoutFilesAreRemoved(t *testing.T) {
	_, db := encoded(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "a", "b")
	if o := vs(t, "eval", "--db", db, "--plots", out, "--label-share", "0.1"); o.code == exitDone {
		t.Fatal("there is nothing to evaluate")
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("a folder is left behind")
	}
	if err := os.Mkdir(filepath.Join(dir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	vs(t, "eval", "--db", db, "--plots", filepath.Join(dir, "mine", "b"), "--label-share", "0.1")
	if _, err := os.Stat(filepath.Join(dir, "mine")); err != nil {
		t.Error("a folder that was there is gone")
	}
	note := filepath.Join(dir, "note.txt")
	writeFile(t, note, []byte("text"))
	for want, path := range map[string]string{"--plots " + note + ": it is a file; name a folder": note, "make the folder: not a directory": filepath.Join(note, "b")} {
		o := vs(t, "eval", "--db", db, "--plots", path)
		wantParts(t, o.stderr, want)
	}
}
