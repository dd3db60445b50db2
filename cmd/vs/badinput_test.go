package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hugePNG is the beginning of a PNG of 60,000 × 60,000 pixels: 10.8 GB when decoded.
func hugePNG() []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), 60000)
	header = binary.BigEndian.AppendUint32(header, 60000)
	header = append(header, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	file = append(file, header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

func TestBadInputGetsOneLineAndItsExitCode(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.MkdirAll(filepath.Join(empty, "class"), 0o755); err != nil {
		t.Fatal(err)
	}
	oneClass := makePictures(t, 5, "lonely")
	text := filepath.Join(dir, "text.pt")
	writeFile(t, text, []byte("text"))
	newDB := filepath.Join(dir, "new.db")

	encode := func(model, data, db string) []string {
		return []string{"encode", "--model", model, "--data", data, "--db", db}
	}
	eval := func(args ...string) []string { return append([]string{"eval", "--db", db}, args...) }
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"a folder that is not there", encode(channelMeans, filepath.Join(dir, "nowhere"), newDB), exitFailed, "nowhere"},
		{"a class without pictures", encode(channelMeans, empty, newDB), exitFailed, "class"},
		{"a folder without classes", encode(channelMeans, filepath.Join(empty, "class"), newDB), exitFailed, filepath.Join(empty, "class")},
		{"a folder of pictures, not of classes", encode(channelMeans, filepath.Join(pictures, "ash"), newDB), exitFailed, "one folder per class"},
		{"one class only", []string{"eval", "--model", channelMeans, "--data", oneClass}, exitFailed, "at least 2"},
		{"a model that is not there", encode(filepath.Join(dir, "no.pt"), pictures, newDB), exitFailed, "no.pt"},
		{"a model that is not TorchScript", encode(text, pictures, newDB), exitFailed, "TorchScript"},
		{"a model without metadata", encode("../../encoder/testdata/no_metadata.pt", pictures, newDB), exitFailed, "vs.json"},
		{"a model whose embeddings are not numbers", encode("../../encoder/testdata/nan.pt", pictures, newDB), exitFailed, "NaN"},
		{"a database of another model", encode("builtin", pictures, db), exitMismatch, "do not match"},
		{"a query with another model", []string{"query", "--db", db, "--model", "builtin", "x.jpg"}, exitMismatch, "do not match"},
		{"a database in a folder that is not there", encode(channelMeans, pictures, filepath.Join(dir, "no", "a.db")), exitFailed, "does not exist"},
		{"a database that is not there", []string{"eval", "--db", filepath.Join(dir, "no.db")}, exitFailed, "vs encode"},
		{"a database that is something else", []string{"eval", "--db", text}, exitFailed, "not a database"},
		{"more top classes than classes", eval("--top-k", "4"), exitUsage, "only 3 classes"},
		{"no top classes", eval("--top-k", "0"), exitUsage, "--top-k 0"},
		{"a share above 1", eval("--valid-share", "1.5"), exitUsage, "1.5"},
		{"shares that leave nothing for training", eval("--valid-share", "0.5", "--test-share", "0.5"), exitUsage, "training"},
		{"a share that leaves an empty part", eval("--valid-share", "0.01"), exitFailed, "empty"},
		{"an empty test part", eval("--part", "test"), exitFailed, "empty"},
		{"a class without training pictures", eval("--valid-share", "0.95", "--short-run", "1"), exitFailed, "empty"},
		{"a part that does not exist", eval("--part", "exam"), exitUsage, "exam"},
		{"a format that does not exist", eval("--format", "xml"), exitUsage, "xml"},
		{"no runs", eval("--runs", "0"), exitUsage, "--runs 0"},
		{"a confidence of 1", eval("--confidence", "1"), exitUsage, "--confidence 1"},
		{"a negative seed", eval("--seed", "-1"), exitUsage, "seed"},
		{"a label that is not there", eval("--labels", "ash,brch"), exitFailed, `did you mean "birch"`},
		{"a label twice", eval("--labels", "ash,ash"), exitFailed, "twice"},
		{"a share of labels that leaves one", eval("--label-share", "0.34"), exitFailed, "at least 2"},
		{"a share of labels that leaves none", eval("--label-share", "0.1"), exitFailed, "leaves none"},
		{"a share of labels above 1", eval("--label-share", "1.1"), exitUsage, "--label-share 1.1"},
		{"a short run of nothing", eval("--short-run", "0"), exitUsage, "--short-run 0"},
		{"a database and a model", eval("--model", channelMeans, "--data", pictures), exitUsage, "leave out"},
		{"nothing to evaluate", []string{"eval"}, exitUsage, "--db"},
		{"a model without data", []string{"eval", "--model", channelMeans}, exitUsage, "--data"},
		{"a missing flag", []string{"encode", "--model", channelMeans, "--data", pictures}, exitUsage, "--db is missing"},
		{"a flag that does not exist", []string{"encode", "--modell", channelMeans}, exitUsage, "modell"},
		{"an argument that is not expected", eval("extra"), exitUsage, "extra"},
		{"a command that does not exist", []string{"encoed"}, exitUsage, "encoed"},
		{"a batch size of 0", append(encode(channelMeans, pictures, newDB), "--batch-size", "0"), exitUsage, "--batch-size 0"},
		{"negative workers", append(encode(channelMeans, pictures, newDB), "--workers", "-1"), exitUsage, "--workers -1"},
		{"a share of bad pictures above 1", append(encode(channelMeans, pictures, newDB), "--max-bad-share", "2"), exitUsage, "--max-bad-share 2"},
		{"a device that does not exist", eval("--device", "gpu"), exitUsage, "gpu"},
		{"a CUDA device that this machine lacks", eval("--device", "cuda:4095"), exitNoDevice, "device not available"},
		{"a benchmark of nothing", []string{"bench", "--model", channelMeans, "--data", pictures, "--repeat", "0"}, exitUsage, "--repeat 0"},
		{"a query without pictures", []string{"query", "--db", db, "--model", channelMeans}, exitUsage, "at least one picture"},
	}
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{tt.args[0], "--quiet"}, tt.args[1:]...)
			if tt.args[0] == "encoed" {
				args = tt.args
			}
			o := vs(t, args...)
			if o.code != tt.code {
				t.Errorf("exit code %d, want %d", o.code, tt.code)
			}
			if strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "vs: ") || !strings.Contains(o.stderr, tt.want) {
				t.Errorf("stderr %q, want one line with %q", o.stderr, tt.want)
			}
			if o.stdout != "" {
				t.Errorf("stdout %q, want nothing", o.stdout)
			}
		})
	}
	if after, err := os.ReadFile(db); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the database has changed (%v)", err)
	}
}

func TestBadPicturesAreListed(t *testing.T) {
	pictures, _ := encoded(t)
	good, err := os.ReadFile(filepath.Join(pictures, "ash", "000.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"ash/empty.jpg":     nil,
		"ash/text.jpg":      []byte("this is text"),
		"birch/half.jpg":    good[:len(good)/2],
		"cedar/billion.png": hugePNG(),
	}
	for name, content := range bad {
		writeFile(t, filepath.Join(pictures, name), content)
	}
	args := []string{"encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db")}
	o := vs(t, args...)
	if o.code != exitBadPictures {
		t.Errorf("exit code %d, want %d", o.code, exitBadPictures)
	}
	for name := range bad {
		wantParts(t, o.stderr, "bad picture: "+name+": ")
	}
	wantParts(t, o.stderr, "4 of 34 pictures cannot be used")
	if n := strings.Count(o.stderr, "\n"); n != 5 {
		t.Errorf("%d lines on stderr, want 5:\n%s", n, o.stderr)
	}
	wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "new: 30", "bad: 4")
	if o := vs(t, append(args, "--max-bad-share", "0.2")...); o.code != exitDone {
		t.Errorf("exit code %d with the share allowed", o.code)
	}
}

func TestATargetThatCannotBeWritten(t *testing.T) {
	pictures, db := encoded(t)
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v: %s", err, out)
	}
	defer exec.Command("umount", dir).Run()
	want := mustVS(t, "eval", "--db", db, "--format", "json").stdout
	check := func(name, target, part string) {
		t.Helper()
		o := vs(t, "encode", "--quiet", "--model", "builtin", "--data", pictures, "--db", target)
		if o.code != exitFailed || strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, part) {
			t.Errorf("%s: exit code %d, stderr %q, want one line with %q", name, o.code, o.stderr, part)
		}
	}
	check("a full disk", filepath.Join(dir, "full.db"), "free some space")
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	check("a read-only folder", filepath.Join(dir, "new.db"), "check the permissions")
	if o := vs(t, "encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", db, "--npy", filepath.Join(dir, "e.npy")); o.code != exitFailed || !strings.Contains(o.stderr, "e.npy") {
		t.Errorf("NumPy file in a read-only folder: exit code %d, stderr %q", o.code, o.stderr)
	}
	if got := mustVS(t, "eval", "--db", db, "--format", "json").stdout; got != want {
		t.Error("the database that was only read gives another result")
	}
}
