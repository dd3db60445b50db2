package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
)

// makeOutputFolder makes the folder that a flag names. In the folder of the pictures it would become a class.
func makeOutputFolder(c *cli.Context, flag string) error {
	dir := c.String(flag)
	if pictures := c.String("data"); pictures != "" {
		inside, err := filepath.Rel(resolved(pictures), resolved(dir))
		if err == nil && inside != ".." && !strings.HasPrefix(inside, "../") {
			return usagef("--%s %s: it lies in the folder of the pictures, where it would become a class; name another", flag, dir)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make folder for --%s: %w", flag, err)
	}
	return nil
}

// checkReplaceable refuses to write where there is something else than such a file, found before the work is done.
func checkReplaceable(path, what string, read func(path string) error) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("write %s: %w; make the folder first", path, err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", path, err)
	case !info.Mode().IsRegular() || read(path) != nil:
		return fmt.Errorf("write %s: it exists and is no %s; name another file", path, what)
	}
	return nil
}

// resolved is an absolute path whose part that exists has no links.
func resolved(path string) string {
	path = absolute(path)
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		return filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path))
	}
	if err != nil {
		return path
	}
	return real
}

// absolute is the path itself where the working folder is not known.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
