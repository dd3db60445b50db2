package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPythonTorchIsFound(t *testing.T) {
	dir := t.TempDir()
	python := func(prefix, origin string) {
		path := filepath.Join(dir, prefix, "bin", "python3")
		writeFile(t, path, []byte("#!/bin/sh\necho '"+origin+"'\n"))
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	site := filepath.Join(dir, "site", "torch")
	writeFile(t, filepath.Join(site, "lib", "libtorch_cpu.so"), nil)
	writeFile(t, filepath.Join(site, "version.py"), []byte("__version__ = '2.6.0+cu124'\n"))
	python("plain", "")
	python("venv", filepath.Join(site, "__init__.py"))
	t.Setenv("PATH", filepath.Join(dir, "plain", "bin"))
	t.Setenv("CONDA_PREFIX", "")
	t.Setenv("VIRTUAL_ENV", "")
	if _, err := pythonTorch(t.Context()); err == nil || !strings.Contains(err.Error(), "python3 has no torch") {
		t.Errorf("without torch: %v", err)
	}
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "venv"))
	l, err := pythonTorch(t.Context())
	if err != nil || l.Version != "2.6" || l.Folder != filepath.Join(site, "lib") {
		t.Errorf("%+v, %v", l, err)
	}
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("PATH", dir)
	if _, err := pythonTorch(t.Context()); err == nil || !strings.Contains(err.Error(), "no python3 in PATH") {
		t.Errorf("without Python: %v", err)
	}
}
