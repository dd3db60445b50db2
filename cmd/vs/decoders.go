package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data/transform"
	"vs/search/database"
)

// remarkOnDecoders says where this machine has other versions of the libraries that pictures of a
// database were decoded by.
func remarkOnDecoders(c *cli.Context, stored []database.Decoder) {
	if len(stored) == 0 {
		return // and no library is opened
	}
	for _, l := range transform.Libraries() {
		var others []string
		for _, d := range stored {
			if d.Library == l.Name && d.Version != l.Version && !slices.Contains(others, d.Version) {
				others = append(others, d.Version)
			}
		}
		if l.Version != "" && len(others) > 0 {
			remark(c, "%s of the database was decoded by %s %s, this machine has %s: the same file may differ in its last bits; encode into a new database to have all of one version",
				l.Format, l.Name, strings.Join(others, " and "), l.Version)
		}
	}
}

// decoderLines are what doctor says of the libraries that decode pictures.
func decoderLines() [][2]string {
	var lines [][2]string
	for _, l := range transform.Libraries() {
		text := fmt.Sprintf("%s, decodes %s", l.Version, l.Format)
		if l.Version == "" {
			text = fmt.Sprintf("not usable, so %s is not decoded; Debian has it in %s", l.Format, l.Package)
		}
		lines = append(lines, [2]string{l.Name, text})
	}
	return lines
}
