package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/transform"
	"vs/encoder"
	"vs/report"
	"vs/search/database"
	"vs/torch"
)

// source is one model's embeddings to evaluate.
type source struct {
	file         string // of the database or model
	cache        string // database of the embeddings of a model
	name         string // for people: the model's, with more where two sources have the same
	model        database.Model
	augmentation transform.Augmentation
	set          *database.Embeddings
	device       torch.Device
	duplicates   report.Duplicates // among the pictures evaluated or trained on
}

// evalSources reads the databases, or embeds the pictures with each model.
func evalSources(c *cli.Context, in inputs, st settings) ([]source, error) {
	var folder *data.Folder
	if dir := in.Data; len(in.Models) > 0 {
		var err error
		if folder, err = data.OpenFolder(dir, data.Nested(in.Nested)); err != nil {
			return nil, err
		}
		labels, err := st.labels(folder.Labels, dir)
		if err != nil {
			return nil, err
		}
		if folder, err = folder.Subset(labels); err != nil {
			return nil, err
		}
		if st.ShortRun > 0 {
			folder = folder.Limit(st.ShortRun)
		}
		remarkOnFolder(c, folder)
	}
	device, err := chooseDevice(c)
	if err != nil {
		return nil, err
	}
	var sources []source
	add := func(s source, file, from string, err error) error {
		if err != nil {
			return err
		}
		if n := len(s.set.Labels); n < 2 {
			return fmt.Errorf("evaluate %s: it has %d classes, and there is nothing to tell apart; give at least 2", from, n)
		}
		s.device, s.file = device, file
		sources = append(sources, s)
		return nil
	}
	for _, path := range in.Databases {
		s, err := databaseSource(c, path, st)
		if err := add(s, path, path, err); err != nil {
			return nil, err
		}
	}
	for _, path := range in.Models {
		s, err := modelSource(c, path, device, folder, st)
		if err := add(s, path, folder.Dir, err); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// labels returns those of all labels that are to be evaluated.
func (st settings) labels(all []string, from string) ([]string, error) {
	chosen := all
	if len(st.Labels) > 0 {
		var err error
		if chosen, err = data.ChooseLabels(all, st.Labels, from); err != nil && st.Split != "" {
			return nil, fmt.Errorf("%s: %w", st.Split, err)
		} else if err != nil {
			return nil, err
		}
	}
	if st.LabelShare == 0 {
		return chosen, nil
	}
	// A generator of its own: the splits of a run stay the same for any share.
	generator, err := torch.NewGenerator(st.Seed)
	if err != nil {
		return nil, err
	}
	defer generator.Close()
	return data.ShareOfLabels(chosen, st.LabelShare, generator)
}

func databaseSource(c *cli.Context, path string, st settings) (s source, err error) {
	db, err := database.OpenReadOnly(c.Context, path)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	if s.set, err = db.Load(c.Context); err != nil {
		return s, err
	}
	labels, err := st.labels(s.set.Labels, path)
	if err != nil {
		return s, err
	}
	s.set = s.set.Subset(labels)
	if st.ShortRun > 0 {
		s.set = s.set.Limit(st.ShortRun)
	}
	info, err := db.Info(c.Context)
	s.model, s.augmentation = info.Model, info.Augmentation
	return s, err
}

func modelSource(c *cli.Context, path string, device torch.Device, folder *data.Folder, st settings) (s source, err error) {
	e, err := loadModel(c, path, device)
	if err != nil {
		return s, err
	}
	defer e.Close()
	if s.augmentation, err = transform.ParseAugmentation(st.Augment); err != nil {
		return s, err
	}
	if s.cache, err = cachePath(e, folder.Dir, s.augmentation); err != nil {
		return s, err
	}
	db, err := database.Create(c.Context, s.cache)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	done, err := embedFolder(c, db, folder, e, &s.augmentation)
	if err != nil {
		return s, err
	}
	remark(c, "embeddings: %d new, %d reused, kept in %s", done.New, done.Reused, s.cache)
	s.model = modelOf(e)
	s.set, err = db.LoadFolder(c.Context, folder)
	return s, err
}

// cachePath is where eval keeps the embeddings of a folder under a model and an augmentation: a database in the user's cache folder.
func cachePath(e *encoder.Encoder, dir string, a transform.Augmentation) (string, error) {
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
	name := fmt.Sprintf("%.16s-%.8x", e.Hash(), sha256.Sum256([]byte(absolute)))
	if precision := e.Precision(); precision != encoder.FP32 {
		name += "-" + string(precision)
	}
	if e.Transform().ExifRotate {
		name += "-exif"
	}
	if form := a.String(); form != "" {
		name += fmt.Sprintf("-%.8x", sha256.Sum256([]byte(form)))
	}
	return filepath.Join(cache, name+".db"), nil
}
