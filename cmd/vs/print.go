package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"vs/report"
)

// say writes a line for people. Names of files and models in it are made printable, so that
// nothing moves the cursor, changes colours or the direction of the text, or begins another line.
// Everything that commands print for people goes through here, except what package report writes.
func say(w io.Writer, format string, args ...any) error {
	return sayColored(w, false, "", format, args...)
}

// sayColored is say with the line between sequences, if there are to be colours.
func sayColored(w io.Writer, use bool, sequence, format string, args ...any) error {
	_, err := fmt.Fprintln(w, colored(use, sequence, report.Printable(fmt.Sprintf(format, args...))))
	return err
}

// remark writes a line to stderr unless --quiet.
func remark(c *cli.Context, format string, args ...any) {
	if !c.Bool("quiet") {
		_ = sayColored(c.App.ErrWriter, useColor(c.String("color"), c.App.ErrWriter), dim, format, args...)
	}
}
