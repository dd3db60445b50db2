package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/urfave/cli/v2"

	"vs/data/atomicfile"
)

// manCommand is for packages, which have the pages ready.
func manCommand() *cli.Command {
	return &cli.Command{
		Name:      "man",
		Hidden:    true,
		Usage:     "write the manual pages, one per command",
		ArgsUsage: "DIR",
		Description: "The pages are vs.1, vs-encode.1, vs-db-add.1 and so on, made from the same texts as --help.\n\n" +
			"Example: vs man man1 && man -l man1/vs-eval.1",
		Action: writeManual,
	}
}

func writeManual(c *cli.Context) error {
	if c.NArg() != 1 {
		return usagef("man: name a folder; see vs man --help")
	}
	dir := c.Args().First()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write manual: %w", err)
	}
	for name, page := range manual(c.App) {
		err := atomicfile.Write(filepath.Join(dir, name+".1"), func(w io.Writer) error {
			_, err := w.Write(md2man.Render([]byte(page)))
			return err
		})
		if err != nil {
			return fmt.Errorf("write manual: %w", err)
		}
	}
	return nil
}

// manual returns the pages in Markdown, by their names.
func manual(app *cli.App) map[string]string {
	pages := map[string]string{}
	var add func(name []string, commands []*cli.Command) (also []string)
	add = func(name []string, commands []*cli.Command) (also []string) {
		for _, command := range commands {
			if command.Hidden {
				continue
			}
			full := append(slices.Clone(name), command.Name)
			page := strings.Join(full, "-")
			below := add(full, command.Subcommands)
			synopsis := strings.TrimSpace(strings.Join(full, " ") + " [OPTION...] " + command.ArgsUsage)
			pages[page] = manPage(app, page, command.Usage, synopsis, command.Description, command.Subcommands,
				append(slices.Clone(command.Flags), cli.HelpFlag), append([]string{strings.Join(name, "-")}, below...))
			also = append(also, page)
		}
		return also
	}
	also := add([]string{app.Name}, app.Commands)
	flags := append(slices.Clone(app.Flags), cli.VersionFlag, cli.HelpFlag)
	pages[app.Name] = manPage(app, app.Name, app.Usage, app.UsageText, app.Description, app.Commands, flags, also)
	return pages
}

// manPage writes one page.
func manPage(app *cli.App, name, usage, synopsis, description string, commands []*cli.Command, flags []cli.Flag, also []string) string {
	var b strings.Builder
	section := func(heading string) { fmt.Fprintf(&b, "\n# %s\n\n", heading) }
	fmt.Fprintf(&b, "%% %q \"1\" \"\" \"vs %s\" \"User Commands\"\n", strings.ToUpper(name), release)
	section("NAME")
	fmt.Fprintf(&b, "%s - %s\n", name, escaped(usage))
	section("SYNOPSIS")
	fmt.Fprintf(&b, "**%s**\n", escaped(synopsis))
	section("DESCRIPTION")
	for _, paragraph := range paragraphs(description) {
		for _, line := range paragraph {
			if example, ok := strings.CutPrefix(line, "Example: "); ok {
				line = "    " + example
			} else if !strings.HasPrefix(line, " ") {
				line = escaped(line)
			} else {
				line = "    " + strings.TrimSpace(line)
			}
			b.WriteString(line + "\n")
		}
		b.WriteByte('\n')
	}
	if len(commands) > 0 {
		section("COMMANDS")
		for _, command := range commands {
			if !command.Hidden {
				fmt.Fprintf(&b, "**%s**\n:   %s\n\n", command.Name, escaped(command.Usage))
			}
		}
	}
	for i, list := range optionsByCategory(flags) {
		if len(list) == 0 {
			continue
		}
		section(strings.ToUpper(categories[i].name) + " OPTIONS")
		for _, option := range list {
			option.name, option.usage = escaped(option.name), escaped(option.usage)
			fmt.Fprintf(&b, "**%s**\n:   %s\n\n", option.name, option.usage)
		}
	}
	section("SEE ALSO")
	for i, page := range also {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "**%s**(1)", page)
	}
	b.WriteByte('\n')
	return b.String()
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "`", "\\`", "|", `\|`)

// escaped is a text that Markdown takes as it is.
func escaped(text string) string { return markdownEscapes.Replace(text) }
