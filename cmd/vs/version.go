package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"vs/torch"
)

// release is the newest version in CHANGELOG.md, which the Makefile sets.
var release = "development"

func init() { cli.VersionPrinter = printVersion }

// printVersion says what the program is made of. That libtorch is missing is not an error here.
func printVersion(c *cli.Context) {
	libtorch := ""
	if info, err := torch.GetInfo(); err != nil {
		libtorch = err.Error()
	} else if !info.CUDABuilt {
		libtorch = fmt.Sprintf("libtorch %s without CUDA", info.LibTorch)
	} else {
		libtorch = fmt.Sprintf("libtorch %s with CUDA %s", info.LibTorch, info.CUDA)
	}
	for _, line := range []string{"vs " + c.App.Version, fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH), libtorch} {
		_ = say(c.App.Writer, "%s", line) // the writer remembers its error
	}
}

// version names the release, and what it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	return release + " (" + versionOf(info) + ")"
}

// versionOf returns the revision of the sources, and whether they were modified after it, or the
// version of a module that was fetched.
func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	switch {
	case revision == "" && (info.Main.Version == "" || info.Main.Version == "(devel)"):
		return "built without its revision"
	case revision == "":
		return info.Main.Version
	case settings["vcs.modified"] == "true":
		return revision[:min(12, len(revision))] + " modified"
	}
	return revision[:min(12, len(revision))]
}
