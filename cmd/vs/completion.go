package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"vs/search/database"
)

// completions are the scripts by which shells ask [complete].
//
//go:embed completions
var completions embed.FS

// completeWord is the first argument of vs when the scripts ask.
const completeWord = "__complete"

var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print the script that completes commands in a shell",
		ArgsUsage: "SHELL",
		Description: "SHELL is bash, zsh or fish. It completes commands, options, their values, and the classes of the database\n" +
			"that --db names.\n\n" +
			"Example: source <(vs completion bash)\n" +
			"Example: vs completion zsh > ~/.zsh/completions/_vs\n" +
			"Example: vs completion fish > ~/.config/fish/completions/vs.fish",
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			if c.NArg() != 1 || !slices.Contains(shells, shell) {
				return usagef("completion: name one of %q; see vs completion --help", shells)
			}
			script, err := completions.ReadFile("completions/vs." + shell)
			if err != nil {
				return err
			}
			_, err = c.App.Writer.Write(script)
			return err
		},
	}
}

// candidate is a word that may stand in a place of the command line.
type candidate struct{ word, help string }

// The kinds of candidates, of which the shell itself finds files and folders.
const (
	someWords   = "words"
	someFiles   = "files"
	someFolders = "folders"
)

// writeCompletions answers a script: the kind of the candidates on a line, then each on a line,
// with its help as the shell has it. The last of the words is the one to complete.
func writeCompletions(c io.Writer, app *cli.App, shell string, words []string) error {
	// Bash splits words at =.
	apart := false
	for i := 1; i < len(words); i++ {
		if shell == "bash" && words[i] == "=" && strings.HasPrefix(words[i-1], "--") {
			end := min(i+2, len(words))
			apart = end == len(words)
			words = slices.Replace(slices.Clone(words), i-1, end, strings.Join(words[i-1:end], ""))
		}
	}
	kind, found := complete(app, words)
	if _, err := fmt.Fprintln(c, kind); err != nil {
		return err
	}
	for _, f := range found {
		line := f.word
		switch {
		case apart:
			_, line, _ = strings.Cut(line, "=")
		case shell == "zsh":
			line = strings.ReplaceAll(f.word, ":", `\:`)
			if f.help != "" {
				line += ":" + f.help
			}
		case shell == "fish" && f.help != "":
			line += "\t" + f.help
		}
		if _, err := fmt.Fprintln(c, line); err != nil {
			return err
		}
	}
	return nil
}

// complete returns what may stand in the place of the last of the words after vs.
func complete(app *cli.App, words []string) (kind string, found []candidate) {
	last := ""
	if n := len(words); n > 0 {
		last, words = words[n-1], words[:n-1]
	}
	var command *cli.Command
	commands := app.Commands
	for len(words) > 0 && len(commands) > 0 {
		if command = find(commands, words[0]); command == nil {
			return someWords, nil
		}
		commands, words = command.Subcommands, words[1:]
	}
	if len(commands) > 0 && !strings.HasPrefix(last, "-") {
		for _, c := range commands {
			if !c.Hidden {
				found = append(found, candidate{c.Name, c.Usage})
			}
		}
		return someWords, startingWith(last, found)
	}
	flags := []cli.Flag{cli.HelpFlag, cli.VersionFlag}
	if command != nil {
		flags = append(slices.Clone(command.Flags), cli.HelpFlag)
	}
	given, pending, operands, ended := readWords(flags, words)
	name, value, hasValue := strings.Cut(last, "=")
	switch {
	case pending != nil:
		kind, found = valuesOf(pending, given)
		return kind, startingWith(last, found)
	case !ended && hasValue && strings.HasPrefix(last, "-"):
		flag := findFlag(flags, optionName(name))
		if flag == nil {
			return someWords, nil
		}
		kind, values := valuesOf(flag, given)
		for _, v := range startingWith(value, values) {
			found = append(found, candidate{name + "=" + v.word, v.help})
		}
		return kind, found
	case !ended && strings.HasPrefix(last, "-"):
		for _, flag := range flags {
			option := flag.Names()[0]
			_, several := flag.(*cli.StringSliceFlag)
			if _, has := given[option]; !has || several {
				found = append(found, candidate{"--" + option, describeOption(flag.(cli.DocGenerationFlag)).usage})
			}
		}
		return someWords, startingWith(last, found)
	case command == nil:
		return someWords, nil
	}
	kind, found = operandsOf(command, given, operands)
	return kind, startingWith(last, found)
}

// readWords returns the values of the options given, the option whose value is to come, the number
// of operands, and whether -- has ended the options.
func readWords(flags []cli.Flag, words []string) (given map[string]string, pending cli.Flag, operands int, ended bool) {
	given = map[string]string{}
	for _, word := range words {
		switch {
		case pending != nil:
			given[pending.Names()[0]], pending = word, nil
		case ended || !strings.HasPrefix(word, "-") || word == "-":
			operands++
		case word == "--":
			ended = true
		default:
			name, value, hasValue := strings.Cut(optionName(word), "=")
			flag := findFlag(flags, name)
			if flag == nil {
				continue
			}
			given[flag.Names()[0]] = value
			if !hasValue && takesValue(flag) {
				pending = flag
			}
		}
	}
	return given, pending, operands, ended
}

// valuesOf returns what an option takes.
func valuesOf(flag cli.Flag, given map[string]string) (kind string, found []candidate) {
	if choice, ok := flag.(*choiceFlag); ok {
		for _, value := range choice.choices {
			found = append(found, candidate{value, ""})
		}
		return someWords, found
	}
	name := flag.Names()[0]
	switch name {
	case "device":
		return someWords, []candidate{{"auto", ""}, {"cpu", ""}, {"cuda", ""}}
	case "label", "labels":
		return someWords, storedLabels(given)
	}
	switch doc := describeOption(flag.(cli.DocGenerationFlag)); {
	case strings.HasSuffix(doc.name, " FILE"):
		return someFiles, nil
	case strings.HasSuffix(doc.name, " DIR"):
		return someFolders, nil
	}
	return someWords, nil
}

// operandsOf returns what a command takes after that many operands.
func operandsOf(command *cli.Command, given map[string]string, operands int) (kind string, found []candidate) {
	switch {
	case command.Name == "completion" && operands == 0:
		for _, shell := range shells {
			found = append(found, candidate{shell, ""})
		}
	case strings.HasPrefix(command.ArgsUsage, "LABEL"), command.ArgsUsage == "OLD NEW" && operands == 0:
		return someWords, storedLabels(given)
	case command.ArgsUsage == "OUT", command.ArgsUsage == "IN":
		if operands == 0 {
			return someFiles, nil
		}
	case command.ArgsUsage == "DIR" && operands == 0:
		return someFolders, nil
	case strings.HasSuffix(command.ArgsUsage, "..."):
		return someFiles, nil
	}
	return someWords, found
}

// storedLabels returns the classes of the database that --db names, if it can be read.
func storedLabels(given map[string]string) (found []candidate) {
	if given["db"] == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	db, err := database.OpenReadOnly(ctx, given["db"])
	if err != nil {
		return nil
	}
	defer db.Close()
	labels, err := labelsOf(ctx, db)
	if err != nil {
		return nil
	}
	for _, label := range labels {
		found = append(found, candidate{label, ""})
	}
	return found
}

func startingWith(start string, all []candidate) (found []candidate) {
	for _, c := range all {
		if strings.HasPrefix(c.word, start) {
			found = append(found, c)
		}
	}
	return found
}
