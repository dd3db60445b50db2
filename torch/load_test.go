package torch

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The library is loaded once a process, so each way of missing it needs a process of its own: this
// test binary, told to do nothing but load.
func TestMain(m *testing.M) {
	if os.Getenv("VS_TEST_COUNT_ONLY") != "" {
		n := LiveHandles()
		maps, err := os.ReadFile("/proc/self/maps")
		if n != 0 || err != nil || strings.Contains(string(maps), LibraryName) {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if os.Getenv("VS_TEST_LOAD_ONLY") != "" {
		if err := Load(); err != nil {
			os.Stdout.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestCountingHandlesLoadsNothing(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "VS_TEST_COUNT_ONLY=1")
	if err := cmd.Run(); err != nil {
		t.Errorf("%v: there are handles, or libtorch is loaded", err)
	}
}

func TestTheLibraryIsLookedForBesideTheProgram(t *testing.T) {
	tests := []struct {
		exe  string
		want []string
	}{
		{"/usr/local/bin/vs", []string{"/usr/local/bin", "/usr/local/lib", "/usr/local/build"}},
		{"/home/me/vs/bin/vs", []string{"/home/me/vs/bin", "/home/me/vs/lib", "/home/me/vs/build"}},
		{"/tmp/vs/vs", []string{"/tmp/vs"}}, // anyone can make /tmp/build
		{"/bin/vs", []string{"/bin", "/lib", "/build"}},
	}
	for _, tt := range tests {
		if got := beside(tt.exe); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.exe, got, tt.want)
		}
	}
}

func TestAMissingLibraryIsExplained(t *testing.T) {
	text := filepath.Join(t.TempDir(), LibraryName)
	if err := os.WriteFile(text, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	good, err := LibraryPath()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		want       []string // nothing: it loads
	}{
		{"the file that the variable names is not there", "/nonexistent/lib.so", []string{"not found in /nonexistent/lib.so", "make build", LibraryPathVariable}},
		{"the folder that the variable names lacks the library", "/usr", []string{"not found in /usr/" + LibraryName}},
		{"the file is no library", text, []string{"open " + text, "make build"}},
		{"another library", "libc.so.6", []string{"not found in libc.so.6"}},
		{"the file itself", good, nil},
		{"its folder", filepath.Dir(good), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "VS_TEST_LOAD_ONLY=1", LibraryPathVariable+"="+tt.path)
			out, err := cmd.CombinedOutput()
			if failed := err != nil; failed != (tt.want != nil) {
				t.Fatalf("error %v, output %q", err, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("message %q lacks %q", out, want)
				}
			}
		})
	}
}
