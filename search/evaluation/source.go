package evaluation

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"vs/data"
	"vs/data/text"
	"vs/data/transform"
	"vs/encoder"
	"vs/report"
	"vs/search/database"
	"vs/search/ingest"
	"vs/torch"
)

// Inputs are the files that an evaluation reads: databases, or models with a folder of pictures.
type Inputs struct {
	Databases []string `json:"databases,omitempty"`
	Models    []string `json:"models,omitempty"`
	Data      string   `json:"data,omitempty"`
	Nested    bool     `json:"nested,omitempty"` // pictures of Data lie in nested folders, too
}

// absolute returns the inputs with paths that hold from every folder.
func (in Inputs) absolute() Inputs {
	all := func(paths []string) (out []string) {
		for _, path := range paths {
			if path != encoder.Builtin {
				path = absolute(path)
			}
			out = append(out, path)
		}
		return out
	}
	out := Inputs{Databases: all(in.Databases), Models: all(in.Models), Nested: in.Nested}
	if in.Data != "" {
		out.Data = absolute(in.Data)
	}
	return out
}

// absolute is the path itself where the working folder is not known.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// moved returns the inputs with the places that to gives instead.
func (in Inputs) moved(to Inputs) (Inputs, error) {
	if n := len(to.Databases); n > 0 {
		if n != len(in.Databases) {
			return in, settingsErrorf("--db: the manifest has %s; name as many, in its order, or none", text.Count(len(in.Databases), "database"))
		}
		in.Databases = to.Databases
	}
	if n := len(to.Models); n > 0 {
		if n != len(in.Models) {
			return in, settingsErrorf("--model: the manifest has %s; name as many, in its order, or none", text.Count(len(in.Models), "model"))
		}
		in.Models = to.Models
	}
	if to.Data != "" {
		if in.Data == "" {
			return in, settingsErrorf("--data: the manifest has no folder of pictures; leave it out")
		}
		in.Data = to.Data
	}
	return in, nil
}

// Source is one model's embeddings to evaluate.
type Source struct {
	File         string // of the database or model
	Cache        string // database of the embeddings of a model
	Name         string // for people: the model's, with more where two sources have the same
	Model        database.Model
	Augmentation transform.Augmentation
	Embeddings   *database.Embeddings
	Device       torch.Device
	Duplicates   report.Duplicates // among the pictures evaluated or trained on
}

// Environment is what an evaluation needs from its caller.
type Environment struct {
	Device torch.Device
	// Load loads a model; nil where only databases are evaluated, as is Embed.
	Load func(path string, how Compute) (*encoder.Encoder, error)
	// Embed brings the pictures of a folder into a database.
	Embed func(ctx context.Context, db *database.DB, folder *data.Folder, e *encoder.Encoder, a transform.Augmentation, how Compute) (*ingest.Summary, error)
	// Folder hears of the folder of pictures before they are embedded.
	Folder func(*data.Folder)
	// Remark hears lines for people.
	Remark func(format string, args ...any)
}

// readSources reads the databases, or embeds the pictures with each model.
func (env Environment) readSources(ctx context.Context, in Inputs, st *Settings) ([]Source, error) {
	var sources []Source
	add := func(s Source, file, from string, err error) error {
		if err != nil {
			return err
		}
		if n := len(s.Embeddings.Labels); n < 2 {
			return fmt.Errorf("evaluate %s: it has %s, and there is nothing to tell apart; give at least 2", from, text.Count(n, "class", "classes"))
		}
		s.Device, s.File = env.Device, file
		sources = append(sources, s)
		return nil
	}
	for _, path := range in.Databases {
		s, err := databaseSource(ctx, path, st)
		if err := add(s, path, path, err); err != nil {
			return nil, err
		}
	}
	if len(in.Models) == 0 {
		return sources, nil
	}
	folder, err := openFolder(in, st)
	if err != nil {
		return nil, err
	}
	env.Folder(folder)
	for _, path := range in.Models {
		s, err := env.modelSource(ctx, path, folder, st)
		if err := add(s, path, folder.Dir, err); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// openFolder lists the pictures to embed.
func openFolder(in Inputs, st *Settings) (*data.Folder, error) {
	folder, err := data.OpenFolder(in.Data, data.Nested(in.Nested))
	if err != nil {
		return nil, err
	}
	labels, err := st.ChooseLabels(folder.Labels, in.Data)
	if err != nil {
		return nil, err
	}
	if folder, err = folder.Subset(labels); err != nil {
		return nil, err
	}
	if st.ShortRun > 0 {
		folder = folder.Limit(st.ShortRun)
	}
	return folder, nil
}

func databaseSource(ctx context.Context, path string, st *Settings) (s Source, err error) {
	db, err := database.OpenReadOnly(ctx, path)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	if s.Embeddings, err = db.Load(ctx); err != nil {
		return s, err
	}
	labels, err := st.ChooseLabels(s.Embeddings.Labels, path)
	if err != nil {
		return s, err
	}
	s.Embeddings = s.Embeddings.Subset(labels)
	if st.ShortRun > 0 {
		s.Embeddings = s.Embeddings.Limit(st.ShortRun)
	}
	return s, s.describe(ctx, db)
}

// describe takes over what a database says of its embeddings.
func (s *Source) describe(ctx context.Context, db *database.DB) error {
	info, err := db.Info(ctx)
	s.Model, s.Augmentation = info.Model, info.Augmentation
	return err
}

func (env Environment) modelSource(ctx context.Context, path string, folder *data.Folder, st *Settings) (s Source, err error) {
	e, err := env.Load(path, st.Compute)
	if err != nil {
		return s, err
	}
	defer e.Close()
	augmentation, err := transform.ParseAugmentation(st.Augment)
	if err != nil {
		return s, err
	}
	if s.Cache, err = cachePath(e, folder.Dir, augmentation); err != nil {
		return s, err
	}
	db, err := database.Create(ctx, s.Cache)
	if err != nil {
		return s, err
	}
	defer func() { err = cmp.Or(err, db.Close()) }()
	done, err := env.Embed(ctx, db, folder, e, augmentation, st.Compute)
	if err != nil {
		return s, err
	}
	env.Remark("embeddings: %d new, %d reused, kept in %s", done.New, done.Reused, s.Cache)
	if s.Embeddings, err = db.LoadFolder(ctx, folder); err != nil {
		return s, err
	}
	return s, s.describe(ctx, db)
}

// cachePath returns where the embeddings of a folder under a model and an augmentation are kept: a
// database in the user's cache folder.
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
		// Another text than in files of older versions, which keep no instances.
		name += fmt.Sprintf("-%.8x", sha256.Sum256([]byte(form+" kept")))
	}
	return filepath.Join(cache, name+".db"), nil
}
