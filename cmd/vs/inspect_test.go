package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	content, err := os.ReadFile(channelMeans)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "b.pt"), content)
	writeFile(t, filepath.Join(dir, "a.pt"), content)
	writeFile(t, filepath.Join(dir, "notes.txt"), []byte("no model"))

	for _, command := range []string{"inspect", "models"} {
		o := mustVS(t, command, "builtin", channelMeans)
		wantParts(t, o.stdout, "builtin_filterbank", "0.00236", "0.0180", "224×224", "343", "channel_means", "32×32", hash[:12])
		if strings.Contains(o.stdout, hash) {
			t.Error("the table has whole hashes")
		}
	}
	o := mustVS(t, "inspect", "--format", "markdown", channelMeans)
	wantParts(t, o.stdout, "| channel_means |", "|     – |")

	o = mustVS(t, "inspect", "--format", "csv", dir)
	if lines := strings.Split(o.stdout, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[1], "channel_means,"+filepath.Join(dir, "a.pt")) ||
		!strings.HasSuffix(lines[2], ",3,32,32,6,1245,"+hash) {
		t.Errorf("CSV is\n%s", o.stdout)
	}
	o = mustVS(t, "inspect", "--format", "json", dir, "builtin")
	var file struct {
		Schema int
		Models []struct {
			Model, File, SHA256 string
			GMACs               *float64
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &file); err != nil {
		t.Fatal(err)
	}
	if file.Schema != 2 || len(file.Models) != 3 || file.Models[1].File != filepath.Join(dir, "b.pt") || file.Models[0].SHA256 != hash ||
		file.Models[0].GMACs != nil || file.Models[2].Model != "builtin_filterbank" {
		t.Errorf("JSON is %+v", file)
	}
}

func TestInspectShowsTheModelsBesideWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "text.pt"), []byte("text"))
	none := "../../encoder/testdata/no_metadata.pt"
	empty := t.TempDir()
	o := vs(t, "inspect", dir, channelMeans, none, empty, filepath.Join(dir, "nowhere.pt"))
	if o.code != exitFailed {
		t.Errorf("exit code %d, want %d", o.code, exitFailed)
	}
	wantParts(t, o.stdout, "channel_means")
	wantParts(t, o.stderr, "text.pt: ", "is it a TorchScript file?", none+": it has no vs.json", "no .pt files in "+empty, "nowhere.pt", "4 of 5 cannot be shown")
	if n := strings.Count(o.stderr, "\n"); n != 5 {
		t.Errorf("%d lines on stderr, want 5:\n%s", n, o.stderr)
	}

	o = vs(t, "inspect", none)
	if o.code != exitFailed || o.stdout != "" {
		t.Errorf("without a model: exit code %d, %q", o.code, o.stdout)
	}
	for _, args := range [][]string{{"inspect"}, {"inspect", "--format", "xml", "builtin"}} {
		if o := vs(t, args...); o.code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, o.code, exitUsage)
		}
	}
}
