package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data/text"
)

// commandLine is a command line without the program's name, by what its words are.
type commandLine struct {
	path     []string     // names of the command, such as db and add
	command  *cli.Command // nil: none was named
	options  []string     // with their values, as they were written
	color    string       // value of --color
	operands []string
}

// parseLine sorts the words of a command line. Options may stand before and after operands; --
// ends them.
func parseLine(app *cli.App, words []string) (line commandLine, err error) {
	commands := app.Commands
	for len(words) > 0 && len(commands) > 0 && !strings.HasPrefix(words[0], "-") {
		command := find(commands, words[0])
		if command == nil {
			wrong := strings.Join(append(line.path, words[0]), " ")
			return line, usagef("unknown command %q%s; %s --help lists them", wrong, text.Suggestion(words[0], names(commands)),
				strings.Join(append([]string{"vs"}, line.path...), " "))
		}
		line.path, line.command = append(line.path, words[0]), command
		commands, words = command.Subcommands, words[1:]
	}
	flags := app.Flags
	if line.command != nil {
		flags = line.command.Flags
	}
	flags = append(slices.Clone(flags), cli.HelpFlag)
	if line.command == nil {
		flags = append(flags, cli.VersionFlag)
	}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case word == "--":
			line.operands = append(line.operands, words...)
			return line, nil
		case !strings.HasPrefix(word, "-") || word == "-":
			line.operands = append(line.operands, word)
			continue
		}
		line.options = append(line.options, word)
		name, value, hasValue := strings.Cut(optionName(word), "=")
		flag := findFlag(flags, name)
		if !hasValue && len(words) > 0 {
			value = words[0]
		}
		if name == "color" {
			line.color = value
		}
		switch {
		case flag == nil:
			return line, usagef("%sunknown option %s%s; see %s --help", prefix(line.path), strings.SplitN(word, "=", 2)[0],
				text.Suggestion(name, flagNames(flags)), strings.Join(append([]string{"vs"}, line.path...), " "))
		case hasValue || !takesValue(flag):
		case len(words) == 0:
			return line, usagef("%soption --%s needs a value; see %s --help", prefix(line.path), name, strings.Join(append([]string{"vs"}, line.path...), " "))
		default:
			line.options, words = append(line.options, value), words[1:]
		}
	}
	return line, nil
}

// prefix names the command in an error.
func prefix(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return strings.Join(path, " ") + ": "
}

// arranged are the words in the order that package flag reads, which takes the first operand for
// the end of the options.
func (l commandLine) arranged() []string {
	words := slices.Concat(l.path, l.options)
	if len(l.operands) > 0 {
		words = append(append(words, "--"), l.operands...)
	}
	return words
}

// optionName is an option without its dashes, of which package flag takes one or two.
func optionName(word string) string { return strings.TrimPrefix(word[1:], "-") }

func find(commands []*cli.Command, name string) *cli.Command {
	for _, command := range commands {
		if command.HasName(name) {
			return command
		}
	}
	return nil
}

func names(commands []*cli.Command) (all []string) {
	for _, command := range commands {
		if !command.Hidden {
			all = append(all, command.Names()...)
		}
	}
	return all
}

func findFlag(flags []cli.Flag, name string) cli.Flag {
	for _, flag := range flags {
		if slices.Contains(flag.Names(), name) {
			return flag
		}
	}
	return nil
}

func flagNames(flags []cli.Flag) (all []string) {
	for _, flag := range flags {
		for _, name := range flag.Names() {
			if len(name) > 1 {
				all = append(all, name)
			}
		}
	}
	return all
}

// takesValue reports whether the word after an option is its value.
func takesValue(flag cli.Flag) bool {
	f, ok := flag.(cli.DocGenerationFlag)
	return ok && f.TakesValue()
}
