package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/data"
	"vs/report"
	"vs/search/evaluation"
)

// copyPictures copies pictures within a folder, from the first of each pair to the second.
func copyPictures(t *testing.T, dir string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		content, err := os.ReadFile(filepath.Join(dir, pairs[i]))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, pairs[i+1]), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// withCopies is a folder and a database of 30 pictures and 4 copies: two in their class, one in
// another, one of both.
func withCopies(t *testing.T) (pictures, db string) {
	t.Helper()
	pictures = makePictures(t, 10, "ash", "birch", "cedar")
	copyPictures(t, pictures, "ash/000.jpg", "ash/100.jpg", "ash/001.jpg", "ash/101.jpg", "ash/002.jpg", "birch/102.jpg",
		"ash/001.jpg", "cedar/101.jpg")
	db = filepath.Join(t.TempDir(), "trees.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	return pictures, db
}

const equalContent = "Equal content: 4 pictures equal another of their class, 5 one of another class"

func evaluatedBy(t *testing.T, args ...string) *report.Evaluation {
	t.Helper()
	evaluations, err := report.ReadJSON(strings.NewReader(mustVS(t, append(args, "--format", "json")...).stdout))
	if err != nil {
		t.Fatal(err)
	}
	return evaluations[0]
}

func TestEvalSaysWhichPicturesAreEqual(t *testing.T) {
	_, db := withCopies(t)
	o := mustVS(t, "eval", "--db", db)
	wantParts(t, strings.ReplaceAll(o.stdout, "\n", " "), equalContent+". Of 6 evaluated per run, ", "accuracy looks better than it is")
	wantParts(t, o.stderr, equalContent+"; vs db duplicates lists them; in the mean of the runs ", "--duplicates group prevents")
	_, clean := encoded(t)
	if o := mustVS(t, "eval", "--db", clean); strings.Contains(o.stdout+o.stderr, "qual content") {
		t.Errorf("of pictures that all differ it says\n%s%s", o.stdout, o.stderr)
	}
}

func TestDuplicatesAreKeptTogetherInEveryProtocol(t *testing.T) {
	_, db := withCopies(t)
	for _, protocol := range report.Protocols {
		t.Run(string(protocol), func(t *testing.T) {
			args := []string{"eval", "--quiet", "--db", db, "--protocol", string(protocol), "--top-k", "1"}
			if protocol == report.Bootstrap {
				args = append(args, "--runs", "40")
			}
			kept := evaluatedBy(t, args...)
			if kept.Duplicates.Crossing == 0 || kept.Duplicates.Policy != "keep" {
				t.Errorf("kept: %+v", kept.Duplicates)
			}
			grouped := evaluatedBy(t, append(args, "--duplicates", "group")...)
			if grouped.Duplicates.Crossing != 0 || grouped.Duplicates.Policy != "group" || len(grouped.Duplicates.Copies) != 4 {
				t.Errorf("grouped: %+v", grouped.Duplicates)
			}
			dropped := evaluatedBy(t, append(args, "--duplicates", "drop")...)
			// ash/100, and all of the contents that stand in several classes.
			if d := dropped.Duplicates; d.LeftOut != 1 || d.Contradictory != 5 || len(d.Copies) != 0 || dropped.NumPictures != 28 {
				t.Errorf("dropped: %+v of %d", d, dropped.NumPictures)
			}
			// Without equal pictures nothing changes.
			_, clean := encoded(t)
			args[3] = clean
			want := mustVS(t, append(args, "--format", "json")...).stdout
			for _, policy := range data.DuplicatesPolicies {
				got := mustVS(t, append(args, "--format", "json", "--duplicates", string(policy))...).stdout
				if strings.Replace(got, `"policy":"`+string(policy)+`"`, `"policy":"keep"`, 1) != want {
					t.Errorf("%s changes the evaluation of pictures that all differ", policy)
				}
			}
		})
	}
}

func TestDropSaysWhatItLeavesOut(t *testing.T) {
	pictures, db := withCopies(t)
	want := []string{
		"left out: pictures whose content an earlier one of the class has: 1: ash/100.jpg (as ash/000.jpg)\n",
		"left out: pictures whose content stands in several classes, so that the labels contradict each other: 5: " +
			"ash/001.jpg, ash/002.jpg, ash/101.jpg, birch/102.jpg, cedar/101.jpg\n",
	}
	o := mustVS(t, "eval", "--db", db, "--duplicates", "drop")
	wantParts(t, o.stderr, want...)
	wantParts(t, strings.ReplaceAll(o.stdout, "\n", " "), "28 pictures", "Left out: 1 picture whose content an earlier one of the class has, 5 whose")
	o = mustVS(t, "split", "--data", pictures, "--out", filepath.Join(t.TempDir(), "s.json"), "--duplicates", "drop")
	wantParts(t, o.stderr, want...)
	wantParts(t, o.stdout, "pictures:    28")

	same := makePictures(t, 1, "ash", "birch")
	copyPictures(t, same, "ash/000.jpg", "birch/000.jpg", "ash/000.jpg", "birch/001.jpg")
	o = vs(t, "split", "--data", same, "--out", filepath.Join(t.TempDir(), "s.json"), "--duplicates", "drop")
	if o.code != exitFailed {
		t.Errorf("exit code %d", o.code)
	}
	wantParts(t, o.stderr, `--duplicates drop: class "ash" has no pictures left`)
}

func TestASplitFileKeepsDuplicatesTogether(t *testing.T) {
	pictures, db := withCopies(t)
	file := filepath.Join(t.TempDir(), "split.json")
	crossed := false
	for seed := range 5 {
		args := []string{"split", "--data", pictures, "--out", file, "--seed", string(rune('0' + seed))}
		o := mustVS(t, args...)
		wantParts(t, o.stderr, equalContent)
		crossed = crossed || strings.Contains(o.stderr, "outside the training part have a content that is trained on")
		o = mustVS(t, append(args, "--duplicates", "group")...)
		if strings.Contains(o.stderr, "trained on") {
			t.Errorf("grouped: %s", o.stderr)
		}
		kept, err := data.ReadSplit(file)
		if err != nil || kept.Duplicates != data.GroupDuplicates {
			t.Fatalf("%+v, %v", kept, err)
		}
		e := evaluatedBy(t, "eval", "--quiet", "--db", db, "--split", file)
		if e.Duplicates.Policy != "group" || e.Duplicates.Crossing != 0 {
			t.Errorf("evaluated: %+v", e.Duplicates)
		}
		first := evaluatedBy(t, "eval", "--quiet", "--db", db, "--duplicates", "group", "--runs", "1", "--seed", string(rune('0'+seed)))
		if first.Accuracy.Mean != e.Accuracy.Mean || strings.Join(first.Runs[0].Files, " ") != strings.Join(e.Runs[0].Files, " ") {
			t.Errorf("seed %d: the file has not the first run's pictures", seed)
		}
	}
	if !crossed {
		t.Error("no split of five has equal pictures on both sides")
	}
	if o := vs(t, "eval", "--db", db, "--split", file, "--duplicates", "drop"); o.code != exitUsage {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
}

func TestAManifestKeepsWhatBecomesOfDuplicates(t *testing.T) {
	_, db := withCopies(t)
	for _, policy := range []string{"group", "drop"} {
		for _, more := range [][]string{nil, {"--protocol", "leave-one-out"}, {"--sweep", "--runs", "3"}} {
			file := filepath.Join(t.TempDir(), "run.json")
			args := append([]string{"eval", "--quiet", "--db", db, "--duplicates", policy, "--manifest", file}, more...)
			want := mustVS(t, args...).stdout
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var m evaluation.Manifest
			if err := json.Unmarshal(text, &m); err != nil || string(m.Settings.Duplicates) != policy {
				t.Errorf("%s: %+v, %v", policy, m.Settings, err)
			}
			o := mustVS(t, "eval", "--replay", file)
			if o.stdout != want {
				t.Errorf("%s %v: the replay gives\n%s\nnot\n%s", policy, more, o.stdout, want)
			}
			wantParts(t, o.stderr, "the results are the same")
		}
	}
	o := vs(t, "eval", "--db", db, "--duplicates", "merge")
	if o.code != exitUsage {
		t.Errorf("exit code %d", o.code)
	}
	wantParts(t, o.stderr, `--duplicates "merge": choose keep, group, drop`)
}

func TestSweepsOfLeaveOneOutHaveAsManyNeighboursAsThereAre(t *testing.T) {
	dir := makePictures(t, 3, "ash", "birch")
	copyPictures(t, dir, "ash/000.jpg", "ash/100.jpg", "ash/000.jpg", "ash/101.jpg", "ash/000.jpg", "ash/102.jpg",
		"ash/000.jpg", "birch/100.jpg", "ash/000.jpg", "birch/101.jpg", "birch/000.jpg", "birch/103.jpg")
	db := filepath.Join(t.TempDir(), "trees.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", dir, "--db", db)
	o := mustVS(t, "eval", "--quiet", "--db", db, "--protocol", "leave-one-out", "--duplicates", "group", "--sweep")
	wantParts(t, o.stdout, "5 neighbours")
}

func TestDBDuplicatesListsEqualPicturesAndThoseAlike(t *testing.T) {
	_, db := withCopies(t)
	o := mustVS(t, "db", "duplicates", "--db", db, "--similarity", "1", "--format", "csv")
	want := "first,second,similarity,equal,across\n" +
		"ash/001.jpg,cedar/101.jpg,1,true,true\nash/002.jpg,birch/102.jpg,1,true,true\n" +
		"ash/000.jpg,ash/100.jpg,1,true,false\nash/001.jpg,ash/101.jpg,1,true,false\n"
	if o.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", o.stdout, want)
	}
	o = mustVS(t, "db", "duplicates", "--db", db, "--similarity", "0.9", "--limit", "3", "--format", "json")
	var file struct {
		Schema, Total int
		Pairs         []report.Pair
	}
	if err := json.Unmarshal([]byte(o.stdout), &file); err != nil || file.Schema != 2 || len(file.Pairs) != 3 || file.Total < 10 {
		t.Errorf("%v: %s", err, o.stdout)
	}
	wantParts(t, o.stderr, "pairs beyond --limit")
	wantParts(t, mustVS(t, "db", "duplicates", "--db", db, "--similarity", "1").stdout, "equal", "4 pairs, 2 across classes.")
	wantParts(t, mustVS(t, "db", "duplicates", "--db", db, "--similarity", "1", "--format", "markdown").stdout, "| ash/000.jpg | ash/100.jpg")
	wantParts(t, mustVS(t, "db", "verify", "--db", db).stdout, "verified: 3 classes, 34 pictures\n", equalContent+"; vs db duplicates lists them\n")
	for _, flags := range [][]string{{"--similarity", "0"}, {"--similarity", "1.5"}, {"--limit", "0"}, {"--format", "xml"}} {
		if o := vs(t, append([]string{"db", "duplicates", "--db", db}, flags...)...); o.code != exitUsage {
			t.Errorf("%v: exit code %d", flags, o.code)
		}
	}
}

func TestReportShowsPicturesThatAreAlike(t *testing.T) {
	pictures, db := withCopies(t)
	out := filepath.Join(t.TempDir(), "report")
	page := func(flags ...string) string {
		t.Helper()
		mustVS(t, append([]string{"report", "--quiet", "--db", db, "--data", pictures, "--out", out, "--runs", "3"}, flags...)...)
		text, err := os.ReadFile(filepath.Join(out, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	wantParts(t, page("--near-duplicates", "1"), `<section id="alike"`, `"threshold":1,"across":2,"total":4,`, "Equal content: 4 pictures equal")
	if text := page("--near-duplicates", "0"); strings.Contains(text, `id="alike"`) {
		t.Error("with 0 there is a section")
	}
	if o := vs(t, "report", "--db", db, "--data", pictures, "--out", out, "--near-duplicates", "2"); o.code != exitUsage {
		t.Errorf("exit code %d", o.code)
	}
}
