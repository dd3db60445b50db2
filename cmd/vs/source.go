package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/search"
	"vs/torch"
)

// source is one model's embeddings to evaluate.
type source struct {
	model  search.Model
	set    *search.Set
	device torch.Device
}

// evalSources reads the databases that --db names, or embeds the pictures of --data with each --model.
func evalSources(c *cli.Context) ([]source, error) {
	var folder *data.Folder
	if dir := c.String("data"); len(c.StringSlice("model")) > 0 {
		var err error
		if folder, err = data.OpenFolder(dir); err != nil {
			return nil, err
		}
		labels, err := evalLabels(c, folder.Labels, dir)
		if err != nil {
			return nil, err
		}
		if folder, err = folder.Subset(labels); err != nil {
			return nil, err
		}
		if n := c.Int("short-run"); n > 0 {
			folder = folder.Limit(n)
		}
	}
	device, err := chooseDevice(c)
	if err != nil {
		return nil, err
	}
	var sources []source
	add := func(s source, from string, err error) error {
		if err != nil {
			return err
		}
		if n := len(s.set.Labels); n < 2 {
			return fmt.Errorf("evaluate %s: it has %d classes, and there is nothing to tell apart; give at least 2", from, n)
		}
		s.device = device
		sources = append(sources, s)
		return nil
	}
	for _, path := range c.StringSlice("db") {
		s, err := databaseSource(c, path)
		if err := add(s, path, err); err != nil {
			return nil, err
		}
	}
	for _, path := range c.StringSlice("model") {
		s, err := modelSource(c, path, device, folder)
		if err := add(s, folder.Dir, err); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// evalLabels returns the labels that --labels, --labels-file and --label-share leave of all.
func evalLabels(c *cli.Context, all []string, from string) ([]string, error) {
	wanted := c.StringSlice("labels")
	if path := c.String("labels-file"); path != "" {
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		for line := range strings.Lines(string(file)) {
			if label := strings.TrimRight(line, "\r\n"); label != "" {
				wanted = append(wanted, label)
			}
		}
		if len(wanted) == 0 {
			return nil, fmt.Errorf("read labels: %s names none; write one a line", path)
		}
	}
	chosen := all
	if len(wanted) > 0 {
		var err error
		if chosen, err = data.ChooseLabels(all, wanted, from); err != nil {
			return nil, err
		}
	}
	if !c.IsSet("label-share") {
		return chosen, nil
	}
	// A generator of its own: the splits of a run stay the same for any share.
	generator, err := torch.NewGenerator(c.Uint64("seed"))
	if err != nil {
		return nil, err
	}
	defer generator.Close()
	return data.ShareOfLabels(chosen, c.Float64("label-share"), generator)
}

func databaseSource(c *cli.Context, path string) (s source, err error) {
	db, err := search.Open(c.Context, path)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	if s.set, err = db.Load(c.Context); err != nil {
		return s, err
	}
	labels, err := evalLabels(c, s.set.Labels, path)
	if err != nil {
		return s, err
	}
	s.set = s.set.Subset(labels)
	if n := c.Int("short-run"); n > 0 {
		s.set = s.set.Limit(n)
	}
	s.model, _, err = db.Model(c.Context)
	return s, err
}

func modelSource(c *cli.Context, path string, device torch.Device, folder *data.Folder) (s source, err error) {
	e, err := loadModel(c, path, device)
	if err != nil {
		return s, err
	}
	defer e.Close()
	cache, err := cachePath(e.Hash(), folder.Dir)
	if err != nil {
		return s, err
	}
	db, err := search.OpenWritable(c.Context, cache)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	done, err := ingest(c, db, folder, e)
	if err != nil {
		return s, err
	}
	remark(c, "embeddings: %d new, %d reused, kept in %s", done.New, done.Reused, cache)
	s.model = modelOf(e)
	s.set, err = db.LoadFolder(c.Context, folder)
	return s, err
}

// cachePath is where eval keeps the embeddings of a folder under a model: a database in the user's cache folder.
func cachePath(modelHash, dir string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder to keep embeddings in: %w; set XDG_CACHE_HOME, or use vs encode and eval --db", err)
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find a folder to keep embeddings in: %w", err)
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		absolute = real
	}
	cache := filepath.Join(base, "vs")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("keep embeddings: %w; set XDG_CACHE_HOME to a folder that can be written, or use vs encode and eval --db", err)
	}
	return filepath.Join(cache, fmt.Sprintf("%.16s-%.8x.db", modelHash, sha256.Sum256([]byte(absolute)))), nil
}
