package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// categories are the headings under which the help lists options, in this order. Each option of any
// command is in one.
var categories = []struct {
	name    string
	options []string
}{
	{"Data", []string{
		"db", "model", "data", "nested", "label", "labels", "labels-file", "label-share", "short-run", "duplicates", "what", "replace", "prune",
		"max-bad-share", "exif-rotate", "trust-model",
	}},
	{"Evaluation", []string{
		"protocol", "runs", "folds", "seed", "valid-share", "test-share", "split", "part", "top-k", "confidence", "sweep", "open-set", "unknown", "replay", "threshold",
		"pictures", "repeat", "similarity", "near-duplicates",
	}},
	{"Method", []string{
		"classifier", "head", "power", "shrinkage", "priors", "penalty", "projections", "pool", "prototypes", "neighbours", "metric",
	}},
	{"Augmentation", []string{
		"augment", "augment-resize", "augment-flip", "augment-brightness", "augment-contrast", "augment-saturation",
	}},
	{"Device", []string{"device", "precision", "deterministic", "batch-size", "workers"}},
	{"Output", []string{
		"out", "format", "csv-safe", "limit", "plots", "manifest", "npy", "rows", "cols", "profile", "cpuprofile", "force", "color", "quiet",
		"version", "help",
	}},
}

// optionHelp is an option as the help and the manual show it.
type optionHelp struct {
	name  string // such as --db FILE
	usage string // a sentence, with the default
}

// optionsByCategory sorts the options of a command into the categories, in the order of both.
func optionsByCategory(flags []cli.Flag) [][]optionHelp {
	sorted := make([][]optionHelp, len(categories))
	for i, category := range categories {
		for _, option := range category.options {
			if flag, ok := findFlag(flags, option).(cli.DocGenerationFlag); ok {
				sorted[i] = append(sorted[i], describeOption(flag))
			}
		}
	}
	return sorted
}

var placeholder = regexp.MustCompile("`([^`]*)`")

// describeOption names the option's value by the word in backquotes in its usage. A default of 0 or
// false goes without saying.
func describeOption(flag cli.DocGenerationFlag) optionHelp {
	usage := flag.GetUsage()
	h := optionHelp{usage: placeholder.ReplaceAllString(usage, "$1")}
	for _, name := range flag.Names() {
		dashes := "--"
		if len(name) == 1 {
			dashes = "-"
		}
		h.name = strings.TrimPrefix(h.name+", "+dashes+name, ", ")
	}
	if flag.TakesValue() {
		value := "VALUE"
		if found := placeholder.FindStringSubmatch(usage); found != nil {
			value = found[1]
		}
		h.name += " " + value
	}
	if text := strings.Trim(flag.GetDefaultText(), `"`); text != "" && text != "0" && text != "false" {
		h.usage += " (default: " + text + ")"
	}
	if _, several := flag.(*cli.StringSliceFlag); several {
		h.usage += " (may be repeated)"
	}
	return h
}

// helpWidth is where the help wraps.
const helpWidth = 100

func init() { cli.HelpPrinter = printHelp }

// printHelp writes the help of the program or of a command.
func printHelp(w io.Writer, _ string, what any) {
	var b strings.Builder
	switch of := what.(type) {
	case *cli.App:
		writeHelp(&b, of.Name, of.Usage, of.UsageText, of.Description, of.Commands, append(slices.Clone(of.Flags), cli.VersionFlag, cli.HelpFlag))
	case *cli.Command:
		writeHelp(&b, of.HelpName, of.Usage, usageLine(of), of.Description, of.Subcommands, append(slices.Clone(of.Flags), cli.HelpFlag))
	}
	_, _ = io.WriteString(w, b.String()) // the writer remembers its error
}

// usageLine is the form of a command's command line.
func usageLine(command *cli.Command) string {
	return strings.TrimSpace(command.HelpName + " [OPTION...] " + command.ArgsUsage)
}

func writeHelp(b *strings.Builder, name, usage, line, description string, commands []*cli.Command, flags []cli.Flag) {
	fmt.Fprintf(b, "NAME:\n   %s - %s\n\nUSAGE:\n   %s\n", name, usage, line)
	if description != "" {
		b.WriteString("\nDESCRIPTION:\n")
		for i, paragraph := range paragraphs(description) {
			if i > 0 {
				b.WriteByte('\n')
			}
			for _, line := range paragraph {
				writeWrapped(b, "   ", line)
			}
		}
	}
	if len(commands) > 0 {
		b.WriteString("\nCOMMANDS:\n")
		var list []optionHelp
		for _, command := range commands {
			if !command.Hidden {
				list = append(list, optionHelp{command.Name, command.Usage})
			}
		}
		writeList(b, list, list)
	}
	sorted := optionsByCategory(flags)
	for i, list := range sorted {
		if len(list) > 0 {
			heading := strings.ToUpper(categories[i].name) + " OPTIONS"
			if len(flags) <= 2 {
				heading = "OPTIONS"
			}
			fmt.Fprintf(b, "\n%s:\n", heading)
			writeList(b, list, slices.Concat(sorted...))
		}
	}
}

// paragraphs splits a text at empty lines. The lines of a paragraph are one, to be wrapped, except
// examples and what is indented.
func paragraphs(text string) (all [][]string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		var lines []string
		for line := range strings.SplitSeq(paragraph, "\n") {
			fixed := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "Example:")
			if n := len(lines); n > 0 && !fixed {
				lines[n-1] += " " + line
			} else {
				lines = append(lines, line)
			}
		}
		all = append(all, lines)
	}
	return all
}

// writeList writes names and their usages in two columns, of which the first is as wide as the
// names of all need.
func writeList(b *strings.Builder, list, all []optionHelp) {
	const most = 28
	width := 0
	for _, entry := range all {
		if n := utf8.RuneCountInString(entry.name); n <= most {
			width = max(width, n)
		}
	}
	margin := strings.Repeat(" ", 3+width+2)
	for _, entry := range list {
		first := fmt.Sprintf("   %-*s  ", width, entry.name)
		if utf8.RuneCountInString(entry.name) > width {
			fmt.Fprintf(b, "   %s\n", entry.name)
			first = margin
		}
		for i, line := range wrapped(entry.usage, helpWidth-len(margin)) {
			if i > 0 {
				first = margin
			}
			b.WriteString(first + line + "\n")
		}
	}
}

// writeWrapped writes a line after a margin. What is indented, and an example, is not wrapped.
func writeWrapped(b *strings.Builder, margin, line string) {
	if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "Example:") {
		b.WriteString(margin + line + "\n")
		return
	}
	for _, part := range wrapped(line, helpWidth-len(margin)) {
		b.WriteString(margin + part + "\n")
	}
}

// wrapped breaks a text at blanks into lines of a width, one at least.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// choiceFlag is an option whose value is one of a few.
type choiceFlag struct {
	*cli.StringFlag
	choices []string
}

// oneOf makes an option whose value is one of some, the first unless it is given. They are listed
// after the usage.
func oneOf(name, usage string, choices ...string) *choiceFlag {
	last := len(choices) - 1
	usage += ": " + strings.Join(choices[:last], ", ") + " or " + choices[last]
	return &choiceFlag{&cli.StringFlag{Name: name, Value: choices[0], Usage: usage}, choices}
}

// maybeOneOf is oneOf whose value is empty unless it is given. The default says what that means.
func maybeOneOf(name, usage, byDefault string, choices ...string) *choiceFlag {
	f := oneOf(name, usage, choices...)
	f.Value, f.DefaultText = "", byDefault
	return f
}

// formatFlag names the formats of a command's results.
func formatFlag(formats ...string) *choiceFlag {
	return oneOf("format", "`FORMAT` of the result", formats...)
}

// check refuses other values.
func (f *choiceFlag) check(c *cli.Context) error {
	if value := c.String(f.Name); c.IsSet(f.Name) && !slices.Contains(f.choices, value) {
		return usagef("--%s %q: use one of %q", f.Name, value, f.choices)
	}
	return nil
}
