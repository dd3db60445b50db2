package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vs/report"
	"vs/torch"
)

func TestDoctorSaysWhatItFinds(t *testing.T) {
	info, err := torch.GetInfo()
	if err != nil {
		t.Fatal(err)
	}
	library, err := torch.LibraryPath()
	if err != nil {
		t.Fatal(err)
	}
	build, err := torch.Build()
	if err != nil {
		t.Fatal(err)
	}
	got := pairs(mustVS(t, "doctor").stdout)
	if !strings.HasPrefix(got["libtorch build"], build+" in /") {
		t.Errorf("libtorch build: %q, want %s and a folder", got["libtorch build"], build)
	}
	for key, want := range map[string]string{
		"vs":       version(),
		"Go":       runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		"library":  library,
		"libtorch": info.LibTorch,
		"BLAS":     blasLine(info),
		"CPU":      fmt.Sprintf("%d usable cores, bf16 instructions: %s", cores, yesNo(info.CPUBF16)),
		"CUDA":     cudaLine(info),
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	for i := range info.CUDACount {
		if !strings.Contains(got[torch.CUDA(i).String()], "compute capability") {
			t.Errorf("device %d: %q", i, got[torch.CUDA(i).String()])
		}
	}
}

func TestTheVersionSaysWhatTheProgramWasBuiltFrom(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	build := func(module string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: module}, Settings: settings}
	}
	set := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	tests := []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a commit", build("v0.0.0-2026", set("vcs.revision", revision), set("vcs.modified", "false")), "0123456789ab"},
		{"a commit and changes", build("(devel)", set("vcs.modified", "true"), set("vcs.revision", revision)), "0123456789ab modified"},
		{"a module that was fetched", build("v1.2.3"), "v1.2.3"},
		{"sources without git", build("(devel)"), "built without its revision"},
		{"a test", build(""), "built without its revision"},
	}
	for _, tt := range tests {
		if got := versionOf(tt.info); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// pairs are the lines "key:  value" of a text.
func pairs(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

// rows are the lines of a table below its rule, cut where there are two spaces or more.
func rows(text string) map[string][]string {
	cells := map[string][]string{}
	_, body, _ := strings.Cut(text, "──\n")
	for line := range strings.Lines(body) {
		if strings.TrimSpace(line) == "" {
			break
		}
		row := regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1)
		name := row[0]
		if _, ok := cells[name]; ok {
			name += " again"
		}
		cells[name] = row[1:]
	}
	return cells
}

// number is the number that a cell begins with.
func number(t *testing.T, cell string) float64 {
	t.Helper()
	text, _, _ := strings.Cut(cell, " ")
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Errorf("cell %q is not a number", cell)
	}
	return x
}

func TestEncodeSummary(t *testing.T) {
	pictures, db := encoded(t)
	writeFile(t, filepath.Join(pictures, "ash", "notes.txt"), []byte("left out"))
	o := mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	lines := strings.Join(strings.Fields(o.stdout), " ")
	auto, err := torch.ParseDevice("auto")
	if err != nil {
		t.Fatal(err)
	}
	wantParts(t, lines, "labels: 3", "pictures: 30", "new: 0", "reused: 30", "bad: 0", "embedding size: 6",
		"encoder parameters: – M", "device: "+auto.String(), "duration:", "new pictures per second: –")
	wantParts(t, o.stderr, "left out: 1", "chosen by auto", "channel_means")
	if quiet := mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db, "--quiet"); quiet.stderr != "" {
		t.Errorf("--quiet prints %q to stderr", quiet.stderr)
	}
}

func TestEncodeProfiles(t *testing.T) {
	pictures := makePictures(t, 3, "ash", "birch")
	file := filepath.Join(t.TempDir(), "cpu.pprof")
	args := []string{"encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--device", "cpu", "--workers", "3", "--profile", "--cpuprofile", file}
	text := mustVS(t, args...).stdout
	stages := rows(text)
	busiest, most := "", -1.0
	for name, workers := range map[string]float64{"read and hash": 3, "decode and transform": 3, "encode": 3, "store": 1} {
		row := stages[name]
		if len(row) != 5 {
			t.Fatalf("%s: %q in\n%s", name, row, text)
		}
		busy, waiting, each, share := number(t, row[1]), number(t, row[2]), number(t, row[3]), number(t, row[4])
		if got := number(t, row[0]); got != workers {
			t.Errorf("%s: %v workers, want %v", name, got, workers)
		}
		// Seconds are rounded to 0.005, and of the busy ones there may be more than the stage has
		// been timed.
		if busy < 0 || waiting < 0 || share < 0 || math.Abs(each*6-1000*busy) > 5.1 {
			t.Errorf("%s: busy %v s, waiting %v s, %v ms each of 6, %v %%", name, busy, waiting, each, share)
		}
		if share > most {
			busiest, most = name, share
		}
	}
	if a, b := stages["read and hash"], stages["decode and transform"]; math.Abs(number(t, a[1])+number(t, a[2])-number(t, b[1])-number(t, b[2])) > 0.03 {
		t.Errorf("two stages of as many workers ran for different times: %q, %q", a, b)
	}
	if named, _, _ := strings.Cut(text[strings.Index(text, "Busiest: ")+len("Busiest: "):], "."); number(t, stages[named][4]) != most {
		t.Errorf("busiest is %s, want %s in\n%s", named, busiest, text)
	}
	if !isCPUProfile(file) {
		t.Error("no CPU profile")
	}

	// Of pictures that are there already nothing is decoded, and what does not happen has no time.
	again := rows(mustVS(t, args...).stdout)
	for _, name := range []string{"decode and transform", "encode"} {
		if row := again[name]; len(row) != 5 || row[3] != "–" {
			t.Errorf("a second time, %s: %q", name, row)
		}
	}
}

func TestEncodeWritesNPY(t *testing.T) {
	pictures, _ := encoded(t)
	npy := filepath.Join(t.TempDir(), "e.npy")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--npy", npy)
	file, err := os.ReadFile(npy)
	if err != nil {
		t.Fatal(err)
	}
	wantParts(t, string(file[:128]), "'descr': '<f4'", "'shape': (30, 6)")
	if want := 128 + 30*6*4; len(file) != want {
		t.Errorf("%d bytes, want %d", len(file), want)
	}
	names, err := os.ReadFile(npy + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSpace(string(names)), "\n")
	if len(list) != 30 || list[0] != "ash/000.jpg" || list[29] != "cedar/009.jpg" {
		t.Errorf("names %q", list)
	}
}

func TestEvalFormats(t *testing.T) {
	_, db := encoded(t)
	table := mustVS(t, "eval", "--db", db, "--top-k", "2")
	wantParts(t, table.stdout, "channel_means", "Top-2", "ash", "birch", "cedar")
	markdown := mustVS(t, "eval", "--db", db, "--format", "markdown")
	wantParts(t, markdown.stdout, "| channel_means", "|--", "Top-3")
	csv := mustVS(t, "eval", "--db", db, "--format", "csv")
	wantParts(t, csv.stdout, "model,num_params", "channel_means,0,6,3,30,valid,17,20,0.95,")

	o := mustVS(t, "eval", "--db", db, "--format", "json", "--runs", "3", "--seed", "5")
	evaluations, err := report.ReadJSON(strings.NewReader(o.stdout))
	if err != nil {
		t.Fatal(err)
	}
	e := evaluations[0]
	if e.Model != "channel_means" || e.EmbeddingDim != 6 || len(e.Labels) != 3 || e.NumPictures != 30 || e.Seed != 5 || e.TopK != 3 || len(e.Runs) != 3 {
		t.Errorf("%+v", e.Setup)
	}
	run := e.Runs[0]
	if len(run.Files) != 6 || !strings.HasPrefix(run.Files[0], "ash/") || run.Targets[5] != 2 || len(run.Predictions) != 6 {
		t.Errorf("%+v", run)
	}
	if run.TopKAccuracy != 1 {
		t.Errorf("top 3 of 3 classes has accuracy %v, want 1", run.TopKAccuracy)
	}
	var keys struct {
		Schema int
		Models []map[string]any
	}
	if err := json.Unmarshal([]byte(o.stdout), &keys); err != nil || keys.Schema != 2 || len(keys.Models[0]) != 23 {
		t.Errorf("schema %d with %d keys (%v)", keys.Schema, len(keys.Models[0]), err)
	}
}

func TestEvalIsTheSameAgain(t *testing.T) {
	_, db := encoded(t)
	want := mustVS(t, "eval", "--db", db, "--format", "json").stdout
	if got := mustVS(t, "eval", "--db", db, "--format", "json", "--workers", "3").stdout; got != want {
		t.Error("the same seed gives another result")
	}
	if got := mustVS(t, "eval", "--db", db, "--format", "json", "--seed", "18").stdout; got == want {
		t.Error("another seed gives the same result")
	}
}

func TestEvalParts(t *testing.T) {
	_, db := encoded(t)
	for part, pictures := range map[string]int{"train": 21, "valid": 6, "test": 3} {
		o := mustVS(t, "eval", "--db", db, "--format", "json", "--test-share", "0.1", "--part", part)
		evaluations, err := report.ReadJSON(strings.NewReader(o.stdout))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(evaluations[0].Runs[0].Files); n != pictures {
			t.Errorf("part %s has %d pictures, want %d", part, n, pictures)
		}
	}
}

func TestEvalComparesModelsAndKeepsTheirEmbeddings(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	args := []string{"eval", "--model", channelMeans, "--model", "builtin", "--data", pictures}
	first := mustVS(t, args...)
	wantParts(t, first.stdout, "channel_means", "builtin", "error-rate reduction")
	wantParts(t, first.stderr, "30 new, 0 reused")
	second := mustVS(t, args...)
	if second.stdout != first.stdout {
		t.Error("a second eval gives another table")
	}
	wantParts(t, second.stderr, "0 new, 30 reused")
	if strings.Contains(second.stderr, "30 new") {
		t.Error("a second eval embeds again")
	}
	fromDB := mustVS(t, "eval", "--db", db, "--format", "json")
	fromModel := mustVS(t, "eval", "--model", channelMeans, "--data", pictures, "--format", "json")
	if fromDB.stdout != fromModel.stdout {
		t.Error("a database and the folder that it was made from give different results")
	}
}

func TestShortRunUsesTheFirstPictures(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	fromDB := mustVS(t, "eval", "--db", db, "--short-run", "5", "--format", "json")
	fromModel := mustVS(t, "eval", "--model", channelMeans, "--data", pictures, "--short-run", "5", "--format", "json")
	if fromDB.stdout != fromModel.stdout {
		t.Error("--db and --data give different results")
	}
	wantParts(t, fromModel.stderr, "15 new")
	wantParts(t, fromDB.stdout, `"num_pictures":15`)
}

func TestLabelSubsets(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	file := filepath.Join(t.TempDir(), "labels.txt")
	writeFile(t, file, []byte("cedar\r\n\nash\n"))
	tests := []struct {
		name   string
		args   []string
		labels string
	}{
		{"by name", []string{"--labels", "birch,ash"}, `["ash","birch"]`},
		{"from a file", []string{"--labels-file", file}, `["ash","cedar"]`},
		{"by random share", []string{"--label-share", "0.7", "--seed", "17"}, `["ash","cedar"]`},
		{"all", []string{"--label-share", "1"}, `["ash","birch","cedar"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := mustVS(t, append([]string{"eval", "--db", db, "--format", "json"}, tt.args...)...)
			wantParts(t, o.stdout, `"labels":`+tt.labels)
			fromData := mustVS(t, append([]string{"eval", "--model", channelMeans, "--data", pictures, "--format", "json"}, tt.args...)...)
			if fromData.stdout != o.stdout {
				t.Error("--db and --data give different results")
			}
		})
	}
}

func TestBenchMeasuresTheStages(t *testing.T) {
	info, err := torch.GetInfo()
	if err != nil {
		t.Fatal(err)
	}
	pictures := makePictures(t, 3, "ash", "birch")
	names := []string{"read and hash", "decode and transform", "decode and transform again", "model only", "encode", "all together"}
	table := mustVS(t, "bench", "--model", channelMeans, "--data", pictures, "--repeat", "2", "--workers", "2", "--device", "cpu")
	wantParts(t, table.stdout, "channel_means, – M parameters, ", "libtorch "+info.LibTorch, "\nMedians of 2 measurements")
	stages := rows(table.stdout)
	for i, name := range names {
		row := stages[name]
		if len(row) != 4 {
			t.Fatalf("%s: %q in\n%s", name, row, table.stdout)
		}
		if workers, want := number(t, row[0]), []float64{1, 1, 2, 2, 2, 2}[i]; workers != want {
			t.Errorf("%s: %v workers, want %v", name, workers, want)
		}
		low, high, _ := strings.Cut(row[3], "–")
		rate := number(t, row[1])
		if number(t, low) > rate || number(t, high) < rate || rate <= 0 {
			t.Errorf("%s: %v pictures/s within %s", name, rate, row[3])
		}
		// Rounded to 0.05 and 0.005.
		if each := number(t, row[2]); math.Abs(rate*each/1000-1) > 0.06/rate+0.006/max(each, 0.006) {
			t.Errorf("%s: %v pictures/s, but %v ms each", name, rate, each)
		}
	}
	var result report.Bench
	fitted := rows(mustVS(t, "bench", "--model", channelMeans, "--data", pictures, "--repeat", "1", "--classifier", "lda").stdout)
	for _, name := range []string{"fit lda", "answer by lda"} {
		if row := fitted[name]; len(row) != 4 || number(t, row[1]) <= 0 {
			t.Errorf("%s: %q", name, row)
		}
	}
	o := mustVS(t, "bench", "--model", channelMeans, "--data", pictures, "--repeat", "3", "--pictures", "4", "--format", "json")
	if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
		t.Fatal(err)
	}
	if result.Pictures != 4 || result.Model != "channel_means" || len(result.Stages) != len(names) {
		t.Fatalf("%+v", result)
	}
	for i, s := range result.Stages {
		if s.Name != strings.TrimSuffix(names[i], " again") || len(s.Seconds) != 3 || slices.Min(s.Seconds) <= 0 {
			t.Errorf("%+v, want %s", s, names[i])
		}
		if onFiles := i < 3 || i == 5; onFiles && s.Pictures != 4 {
			t.Errorf("%s: %d pictures, want 4", s.Name, s.Pictures)
		}
	}
}

func TestQueryNamesTheNearestClasses(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "birch", "003.jpg")
	o := mustVS(t, "query", "--db", db, "--model", channelMeans, "--top-k", "2", "--format", "json", picture, picture)
	var answer struct{ Answers []report.Answer }
	if err := json.Unmarshal([]byte(o.stdout), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Answers) != 2 {
		t.Fatalf("%d answers", len(answer.Answers))
	}
	for _, a := range answer.Answers {
		if a.File != picture || len(a.Hits) != 2 || a.Hits[0].Label != "birch" || a.Hits[0].Score < a.Hits[1].Score {
			t.Errorf("%+v", a)
		}
	}
	table := mustVS(t, "query", "--db", db, "--model", channelMeans, picture)
	wantParts(t, table.stdout, picture, "birch", "cedar", "ash")
	csv := mustVS(t, "query", "--db", db, "--model", channelMeans, "--format", "csv", picture)
	wantParts(t, csv.stdout, "file,rank,label,score,probability,unknown\n", picture+",1,birch,")
}

func TestQueryNamesTheNearestPictures(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "birch", "003.jpg")
	o := mustVS(t, "query", "--db", db, "--model", channelMeans, "--pictures", "--format", "csv", picture)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	if len(lines) != 5 || !strings.HasPrefix(lines[1], picture+",1,birch/003.jpg,") {
		t.Errorf("%q, want the picture itself first of four", lines)
	}
	if o := vs(t, "query", "--db", db, "--model", channelMeans, "--pictures", "--top-k", "31", picture); o.code != exitUsage {
		t.Errorf("top 31 of 30 pictures: exit code %d", o.code)
	}
}

func TestQueryOfABadPictureAnswersTheOthers(t *testing.T) {
	pictures, db := encoded(t)
	bad := filepath.Join(t.TempDir(), "bad.jpg")
	writeFile(t, bad, []byte("text"))
	good := filepath.Join(pictures, "ash", "000.jpg")
	o := vs(t, "query", "--db", db, "--model", channelMeans, bad, good)
	if o.code != exitBadPictures {
		t.Errorf("exit code %d, want %d", o.code, exitBadPictures)
	}
	wantParts(t, o.stdout, good)
	wantParts(t, o.stderr, "bad picture: "+bad, "1 of 2")
	if o := vs(t, "query", "--db", db, "--model", channelMeans, "--max-bad-share", "0.5", bad, good); o.code != exitDone {
		t.Errorf("exit code %d with the share allowed: %s", o.code, o.stderr)
	}
}

func TestHelpHasAnExampleForEachCommand(t *testing.T) {
	app := mustVS(t, "--help").stdout
	for _, command := range []string{"doctor", "encode", "eval", "query", "bench"} {
		wantParts(t, app, command)
		wantParts(t, mustVS(t, command, "--help").stdout, "Example: vs "+command)
	}
}

func TestInterruptedContext(t *testing.T) {
	pictures, db := encoded(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o := vsContext(t, ctx, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	if o.code != exitInterrupted || !strings.Contains(o.stderr, "interrupted") {
		t.Errorf("exit code %d, %q", o.code, o.stderr)
	}
}
