package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/input"
	"vs/report"
)

func maxBadShareFlag() cli.Flag {
	return &cli.Float64Flag{Name: "max-bad-share", Usage: "end with code 3 if more than this `SHARE` of the pictures, 0 to 1, is unreadable"}
}

// listBad names a bad picture on stderr, quoted where its name cannot be shown as it is.
func listBad(c *cli.Context, file string, err error) {
	if report.Printable(file) != file {
		file = strconv.Quote(file)
	}
	_ = say(c.App.ErrWriter, "bad picture: %s: %v", file, input.Reason(err))
}

// checkBad ends the command with code 3 when more of n pictures are bad than --max-bad-share
// allows.
func checkBad(c *cli.Context, bad, n int, what string) error {
	return data.CheckBad(bad, n, c.Float64("max-bad-share"), what)
}
