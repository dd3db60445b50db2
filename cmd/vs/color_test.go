package main

import (
	"io"
	"strings"
	"testing"
)

func TestColors(t *testing.T) {
	_, db := encoded(t)
	plainTable := mustVS(t, "eval", "--db", db, "--runs", "2").stdout
	if strings.Contains(plainTable, "\x1b") {
		t.Error("there are colours where stdout is no terminal")
	}
	o := mustVS(t, "eval", "--db", db, "--runs", "2", "--color", "always")
	if !strings.Contains(o.stdout, "\x1b[1mModel") {
		t.Errorf("no heading is bold:\n%q", o.stdout[:min(300, len(o.stdout))])
	}
	if got := strings.NewReplacer("\x1b[1m", "", "\x1b[m", "").Replace(o.stdout); got != plainTable {
		t.Errorf("without the sequences the table is\n%s\nnot\n%s", got, plainTable)
	}
	if o := mustVS(t, "eval", "--db", db, "--runs", "2", "--color", "always", "--format", "json"); strings.Contains(o.stdout, "\x1b") {
		t.Error("JSON has colours")
	}
	if o := vs(t, "eval", "--color=always", "--db", "nowhere.db"); !strings.HasPrefix(o.stderr, "\x1b[") || !strings.Contains(o.stderr, "\x1b[31mvs: ") {
		t.Errorf("the error is not red: %q", o.stderr)
	}
	if o := vs(t, "eval", "--color", "often", "--db", db); o.code != exitUsage {
		t.Errorf("--color often: exit code %d", o.code)
	}
}

func TestAutoColorAsksTheEnvironment(t *testing.T) {
	for _, test := range []struct {
		variable, value string
		want            bool
	}{
		{"NO_COLOR", "", false}, {"CLICOLOR_FORCE", "1", true}, {"CLICOLOR_FORCE", "0", false},
	} {
		t.Run(test.variable+"="+test.value, func(t *testing.T) {
			t.Setenv("NO_COLOR", "")
			t.Setenv("TERM", "xterm")
			t.Setenv(test.variable, test.value)
			if got := useColor("auto", io.Discard); got != test.want {
				t.Errorf("it is %v", got)
			}
			t.Setenv("NO_COLOR", "1")
			if useColor("auto", io.Discard) || !useColor("always", io.Discard) {
				t.Error("NO_COLOR does not hold, or holds for always")
			}
		})
	}
}
