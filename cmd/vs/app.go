package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/search/database"
	"vs/search/evaluation"
	"vs/torch"
)

// The exit codes that scripts may rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitBadPictures = 3
	exitMismatch    = 4
	exitNoDevice    = 5
	exitInterrupted = 130
	exitNobodyReads = 141 // as the shell has it for programs that SIGPIPE ends
)

// usageError is an error in the command line itself.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes one command line and returns the exit code. Results go to stdout, everything else to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := &results{w: stdout}
	app := newApp(out, stderr)
	app.Metadata[lineKey] = args
	err := out.check(app.RunContext(ctx, args))
	code := exitCode(ctx, err)
	switch {
	case code == exitNobodyReads:
	case code == exitInterrupted:
		_ = say(stderr, "vs: interrupted; %s", whatIsKept(app))
	case err != nil:
		_ = say(stderr, "vs: %v", err)
	}
	return code
}

func exitCode(ctx context.Context, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNobodyReads):
		return exitNobodyReads
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &usage), evaluation.IsSettingsError(err):
		return exitUsage
	case errors.Is(err, data.ErrBadPictures):
		return exitBadPictures
	case errors.Is(err, database.ErrMismatch):
		return exitMismatch
	case errors.Is(err, torch.ErrNoDevice):
		return exitNoDevice
	}
	return exitFailed
}

func newApp(stdout, stderr io.Writer) *cli.App {
	app := &cli.App{
		Name:      "vs",
		Usage:     "image classification without fine-tuning",
		UsageText: "vs COMMAND [OPTION...]",
		Description: "A pre-trained encoder turns every picture into an embedding. The mean embedding of a class stands for the\n" +
			"class, and a picture gets the label of the most similar mean. Try it without a download:\n\n" +
			"   vs encode --model builtin --data PICTURES --db pictures.db\n" +
			"   vs eval --db pictures.db\n\n" +
			"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 too many bad pictures, 4 model and database do not match,\n" +
			"5 device not available, 130 interrupted, 141 nobody reads the results.",
		Version:                   version(),
		Metadata:                  map[string]any{},
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true, // a path may have a comma
		Commands:                  []*cli.Command{doctorCommand(), encodeCommand(), splitCommand(), evalCommand(), queryCommand(), dbCommand(), inspectCommand(), galleryCommand(), reportCommand(), benchCommand()},
		Writer:                    stdout,
		ErrWriter:                 stderr,
		ExitErrHandler:            func(*cli.Context, error) {}, // run prints errors and picks the exit code
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("unknown command %q; vs --help lists them", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
		return usagef("%w; see vs --help", err)
	}
	for _, command := range app.Commands {
		finish(command)
	}
	return app
}

// finish adds what all commands have in common.
func finish(command *cli.Command) {
	command.HideHelpCommand = true
	command.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
		return usagef("%s: %w; see vs %[1]s --help", fullName(command), err)
	}
	action, takesFiles := command.Action, command.ArgsUsage != ""
	if !takesFiles {
		command.ArgsUsage = " " // else the help would show "[arguments...]"
	}
	command.Action = func(c *cli.Context) error {
		if !takesFiles && c.Args().Present() {
			return usagef("%s: unexpected argument %q; see vs %[1]s --help", fullName(command), c.Args().First())
		}
		for _, argument := range maybeOptions(c) {
			if isOption(command, argument) {
				return usagef("%s: %s stands behind an argument; options come first, and -- ends them", fullName(command), argument)
			}
		}
		for _, flag := range command.Flags {
			// What an unset variable of a shell leaves; it would count as not given.
			if flag, ok := flag.(*cli.StringFlag); ok && c.IsSet(flag.Name) && c.String(flag.Name) == "" {
				return usagef("--%s is empty", flag.Name)
			}
		}
		return action(c)
	}
}

// operands are the arguments of a command: what is left when the options are taken away, and the -- that may end them.
func operands(c *cli.Context) []string {
	args := c.Args().Slice()
	if at := slices.Index(args, "--"); at >= 0 && !endedBefore(c) {
		return slices.Concat(args[:at], args[at+1:])
	}
	return args
}

// maybeOptions are the operands that no -- stands before.
func maybeOptions(c *cli.Context) []string {
	args := c.Args().Slice()
	if endedBefore(c) {
		return nil
	}
	if at := slices.Index(args, "--"); at >= 0 {
		return args[:at]
	}
	return args
}

// endedBefore reports whether a -- stands before the first operand. The parser of the options takes it away.
func endedBefore(c *cli.Context) bool {
	line, _ := c.App.Metadata[lineKey].([]string)
	at := len(line) - c.NArg() - 1
	return at >= 0 && line[at] == "--"
}

// lineKey has the command line, in the metadata of the app.
const lineKey = "line"

// isOption reports whether an argument is one of the command's options, with or without a value.
func isOption(command *cli.Command, argument string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(argument, "-"), "=")
	return strings.HasPrefix(argument, "-") &&
		slices.ContainsFunc(command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// version says what the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
}

// versionOf returns the revision of the sources, and whether they were modified after it; of a module that was fetched, its
// version.
func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	switch {
	case revision == "" && (info.Main.Version == "" || info.Main.Version == "(devel)"):
		return "unknown (built without its revision)"
	case revision == "":
		return info.Main.Version
	case settings["vcs.modified"] == "true":
		return revision[:min(12, len(revision))] + " modified"
	}
	return revision[:min(12, len(revision))]
}
