package main

import (
	"io"
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"vs/report"
)

// Sequences of a terminal.
const red, dim, plain = "\x1b[31m", "\x1b[2m", "\x1b[m"

func colorFlag() cli.Flag {
	return oneOf("color", "use colours `WHEN`, on stdout and stderr each", "auto", "always", "never")
}

// useColor reports whether what is written there has colours: auto asks the usual variables, then
// whether it is a terminal.
func useColor(when string, w io.Writer) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	if force := os.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// colored is a line between sequences, if there are to be colours.
func colored(use bool, sequence, line string) string {
	if !use {
		return line
	}
	return sequence + line + plain
}

// tableFormat is that of tables for people.
func tableFormat(c *cli.Context) report.Layout {
	if out, ok := c.App.Writer.(*results); ok && useColor(c.String("color"), out.w) {
		return report.Styled
	}
	return report.Terminal
}
