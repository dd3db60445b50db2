package main

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowedImports are the directions in which packages of this module may import one another, see
// docs/architecture.md. "data/..." means data and all that lies in it.
var allowedImports = map[string][]string{
	"cmd/...":            {"cmd/...", "data/...", "encoder/...", "report/...", "search/...", "torch/..."},
	"search":             {"data/...", "search/calibration", "search/classifier", "search/database", "search/head", "search/moments", "torch"},
	"search/calibration": {},
	"search/classifier":  {"search/calibration", "search/moments", "torch"},
	"search/head":        {"data/...", "search/classifier", "search/database", "search/exchange", "torch"},
	"search/moments":     {},
	"search/evaluation":  {"data/...", "encoder", "report", "search", "search/calibration", "search/classifier", "search/database", "search/ingest", "torch"},
	"search/ingest":      {"data/...", "search/database"},
	"search/database":    {"data/...", "search/exchange", "search/moments"},
	"search/exchange":    {"data/..."},
	"encoder/...":        {"data/input", "data/text", "data/transform", "encoder/...", "torch/..."},
	"report/...":         {"data/...", "report/..."},
	"data/...":           {"data/..."},
	"torch/...":          {"torch/..."},
	"scripts/...":        {"data/...", "encoder", "scripts/...", "search/...", "torch"},
}

// withoutLibtorch are the packages that build and pass their tests where there is no libtorch.
var withoutLibtorch = []string{"data/...", "report/...", "search/calibration", "search/database", "search/exchange", "search/ingest", "search/moments"}

func TestImportsPointOneWay(t *testing.T) {
	packages := modulePackages(t)
	module := modulePath(t)
	for path, pkg := range packages {
		rule := ""
		for pattern := range allowedImports {
			if inPattern(path, pattern) {
				rule = pattern
			}
		}
		if rule == "" {
			t.Errorf("no rule for %s: say in allowedImports what it may import", path)
		}
		for _, imported := range pkg.Imports {
			if own, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.ContainsFunc(allowedImports[rule], func(pattern string) bool { return inPattern(own, pattern) }) {
				t.Errorf("%s imports %s, and may import only %v", path, own, allowedImports[rule])
			}
		}
	}
	for path, pkg := range packages {
		if !slices.ContainsFunc(withoutLibtorch, func(pattern string) bool { return inPattern(path, pattern) }) {
			continue
		}
		if way := wayTo(module, packages, "torch", slices.Concat(pkg.Imports, pkg.TestImports, pkg.XTestImports), map[string]bool{}); way != nil {
			t.Errorf("%s and its tests need libtorch: they import %s", path, strings.Join(way, ", which imports "))
		}
	}
}

// modulePath reads the module's path, which is not the same everywhere.
func modulePath(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimPrefix(first, "module ")
}

// modulePackages reads the imports of all packages, by their paths within the module.
func modulePackages(t *testing.T) map[string]*build.Package {
	t.Helper()
	const root = "../.."
	packages := map[string]*build.Package{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != root && (name == "testdata" || name == "build" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if _, ok := err.(*build.NoGoError); ok {
			return nil
		}
		relative, _ := filepath.Rel(root, path)
		packages[filepath.ToSlash(relative)] = pkg
		return err
	})
	if err != nil || len(packages) < 15 {
		t.Fatalf("%d packages: %v", len(packages), err)
	}
	return packages
}

func inPattern(path, pattern string) bool {
	folder, all := strings.CutSuffix(pattern, "/...")
	return path == folder || all && strings.HasPrefix(path, folder+"/")
}

// wayTo returns the imports that lead to a package, or nil.
func wayTo(module string, packages map[string]*build.Package, target string, imports []string, seen map[string]bool) []string {
	for _, imported := range imports {
		own, ok := strings.CutPrefix(imported, module+"/")
		if !ok || seen[own] {
			continue
		}
		seen[own] = true
		if own == target {
			return []string{own}
		}
		if pkg := packages[own]; pkg != nil {
			if way := wayTo(module, packages, target, pkg.Imports, seen); way != nil {
				return append([]string{own}, way...)
			}
		}
	}
	return nil
}
