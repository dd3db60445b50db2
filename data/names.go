package data

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vs/data/text"
)

// endings are those of the formats that the transform decodes.
var endings = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp",
	".heic", ".heif", ".hif", ".avif",
	".jp2", ".j2k", ".j2c", ".jpc", ".jpx", ".jpf"}

// IsPicture reports whether a file of a class folder is a picture, by the ending of its name.
func IsPicture(name string) bool {
	return slices.Contains(endings, strings.ToLower(filepath.Ext(name)))
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".")
}

// CheckLabel refuses names that a class cannot have.
func CheckLabel(label string) error {
	if label == "" {
		return errors.New("a label is empty: give one")
	}
	if err := text.Check(label); err != nil {
		return fmt.Errorf("label %q: the name %w: choose another", label, err)
	}
	// A backslash is rather a path of Windows than part of a name, whether in a list or as what an
	// archive made there left behind.
	if strings.ContainsAny(label, `/\`) || hidden(label) {
		return fmt.Errorf("label %q: no class folder can have this name; choose one without / and \\ and without a leading dot", label)
	}
	return nil
}

// CheckPicture refuses names that a picture of a class cannot have: a file name, or the path of a
// file in a folder below the class folder, with forward slashes. The error completes a sentence
// that begins with "the name".
func CheckPicture(name string) error {
	if name == "" {
		return errors.New("is empty")
	}
	for part := range strings.SplitSeq(name, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return errors.New("leads out of the class folder, or to a folder")
		case hidden(part):
			return errors.New("is that of a hidden file")
		}
	}
	return text.Check(name)
}
