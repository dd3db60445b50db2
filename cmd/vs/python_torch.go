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
// libraries for several versions.
func pythonTorchLine(ctx context.Context) (line, advice string) {
	versions := torch.Prebuilt()
	l, err := pythonTorch(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("%v; this package has libraries for libtorch %s", err, strings.Join(versions, ", ")), ""
	case l.OldABI:
		return fmt.Sprintf("%s in %s cannot be used: %s", l.Version, l.Folder, torch.OldABIReason), ""
	case !slices.Contains(versions, l.Version):
		return fmt.Sprintf("%s in %s; this package has libraries for libtorch %s only", l.Version, l.Folder, strings.Join(versions, ", ")), ""
	case os.Getenv(torch.LibtorchVariable) == l.Folder:
		return fmt.Sprintf("%s in %s, in use", l.Version, l.Folder), ""
	}
	return fmt.Sprintf("%s in %s", l.Version, l.Folder),
		fmt.Sprintf("To compute with Python's torch, and on its GPU:\nexport %s=%s", torch.LibtorchVariable, l.Folder)
}
