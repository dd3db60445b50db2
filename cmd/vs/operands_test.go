package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// What stands behind -- is not an option in any command, whatever it looks like.
func TestTwoDashesEndTheOptions(t *testing.T) {
	pictures, db := encoded(t)
	model, err := filepath.Abs(channelMeans)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // operands with a dash in front are paths in the working folder
	if err := os.Symlink(filepath.Join(pictures, "birch", "003.jpg"), "--top-k"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		want string // in stdout
	}{
		{[]string{"db", "rename", "--db", db, "--", "birch", "--db"}, `renamed: "birch" is now "--db"`},
		{[]string{"db", "rename", "--db", db, "--", "--db", "--"}, `renamed: "--db" is now "--"`},
		{[]string{"db", "rename", "--db", db, "--", "--", "-x"}, `renamed: "--" is now "-x"`},
		{[]string{"db", "rename", "--db", db, "-x", "--", "--db"}, ""}, // -x comes first, and is not an option
		{[]string{"db", "rename", "--db", db, "--", "-x", "birch"}, `renamed: "-x" is now "birch"`},
		{[]string{"db", "rename", "--db", db, "birch", "--", "--db"}, `renamed: "birch" is now "--db"`},
		{[]string{"db", "merge", "--db", db, "--out", "birch", "--", "--db", "ash"}, `merged: 2 classes into "birch"`},
		{[]string{"db", "export", "--db", db, "--format", "npy", "--", "--what"}, "pictures"},
		{[]string{"db", "import", "--db", db, "--format", "npy", "--", "--what"}, "unchanged"},
		{[]string{"query", "--db", db, "--model", model, "--", "--top-k"}, "--top-k"},
		{[]string{"query", "--db", db, "--model", model, "--top-k", "1", filepath.Join(pictures, "ash", "000.jpg"), "--", "--top-k"}, "--top-k"},
		{[]string{"inspect", "--", "--format"}, ""},
		{[]string{"db", "remove", "--db", db, "--", "cedar"}, "removed: 1 class"},
	}
	for _, tt := range tests {
		o := vs(t, tt.args...)
		if tt.want == "" {
			if o.code == exitDone {
				t.Errorf("%q: exit code 0", tt.args)
			}
			continue
		}
		if o.code != exitDone || !strings.Contains(o.stdout, tt.want) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q, want %q", tt.args, o.code, o.stdout, o.stderr, tt.want)
		}
	}
	if _, err := os.Stat("--what"); err != nil {
		t.Error(err)
	}
	for _, command := range []string{"doctor", "encode", "split", "eval", "gallery", "report", "bench"} {
		if o := vs(t, command, "--", "--quiet"); o.code != exitUsage || !strings.Contains(o.stderr, `unexpected argument "--quiet"`) {
			t.Errorf("%s -- --quiet: exit code %d, stderr %q", command, o.code, o.stderr)
		}
	}
}

func TestOptionsMayStandAnywhere(t *testing.T) {
	pictures, db := encoded(t)
	picture := filepath.Join(pictures, "ash", "000.jpg")
	want := mustVS(t, "query", "--db", db, "--model", channelMeans, "--top-k", "1", picture).stdout
	for _, args := range [][]string{
		{"query", picture, "--db", db, "--model", channelMeans, "--top-k", "1"},
		{"query", "--db=" + db, picture, "-model", channelMeans, "--top-k=1"},
		{"query", "--quiet", picture, "--db", db, "--deterministic=false", "--model", channelMeans, "--top-k", "1", "--"},
	} {
		if o := vs(t, args...); o.code != exitDone || o.stdout != want {
			t.Errorf("%q: exit code %d, %s%s", args, o.code, o.stdout, o.stderr)
		}
	}
	mustVS(t, "db", "merge", "ash", "--db", db, "birch", "--out", "tree")
	mustVS(t, "db", "rename", "tree", "--db", db, "--", "--wood")
	mustVS(t, "db", "remove", "--db", db, "--", "--wood")
}

func TestWrongWordsSuggestTheNearest(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"evl"}, `unknown command "evl": did you mean "eval"?; vs --help lists them`},
		{[]string{"db", "vacum"}, `unknown command "db vacum": did you mean "vacuum"?; vs db --help lists them`},
		{[]string{"--verson"}, `unknown option --verson: did you mean "version"?; see vs --help`},
		{[]string{"eval", "--shrinkge", "0.3"}, `eval: unknown option --shrinkge: did you mean "shrinkage"?; see vs eval --help`},
		{[]string{"eval", "--something=3"}, "eval: unknown option --something; see vs eval --help"},
		{[]string{"db", "add", "--label"}, "db add: option --label needs a value; see vs db add --help"},
		{[]string{"eval", "--db", "a.db", "--part", "all"}, `--part "all": use one of ["valid" "test" "train"]`},
	} {
		o := vs(t, test.args...)
		if o.code != exitUsage || o.stderr != "vs: "+test.want+"\n" {
			t.Errorf("%q: exit code %d, %s", test.args, o.code, o.stderr)
		}
	}
}

// A new option needs a category, and one that was taken away leaves it.
func TestEveryOptionHasACategory(t *testing.T) {
	left := map[string]bool{}
	for _, category := range categories {
		for _, option := range category.options {
			left[option] = option != "help" && option != "version"
		}
	}
	var walk func(commands []*cli.Command)
	walk = func(commands []*cli.Command) {
		for _, command := range commands {
			for _, flag := range command.Flags {
				name := flag.Names()[0]
				if _, ok := left[name]; !ok {
					t.Errorf("%s --%s has no category", command.HelpName, name)
				}
				left[name] = false
			}
			walk(command.Subcommands)
		}
	}
	walk(newApp(io.Discard, io.Discard).Commands)
	for name, unused := range left {
		if unused {
			t.Errorf("no command has --%s", name)
		}
	}
}
