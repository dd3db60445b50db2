// Package atomicfile writes files that appear whole or not at all, one or several that belong
// together.
package atomicfile

import (
	"context"
	"io"
)

// Write has a temporary file written beside path and renames it. Its errors name the path.
func Write(path string, write func(io.Writer) error) error {
	g := NewGroup(context.Background())
	defer g.Discard()
	if err := g.Add(path, write); err != nil {
		return err
	}
	return g.Commit()
}
