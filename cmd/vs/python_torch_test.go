package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vs/torch"
)

// fakePython makes a python3 that says where its torch is.
func fakePython(t *testing.T, prefix, origin string) {
	t.Helper()
	path := filepath.Join(prefix, "bin", "python3")
	writeFile(t, path, []byte("#!/bin/sh\necho '"+origin+"'\n"))
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestPythonTorchLine(t *testing.T) {
	dir := t.TempDir()
	site := filepath.Join(dir, "a venv", "torch")
	lib := filepath.Join(site, "lib")
	library := filepath.Join(lib, "libtorch_cpu.so")
	link := filepath.Join(dir, "libtorch_cpu.so.2.6")
	writeFile(t, library, nil)
	writeFile(t, filepath.Join(site, "version.py"), []byte("__version__ = '2.6.0'\n"))
	if err := os.Symlink(library, link); err != nil {
		t.Fatal(err)
	}
	fakePython(t, filepath.Join(dir, "a venv"), filepath.Join(site, "__init__.py"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "a venv"))
	export := "To compute with Python's torch:\nexport VS_LIBTORCH='" + lib + "'"
	gpu := "To compute with Python's torch, and on its GPU:\nexport VS_LIBTORCH='" + lib + "'"
	for _, test := range []struct {
		name     string
		versions []string
		variable string
		cuda     bool
		loaded   string
		line     string
		advice   string
	}{
		{"another libtorch is loaded", []string{"1.13", "2.6"}, "", false, "/usr/lib/libtorch_cpu.so.1.13", "2.6 in " + lib, export},
		{"none is loaded", []string{"1.13", "2.6"}, "", false, "", "2.6 in " + lib, export},
		{"with CUDA", []string{"1.13", "2.6"}, "", true, "", "2.6 in " + lib, gpu},
		{"it is loaded", []string{"2.6"}, lib, false, library, "2.6 in " + lib + ", in use", ""},
		{"it is loaded by a link", []string{"2.6"}, "", false, link, "2.6 in " + lib + ", in use", ""},
		{"it cannot be loaded", []string{"2.6"}, lib, false, "", "2.6 in " + lib, ""},
		{"another version", []string{"1.13", "2.14"}, "", false, "", "2.6 in " + lib + "; this package has libraries for libtorch 1.13, 2.14 only", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(torch.LibtorchVariable, test.variable)
			if test.cuda {
				cuda := filepath.Join(lib, "libtorch_cuda.so")
				writeFile(t, cuda, nil)
				defer os.Remove(cuda)
			}
			var files []torch.LibraryFile
			if test.loaded != "" {
				files = []torch.LibraryFile{{Path: test.loaded}}
			}
			line, advice, cuda := pythonTorchLine(t.Context(), test.versions, files)
			if line != test.line || advice != test.advice || cuda != test.cuda {
				t.Errorf("%q, %q, CUDA %t; want %q, %q, %t", line, advice, cuda, test.line, test.advice, test.cuda)
			}
		})
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{
		"/home/me/venv/lib/python3.12": "/home/me/venv/lib/python3.12",
		"/home/me/my venv":             "'/home/me/my venv'",
		"it's $HOME":                   `'it'\''s $HOME'`,
	} {
		if got := shellWord(text); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestPythonTorchIsFound(t *testing.T) {
	dir := t.TempDir()
	site := filepath.Join(dir, "site", "torch")
	writeFile(t, filepath.Join(site, "lib", "libtorch_cpu.so"), nil)
	writeFile(t, filepath.Join(site, "version.py"), []byte("__version__ = '2.6.0+cu124'\n"))
	fakePython(t, filepath.Join(dir, "plain"), "")
	fakePython(t, filepath.Join(dir, "venv"), filepath.Join(site, "__init__.py"))
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
