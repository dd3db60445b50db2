package main

import (
	"context"
	"errors"
	"fmt"
	"io"

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

// run executes one command line and returns the exit code. Results go to stdout, everything else to
// stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := &results{w: stdout}
	app := newApp(out, stderr)
	if len(args) > 2 && args[1] == completeWord {
		return exitCode(ctx, out.check(writeCompletions(out, app, args[2], args[3:])))
	}
	line, err := parseLine(app, args[1:])
	if err == nil {
		err = app.RunContext(ctx, append(args[:1:1], line.arranged()...))
	}
	for _, f := range atEnds(app) {
		f()
	}
	err = out.check(err)
	code := exitCode(ctx, err)
	color := useColor(line.color, stderr)
	switch {
	case code == exitNobodyReads:
	case code == exitInterrupted:
		_ = sayColored(stderr, color, red, "vs: interrupted; %s", whatIsKept(app))
	case err != nil:
		_ = sayColored(stderr, color, red, "vs: %v", err)
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
		Description: "A pre-trained encoder turns every picture into an embedding, and a picture gets the label of the class whose\n" +
			"mean embedding is most similar, or of another classifier. Try it without a download:\n\n" +
			"   vs encode --model builtin --data PICTURES --db pictures.db\n" +
			"   vs eval --db pictures.db\n\n" +
			"Exit codes: 0 done, 1 failed, 2 wrong usage, 3 too many bad pictures, 4 model and database do not match,\n" +
			"5 device not available, 130 interrupted, 141 nobody reads the results.",
		Version:                   version(),
		Metadata:                  map[string]any{},
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true, // a path may have a comma
		Commands:                  []*cli.Command{doctorCommand(), encodeCommand(), splitCommand(), evalCommand(), queryCommand(), trainCommand(), dbCommand(), inspectCommand(), galleryCommand(), reportCommand(), benchCommand(), completionCommand(), manCommand()},
		Writer:                    stdout,
		ErrWriter:                 stderr,
		ExitErrHandler:            func(*cli.Context, error) {}, // run prints errors and picks the exit code
		Action:                    cli.ShowAppHelp,
	}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
		return usagef("%w; see vs --help", err)
	}
	for _, command := range app.Commands {
		finish(command)
	}
	return app
}

// atEnd registers f to be called when the command ends, however it ends.
func atEnd(c *cli.Context, f func()) { c.App.Metadata[atEndKey] = append(atEnds(c.App), f) }

func atEnds(app *cli.App) []func() {
	all, _ := app.Metadata[atEndKey].([]func())
	return all
}

// atEndKey has the functions of [atEnd], in the metadata of the app.
const atEndKey = "at end"

// finish adds what all commands have in common.
func finish(command *cli.Command) {
	command.HideHelpCommand = true
	command.Flags = append(command.Flags, colorFlag())
	command.OnUsageError = func(_ *cli.Context, err error, _ bool) error {
		return usagef("%s: %w; see vs %[1]s --help", fullName(command), err)
	}
	action, takesFiles := command.Action, command.ArgsUsage != ""
	command.Action = func(c *cli.Context) error {
		if !takesFiles && c.Args().Present() {
			return usagef("%s: unexpected argument %q; see vs %[1]s --help", fullName(command), c.Args().First())
		}
		for _, flag := range command.Flags {
			switch flag := flag.(type) {
			case *cli.StringFlag:
				// An unset shell variable leaves an empty value, which would count as not given.
				if c.IsSet(flag.Name) && c.String(flag.Name) == "" {
					return usagef("--%s is empty", flag.Name)
				}
			case *choiceFlag:
				if err := flag.check(c); err != nil {
					return err
				}
			}
		}
		showProgress(c)
		return action(c)
	}
}
