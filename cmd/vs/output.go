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
