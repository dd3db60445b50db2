// Package text has rules for names that come from outside: from file systems, model files,
// databases, tables and command lines.
package text

import (
	"errors"
	"unicode"
	"unicode/utf8"
)

// Check refuses names that a table, a text file, a database or a terminal would not give back as
// they are. The error completes a sentence that begins with "the name".
func Check(name string) error {
	if !utf8.ValidString(name) {
		return errors.New("is not valid UTF-8")
	}
	for _, r := range name {
		// The two separators are line ends that are not control characters.
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return errors.New("holds a line end or control character")
		}
	}
	return nil
}
