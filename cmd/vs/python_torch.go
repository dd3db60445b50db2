package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vs/torch"
)

// pythonTorch returns the libtorch inside the torch package of the Python that a shell would run:
// that of a virtual environment, of conda, or python3. It is asked where the package is, not
// loaded.
func pythonTorch(ctx context.Context) (torch.Libtorch, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var tried []string
	for _, python := range pythons() {
		cmd := exec.CommandContext(ctx, python, "-c", `import importlib.util as u; s = u.find_spec("torch"); print(s and s.origin or "")`)
		cmd.Dir = "/" // a folder called torch in the working folder would be taken for the package
		out, err := cmd.Output()
		origin := strings.TrimSpace(string(out))
		if err != nil || origin == "" {
			tried = append(tried, python)
			continue
		}
		return torch.InspectLibtorch(filepath.Join(filepath.Dir(origin), "lib"))
	}
	if len(tried) == 0 {
		return torch.Libtorch{}, fmt.Errorf("no python3 in PATH")
	}
	return torch.Libtorch{}, fmt.Errorf("%s has no torch", strings.Join(tried, " and "))
}

func pythons() (paths []string) {
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(variable); prefix != "" {
			paths = append(paths, filepath.Join(prefix, "bin", "python3"))
		}
	}
	if path, err := exec.LookPath("python3"); err == nil && !slices.Contains(paths, path) {
		paths = append(paths, path)
	}
	return paths
}

// pythonTorchLine says which libtorch Python has, and how to use it, where this package of vs has
// libraries for several versions. The files are those of the libtorch that is loaded, if any. With
// cuda the advice leads to a libtorch with CUDA.
func pythonTorchLine(ctx context.Context, versions []string, files []torch.LibraryFile) (line, advice string, cuda bool) {
	l, err := pythonTorch(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("%v; this package has libraries for libtorch %s", err, strings.Join(versions, ", ")), "", false
	case l.OldABI:
		return fmt.Sprintf("%s in %s cannot be used: %s", l.Version, l.Folder, torch.OldABIReason), "", false
	case !slices.Contains(versions, l.Version):
		return fmt.Sprintf("%s in %s; this package has libraries for libtorch %s only", l.Version, l.Folder, strings.Join(versions, ", ")), "", false
	case len(files) > 0 && sameFile(libtorchCPU(files), filepath.Join(l.Folder, "libtorch_cpu.so")): // also by links, as in Debian's package
		return fmt.Sprintf("%s in %s, in use", l.Version, l.Folder), "", false
	}
	line = fmt.Sprintf("%s in %s", l.Version, l.Folder)
	if os.Getenv(torch.LibtorchVariable) == l.Folder {
		return line, "", false // and it cannot be loaded, which another line says
	}
	advice = "To compute with Python's torch:"
	if l.CUDA {
		advice = "To compute with Python's torch, and on its GPU:"
	}
	return line, fmt.Sprintf("%s\nexport %s=%s", advice, torch.LibtorchVariable, shellWord(l.Folder)), l.CUDA
}

// shellWord writes a text so that a shell takes it for one word.
func shellWord(s string) string {
	special := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+,:@", r))
	}
	if strings.IndexFunc(s, special) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
