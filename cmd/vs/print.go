package main

import (
	"fmt"
	"io"

	"vs/report"
)

// say writes a line for people. Whatever is in it, names of files and models for instance, is made printable: nothing moves
// the cursor, changes colours or the direction of the text, or begins another line. All that commands print for people, besides
// what package report writes, goes through here.
func say(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintln(w, report.Printable(fmt.Sprintf(format, args...)))
	return err
}
