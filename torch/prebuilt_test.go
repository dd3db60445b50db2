package torch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInspectLibtorch(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string // below the folder above lib
		want  string            // a version, or a part of the error
	}{
		{"a Python package", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "from typing import Optional\n__version__ = '2.6.0+cu124'\ndebug = False\n"}, "2.6"},
		{"an unpacked libtorch", map[string]string{"lib/libtorch_cpu.so": "", "build-version": "2.14.0+cpu\n"}, "2.14"},
		{"Debian's", map[string]string{"lib/libtorch_cpu.so.1.13": "", "lib/libtorch_cpu.so": ""}, "1.13"},
		{"no libtorch", map[string]string{"lib/libc10.so": ""}, "holds no libtorch_cpu.so"},
		{"no version", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "cuda = None\n"}, "the version of the libtorch in"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range test.files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			link := filepath.Join(t.TempDir(), "libtorch")
			if err := os.Symlink(filepath.Join(dir, "lib"), link); err != nil {
				t.Fatal(err)
			}
			l, err := InspectLibtorch(link)
			switch {
			case err != nil && !strings.Contains(err.Error(), test.want):
				t.Errorf("error %v, want %q", err, test.want)
			case err == nil && (l.Version != test.want || l.Folder != filepath.Join(dir, "lib")):
				t.Errorf("%+v, want version %q", l, test.want)
			}
		})
	}
}

func TestThisBuildHasNoPrebuiltLibraries(t *testing.T) {
	if versions := Prebuilt(); len(versions) != 0 {
		t.Errorf("versions %q", versions)
	}
}
