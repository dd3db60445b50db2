// Command demopictures draws a data set of a dozen classes from formulas, for demonstrations of vs
// where no photographs are at hand.
//
//	go run ./scripts/demopictures --out DIR [--seed 1]
//
// The same seed gives the same pictures. Compilers that fuse a multiplication with an addition
// (arm64, GOAMD64=v3) may round a pixel to the next level, and another release of image/jpeg may
// write other bytes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// perClass is how many pictures there are of each class.
const perClass = 30

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("demopictures", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // flag prints the whole usage after each mistake
	out := flags.String("out", "", "`folder` to make, one folder of pictures per class")
	seed := flags.Uint64("seed", 1, "`number` that all pictures depend on")
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		fmt.Fprintln(stderr, "usage: demopictures --out DIR [--seed N]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "demopictures: %v; see --help\n", err)
		return 2
	case *out == "":
		fmt.Fprintln(stderr, "demopictures: --out is missing: name the folder to make")
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "demopictures: unexpected argument %q; see --help\n", flags.Arg(0))
		return 2
	}
	if err := write(ctx, *out, *seed, perClass); err != nil {
		fmt.Fprintf(stderr, "demopictures: %v\n", err)
		if ctx.Err() != nil {
			return 130
		}
		return 1
	}
	return 0
}
