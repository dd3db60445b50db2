package torch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestInspectLibtorch(t *testing.T) {
	for _, test := range []struct {
		name   string
		files  map[string]string // below the folder above lib
		want   string            // a version, or a part of the error
		oldABI bool
		cuda   bool
	}{
		{"a Python package", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "from typing import Optional\n__version__ = '2.6.0+cu124'\ndebug = False\n"}, "2.6", false, false},
		{"a Python package of the old ABI", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "__version__ = '2.6.0+cu124'\n",
			"share/cmake/Torch/TorchConfig.cmake": "  set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=0\")\n"}, "2.6", true, false},
		{"a Python package of the newer ABI", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "__version__ = '2.14.1'\n",
			"share/cmake/Torch/TorchConfig.cmake": "  set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=1\")\n"}, "2.14", false, false},
		{"a Python package with CUDA", map[string]string{"lib/libtorch_cpu.so": "", "lib/libtorch_cuda.so": "", "version.py": "__version__ = '2.7.0+cu126'\n"}, "2.7", false, true},
		{"an unpacked libtorch", map[string]string{"lib/libtorch_cpu.so": "", "build-version": "2.14.0+cpu\n"}, "2.14", false, false},
		{"Debian's", map[string]string{"lib/libtorch_cpu.so.1.13": "", "lib/libtorch_cpu.so": ""}, "1.13", false, false},
		{"no libtorch", map[string]string{"lib/libc10.so": ""}, "holds no libtorch_cpu.so", false, false},
		{"no version", map[string]string{"lib/libtorch_cpu.so": "", "version.py": "cuda = None\n"}, "the version of the libtorch in", false, false},
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
			case err == nil && (l.Version != test.want || l.Folder != filepath.Join(dir, "lib") || l.OldABI != test.oldABI || l.CUDA != test.cuda):
				t.Errorf("%+v, want version %q, old ABI %t, CUDA %t", l, test.want, test.oldABI, test.cuda)
			}
		})
	}
}

func TestVersionsAreOrderedByTheirNumbers(t *testing.T) {
	versions := []string{"2.14", "1.13", "2.6"}
	slices.SortFunc(versions, compareVersions)
	if want := []string{"1.13", "2.6", "2.14"}; !slices.Equal(versions, want) {
		t.Errorf("%q, want %q", versions, want)
	}
}

func TestALibtorchOfTheOldABIIsRefused(t *testing.T) {
	_, err := openPrebuilt(Libtorch{Folder: "/venv/torch/lib", Version: "2.6", OldABI: true})
	if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), "/venv/torch/lib cannot be used: it has the C++ ABI of before GCC 5") {
		t.Error(err)
	}
}

func TestThisBuildHasNoPrebuiltLibraries(t *testing.T) {
	if versions := Prebuilt(); len(versions) != 0 {
		t.Errorf("versions %q", versions)
	}
}
