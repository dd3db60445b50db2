package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/encoder"
	"vs/search/database"
)

// modelPathVariable names folders to look for models in, separated by colons.
const modelPathVariable = "VS_MODEL_PATH"

// hintOf is what a database remembers of where its model is.
func hintOf(e *encoder.Encoder) string {
	if e.Path() == encoder.Builtin {
		return encoder.Builtin
	}
	return absolute(e.Path())
}

// modelFor returns the model that --model names, or else finds that of the database: where the
// database remembers it, then in the folders of VS_MODEL_PATH. Its hash decides.
func modelFor(c *cli.Context, db *database.DB) (string, error) {
	if c.IsSet("model") {
		return c.String("model"), nil
	}
	info, err := db.Info(c.Context)
	if err != nil {
		return "", err
	}
	if info.ModelFile == encoder.Builtin {
		return encoder.Builtin, nil
	}
	places := modelPlaces(info.ModelFile)
	for _, path := range places {
		if hash, err := hashFile(path); err == nil && hash == info.Model.Hash {
			remark(c, "model of %s: %s", db.Path(), path)
			return path, nil
		}
	}
	tried := "the database does not know where it was"
	if info.ModelFile != "" {
		tried = info.ModelFile + " " + whyNot(info.ModelFile)
	}
	if n := len(places); os.Getenv(modelPathVariable) != "" && n > 0 {
		tried += fmt.Sprintf(", nor is it among the model files in %s (%s)", modelPathVariable, os.Getenv(modelPathVariable))
	}
	return "", usagef("find the model of %s, %s (SHA-256 %.12s…): %s; name it with --model FILE, or its folder in %s",
		db.Path(), info.Model.Name, info.Model.Hash, tried, modelPathVariable)
}

// modelPlaces are the files to look at: the hint, files of its name, then all models in the
// folders.
func modelPlaces(hint string) []string {
	var places, more []string
	if hint != "" {
		places = append(places, hint)
	}
	for dir := range strings.SplitSeq(os.Getenv(modelPathVariable), ":") {
		if dir == "" {
			continue
		}
		found, _ := filepath.Glob(filepath.Join(dir, "*.pt")) // the pattern is sound
		for _, path := range found {
			if hint != "" && filepath.Base(path) == filepath.Base(hint) {
				places = append(places, path)
			} else {
				more = append(more, path)
			}
		}
	}
	return slices.Concat(places, more)
}

// hashFile returns the SHA-256 of a regular file in hexadecimal.
func hashFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// whyNot says why a file is not the model.
func whyNot(path string) string {
	switch _, err := hashFile(path); {
	case errors.Is(err, os.ErrNotExist):
		return "is gone"
	case err != nil:
		return "cannot be read"
	}
	return "is another file now"
}
