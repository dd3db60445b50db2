package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/renameio/v2"
)

// Group writes files that belong together. They are written beside the places that they are for and
// take them in [Group.Commit], so that a full disk or an error leaves all old files as they were.
// Where there is more than one file, Commit removes the old ones before the first new one takes its
// place: whenever the program is killed, no new file stands beside an old one.
type Group struct {
	ctx     context.Context
	pending []*renameio.PendingFile
	paths   []string // [N] where the pending files go
	stale   []string
}

// NewGroup returns a group of no files. Writing them ends with the context.
func NewGroup(ctx context.Context) *Group { return &Group{ctx: ctx} }

// Create begins a file that will take the place of path. Errors of the group name the path.
func (g *Group) Create(path string) (io.Writer, error) {
	f, err := create(path)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	g.pending, g.paths = append(g.pending, f), append(g.paths, path)
	return &writer{g.ctx, f}, nil
}

func create(path string) (*renameio.PendingFile, error) {
	// A rename would put a file in the place of a device.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file; name another")
	}
	// Beside the target and not in $TMPDIR, which may be small, and whose files nobody would
	// connect with the target.
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if of := (*fs.PathError)(nil); errors.As(err, &of) {
		err = of.Err // the path is that of the temporary file
	}
	return f, err
}

// Add writes a file that will take the place of path.
func (g *Group) Add(path string, write func(io.Writer) error) error {
	w, err := g.Create(path)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// Remove has Commit remove a file that would be taken for one of the group.
func (g *Group) Remove(path string) { g.stale = append(g.stale, path) }

// Paths are those of the files that Commit replaces or removes.
func (g *Group) Paths() []string { return slices.Concat(g.paths, g.stale) }

// Commit puts all files in their places. An error after which some of them are missing says so.
func (g *Group) Commit() error {
	if err := g.ctx.Err(); err != nil {
		return fmt.Errorf("write %s: %w", g.first(), err)
	}
	for i, f := range g.pending {
		// Blocks may be allocated only now, and the disk be full.
		if err := f.Sync(); err != nil {
			return fmt.Errorf("write %s: %w", g.paths[i], err)
		}
	}
	if len(g.pending) > 1 || len(g.stale) > 0 {
		if err := g.removeOld(); err != nil {
			return err
		}
	}
	for i, f := range g.pending {
		if err := f.CloseAtomicallyReplace(); err != nil {
			if len(g.paths) > 1 {
				return fmt.Errorf("write %s: %w; it is missing now beside %s; write them again", g.paths[i], err, g.first())
			}
			return fmt.Errorf("write %s: %w", g.paths[i], err)
		}
	}
	g.syncFolders()
	return nil
}

// removeOld removes the files whose places are taken.
func (g *Group) removeOld() error {
	for _, path := range g.Paths() {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("replace %s and the files that belong to it: %w; write them again", g.first(), err)
		}
	}
	// The renames must not reach the disk before the removals.
	g.syncFolders()
	return nil
}

// syncFolders makes what happened in the folders last. Some file systems cannot, and need not be
// told.
func (g *Group) syncFolders() {
	synced := map[string]bool{}
	for _, path := range g.Paths() {
		dir := filepath.Dir(path)
		if synced[dir] {
			continue
		}
		synced[dir] = true
		if f, err := os.Open(dir); err == nil {
			_ = f.Sync()
			f.Close()
		}
	}
}

// first is the path that names the group in errors.
func (g *Group) first() string {
	if paths := g.Paths(); len(paths) > 0 {
		return paths[0]
	}
	return "no file"
}

// Discard removes what was written and has not taken its place.
func (g *Group) Discard() {
	for _, f := range g.pending {
		_ = f.Cleanup() // does nothing once the file has been renamed
	}
}

// writer writes until the context ends.
type writer struct {
	ctx context.Context
	w   io.Writer
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}
