package search

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"vs/data/atomicfile"
	"vs/search/database"
	"vs/search/head"
	"vs/torch"
)

// cache keeps what was last fitted to a database by one method, in a file that is named after both.
type cache struct {
	path string // of the file, "" to keep nothing
	what string // the method, and what computes it
}

// cacheVersion changes when another version of this program fits something else to the same
// pictures.
const cacheVersion = 3

func newCache(folder string, db *database.DB, m Method, device torch.Device) (*cache, error) {
	text, err := json.Marshal(m)
	if err != nil || folder == "" {
		return &cache{}, err
	}
	path := db.Path()
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	kind := "calibration"
	if m.fitted() {
		kind = "head"
	}
	what := fmt.Sprintf("%s %d %d", text, device.Type, cacheVersion)
	name := sha256.Sum256(fmt.Appendf(nil, "%q %s", path, what))
	return &cache{filepath.Join(folder, hex.EncodeToString(name[:12])+"."+kind), what}, nil
}

// key is what is kept for a state of the database.
func (c *cache) key(digest string) string {
	sum := sha256.Sum256([]byte(digest + " " + c.what))
	return hex.EncodeToString(sum[:])
}

// findHead returns the head of a state, nil if it is not there or cannot be read.
func (c *cache) findHead(state *database.State) *head.Head {
	if c.path == "" {
		return nil
	}
	h, err := head.Open(c.path)
	if err != nil || h.Key != c.key(state.Digest) || !slices.Equal(h.Labels, state.Labels()) || h.CheckModel(state.Model) != nil {
		return nil
	}
	return h
}

// keepHead writes a head if it can. Its loss is a matter of time only.
func (c *cache) keepHead(digest string, h *head.Head) {
	h.Key = c.key(digest)
	c.write(func(w io.Writer) error { return head.Write(w, h) })
}

// keptCalibration is the file of a calibration.
type keptCalibration struct {
	Key string `json:"key"`
	calibrated
}

// findCalibration returns the calibration of a state, nil if it is not there or cannot be read.
func (c *cache) findCalibration(digest string) *calibrated {
	if c.path == "" {
		return nil
	}
	text, err := os.ReadFile(c.path)
	if err != nil {
		return nil
	}
	var kept keptCalibration
	if json.Unmarshal(text, &kept) != nil || kept.Key != c.key(digest) || !kept.sound() {
		return nil
	}
	return &kept.calibrated
}

func (c *cache) keepCalibration(digest string, found *calibrated) {
	c.write(func(w io.Writer) error { return json.NewEncoder(w).Encode(keptCalibration{c.key(digest), *found}) })
}

func (c *cache) write(f func(w io.Writer) error) {
	if c.path != "" && os.MkdirAll(filepath.Dir(c.path), 0o755) == nil {
		_ = atomicfile.Write(c.path, f)
	}
}
