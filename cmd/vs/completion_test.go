package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	_, db := encoded(t)
	app := newApp(io.Discard, io.Discard)
	for _, test := range []struct {
		line string // words, of which the last is to be completed
		kind string
		want []string // nil: only the kind matters
	}{
		{"e", someWords, []string{"encode", "eval"}},
		{"db re", someWords, []string{"remove", "rename"}},
		{"db add --label x --la", someWords, nil},
		{"eval --prot", someWords, []string{"--protocol", "--prototypes"}},
		{"eval --part ", someWords, []string{"valid", "test", "train"}},
		{"eval --part=t", someWords, []string{"--part=test", "--part=train"}},
		{"eval --db x.db --db y.db --d", someWords, []string{"--db", "--data", "--duplicates", "--device", "--deterministic"}},
		{"query --db x.db --d", someWords, []string{"--device", "--deterministic"}},
		{"query --device c", someWords, []string{"cpu", "cuda"}},
		{"query --db ", someFiles, nil},
		{"query --db=", someFiles, nil},
		{"encode --data ", someFolders, nil},
		{"query --db x.db ", someFiles, nil},
		{"query -- --", someFiles, nil},
		{"completion ", someWords, []string{"bash", "zsh", "fish"}},
		{"db remove --db " + db + " ", someWords, []string{"ash", "birch", "cedar"}},
		{"db remove c --db " + db + " ash b", someWords, []string{"birch"}},
		{"db rename --db " + db + " ash b", someWords, nil},
		{"eval --db " + db + " --labels a", someWords, []string{"ash"}},
		{"db remove --db nowhere.db ", someWords, nil},
		{"nonsense ", someWords, nil},
		{"--v", someWords, []string{"--version"}},
	} {
		kind, found := complete(app, strings.Split(test.line, " "))
		var got []string
		for _, f := range found {
			got = append(got, f.word)
		}
		slices.Sort(got)
		slices.Sort(test.want)
		if kind != test.kind || test.want != nil && !slices.Equal(got, test.want) {
			t.Errorf("%q: %s %q, want %s %q", test.line, kind, got, test.kind, test.want)
		}
	}
	if _, found := complete(app, []string{""}); len(found) < 10 || slices.ContainsFunc(found, func(c candidate) bool { return c.word == "man" }) {
		t.Errorf("the commands are %v", found)
	}
}

// Each shell completes with its own script.
func TestShellsComplete(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "vs")
	script := "#!/bin/sh\nVS_TEST_AS_PROGRAM=1 exec '" + os.Args[0] + "' \"$@\"\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("HOME", dir)
	t.Chdir(dir)
	for _, name := range []string{"pictures 1.db", "pictures 2.db"} {
		writeFile(t, name, nil)
	}
	// Each prints what it offers for the line that it is given, one on a line.
	ask := map[string]string{
		"bash": `source <(vs completion bash); eval "words=($1)"; [[ $1 != *' ' ]] || words+=(''); COMP_WORDS=("${words[@]}"); COMP_CWORD=$((${#words[@]} - 1))
			compopt() { :; }; _vs vs; printf '%s\n' "${COMPREPLY[@]}"`,
		"zsh": `autoload -Uz compinit; compinit -u -d "$HOME/dump"; source <(vs completion zsh)
			compadd() { local -a list; local i; for i; do case $i in -*) ;; *) list+=("$i");; esac; done; print -l -- "${(@)list}"; }
			_describe() { shift; while [[ $1 == -* || $1 == vs ]]; do shift; done; print -l -- "${(@P)1%%:*}"; }
			_files() { print -l -- *.db; }
			words=("${(z)1}"); [[ $1 != *' ' ]] || words+=(''); CURRENT=${#words}; compset() { :; }; _vs`,
		"fish": `vs completion fish | source; complete -C "$argv[1]" | string split -f1 \t; true`,
	}
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not installed", shell)
			}
			for line, want := range map[string][]string{
				"vs e":                {"encode", "eval"},
				"vs eval --protocol ": {"bootstrap", "holdout", "kfold", "leave-one-out"},
				"vs db --":            {"--color", "--help"},
				"vs query --db pic":   {"pictures 1.db", "pictures 2.db"},
			} {
				args := []string{"-c", ask[shell], shell, line}
				if shell == "fish" {
					args = []string{"--no-config", "-c", ask[shell], line}
				}
				cmd := exec.Command(shell, args...)
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%q: %v: %s", line, err, &stderr)
				}
				got := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(out), `\ `, " ")), "\n")
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%q: %q, want %q (%s)", line, got, want, &stderr)
				}
			}
		})
	}
	for _, args := range [][]string{{"completion"}, {"completion", "csh"}, {"completion", "bash", "zsh"}} {
		if o := vs(t, args...); o.code != exitUsage {
			t.Errorf("%q: exit code %d", args, o.code)
		}
	}
}

func TestBashMakesWordsOfValues(t *testing.T) {
	var out bytes.Buffer
	if err := writeCompletions(&out, newApp(io.Discard, io.Discard), "bash", []string{"eval", "--part", "=", "t"}); err != nil || out.String() != "words\ntest\ntrain\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	if err := writeCompletions(&out, newApp(io.Discard, io.Discard), "bash", []string{"eval", "--part", "=", "test", "--qu"}); err != nil || out.String() != "words\n--quiet\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestTheManualHasAPagePerCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	mustVS(t, "man", dir)
	for _, page := range []string{"vs", "vs-eval", "vs-db-add", "vs-completion"} {
		text := string(readFile(t, filepath.Join(dir, page+".1")))
		wantParts(t, text, ".TH", "SYNOPSIS", "SEE ALSO")
	}
	if _, err := os.Stat(filepath.Join(dir, "vs-man.1")); err == nil {
		t.Error("the hidden command has a page")
	}
	if _, err := exec.LookPath("mandoc"); err != nil {
		t.Skip("mandoc is not installed")
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mandoc", append([]string{"-T", "lint", "-W", "error"}, pages...)...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
