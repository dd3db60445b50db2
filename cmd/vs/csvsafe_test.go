package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCSVForSpreadsheets(t *testing.T) {
	pictures := makePictures(t, 5, "=1+1", "@b", "-2")
	db := filepath.Join(t.TempDir(), "a.db")
	mustVS(t, "encode", "--model", channelMeans, "--data", pictures, "--db", db)
	picture := filepath.Join(pictures, "=1+1", "000.jpg")
	plots := t.TempDir()
	mustVS(t, "eval", "--db", db, "--runs", "2", "--plots", plots, "--csv-safe")
	commands := map[string]func(safe ...string) string{
		"db classes": func(safe ...string) string {
			return mustVS(t, append([]string{"db", "classes", "--db", db, "--format", "csv"}, safe...)...).stdout
		},
		"query": func(safe ...string) string {
			args := append([]string{"query", "--db", db, "--model", channelMeans, "--format", "csv"}, safe...)
			return mustVS(t, append(args, picture)...).stdout
		},
		"plots": func(safe ...string) string {
			mustVS(t, append([]string{"eval", "--db", db, "--runs", "2", "--plots", plots}, safe...)...)
			return string(readFile(t, filepath.Join(plots, "channel_means.classes.csv"))) +
				string(readFile(t, filepath.Join(plots, "channel_means.class_similarity.csv"))) +
				string(readFile(t, filepath.Join(plots, "channel_means.map.csv")))
		},
	}
	for name, command := range commands {
		plain, safe := command(), command("--csv-safe")
		if !strings.Contains(plain, "=1+1") || strings.Contains(plain, "'=1+1") {
			t.Errorf("%s: without --csv-safe names are not as they are:\n%s", name, plain)
		}
		wantParts(t, safe, "'=1+1", "'@b")
		for line := range strings.Lines(safe) {
			for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
				if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") {
					t.Errorf("%s: cell %q", name, cell)
				}
			}
		}
		if strings.NewReplacer("'=1+1", "=1+1", "'@b", "@b", "'-2/", "-2/").Replace(safe) != plain { // -2 is a number
			t.Errorf("%s: more than that has changed:\n%s\n%s", name, plain, safe)
		}
	}
	if o := vs(t, "eval", "--db", db, "--csv-safe"); o.code != exitUsage || !strings.Contains(o.stderr, "--format csv") {
		t.Errorf("without CSV: exit code %d, %q", o.code, o.stderr)
	}
	if o := vs(t, "db", "export", "--db", db, "--csv-safe", filepath.Join(plots, "a.zip")); o.code != exitUsage {
		t.Errorf("an export, which is read again: exit code %d", o.code)
	}
}
