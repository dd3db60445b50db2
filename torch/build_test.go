package torch

import (
	"debug/elf"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// buildIDOf reads the ID from the file on disk: the last 20 bytes of a section that has nothing
// else behind a header.
func buildIDOf(t *testing.T, path string) string {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	section := file.Section(".note.gnu.build-id")
	if section == nil {
		return must[string](t)(hashFile(path))
	}
	note := must[[]byte](t)(section.Data())
	return hex.EncodeToString(note[len("....")*3+len("GNU\x00"):])
}

func TestTheFilesOfLibtorchAreIdentified(t *testing.T) {
	files := must[[]LibraryFile](t)(LibraryFiles())
	var names []string
	for _, f := range files {
		names = append(names, f.name())
		if want := buildIDOf(t, f.Path); f.ID != want {
			t.Errorf("%s has the ID %s, want %s", f.Path, f.ID, want)
		}
	}
	for _, want := range []string{"libc10", "libtorch_cpu"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among %q", want, names)
		}
	}
	if build := must[string](t)(Build()); build != buildOf(files) || len(build) != 16 {
		t.Errorf("build %q", build)
	}
}

func TestAnExchangedLibraryIsAnotherBuild(t *testing.T) {
	files := []LibraryFile{{"/usr/lib/libc10.so.1.13", "aa"}, {"/usr/lib/libtorch_cpu.so.1.13", "bb"}}
	build := buildOf(files)
	moved := []LibraryFile{{"/opt/libc10.so", "aa"}, {"/opt/libtorch_cpu.so", "bb"}}
	if buildOf(moved) != build {
		t.Error("the folder makes a difference")
	}
	for i := range files {
		exchanged := slices.Clone(files)
		exchanged[i].ID = "cc"
		if buildOf(exchanged) == build {
			t.Errorf("another %s makes no difference", files[i].name())
		}
	}
}

func TestAFileWithoutABuildIDIsHashed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libtorch_cpu.so")
	if err := os.WriteFile(path, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // of FIPS 180-4
	if got := must[string](t)(hashFile(path)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if _, err := hashFile(path + "x"); err == nil {
		t.Error("a file that is not there has a hash")
	}
}

// Debian's package of libtorch knows its version, which is not always that of the headers.
func TestTheVersionIsThatOfTheLoadedLibrary(t *testing.T) {
	version := must[Info](t)(GetInfo()).LibTorch
	if !regexp.MustCompile(`^\d+\.\d+\.\d+`).MatchString(version) {
		t.Fatalf("version %q", version)
	}
	files := must[[]LibraryFile](t)(LibraryFiles())
	path := files[slices.IndexFunc(files, func(f LibraryFile) bool { return f.name() == "libtorch_cpu" })].Path
	owner, err := exec.Command("dpkg-query", "--search", must[string](t)(filepath.EvalSymlinks(path))).Output()
	if err != nil {
		t.Skipf("no package of Debian has %s", path)
	}
	name, _, _ := strings.Cut(string(owner), ": ")
	full := string(must[[]byte](t)(exec.Command("dpkg-query", "--show", "--showformat=${Version}", name).Output()))
	want, _, _ := strings.Cut(full, "+")
	if version != want {
		t.Errorf("version %q, but %s is %s", version, name, full)
	}
}
