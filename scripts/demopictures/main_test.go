package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	occupied := t.TempDir()
	if err := os.WriteFile(filepath.Join(occupied, "bricks"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		ctx  context.Context
		args []string
		code int
		says string
	}{
		{"help is no mistake", t.Context(), []string{"--help"}, 0, "usage: demopictures --out DIR"},
		{"a missing folder is wrong usage", t.Context(), nil, 2, "--out is missing"},
		{"an unknown flag is wrong usage", t.Context(), []string{"--count", "3"}, 2, "flag provided but not defined: -count; see --help"},
		{"a seed that is not a number is wrong usage", t.Context(), []string{"--seed", "x"}, 2, `invalid value "x" for flag -seed`},
		{"an argument without a flag is wrong usage", t.Context(), []string{"--out", "a", "b"}, 2, `unexpected argument "b"`},
		{"a file in place of a folder is named", t.Context(), []string{"--out", occupied}, 1, filepath.Join(occupied, "bricks")},
		{"an interruption has its own code", interrupted, []string{"--out", filepath.Join(t.TempDir(), "a")}, 130, "context canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(tt.ctx, tt.args, &stderr); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("stderr is %q, want %q in it", stderr.String(), tt.says)
			}
			if tt.code != 0 && strings.Count(stderr.String(), "\n") != 1 {
				t.Errorf("stderr is %q, want one line", stderr.String())
			}
		})
	}
}
