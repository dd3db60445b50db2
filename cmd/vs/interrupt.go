package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// endingSignals ask the program to end: Ctrl-C, kill or a scheduler, a terminal that is closed.
var endingSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// untilSignal returns a context that ends with the first signal. The second one ends the program at
// once, since the code that runs may be C, which knows no context.
func untilSignal() context.Context {
	// A write to a pipe that nobody reads becomes an error, so that databases are closed in order.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	received := make(chan os.Signal, 1)
	for _, s := range endingSignals {
		if !signal.Ignored(s) { // as nohup has it
			signal.Notify(received, s)
		}
	}
	go func() {
		<-received
		said := make(chan struct{})
		go func() {
			line := "vs: stopping; a second signal ends the program at once\n"
			if term.IsTerminal(int(os.Stderr.Fd())) {
				line = "\n" + line // after ^C, or a progress bar
			}
			fmt.Fprint(os.Stderr, line)
			close(said)
		}()
		select {
		case <-said: // before the command's own last line
			cancel()
			<-received
		case <-received: // nobody reads stderr
		}
		os.Exit(exitInterrupted)
	}()
	return ctx
}

// keptKey has what a command keeps when it is interrupted, in the metadata of the app.
const keptKey = "kept"

// keepEmbeddings says that from now on embeddings are written as they come.
func keepEmbeddings(c *cli.Context) {
	c.App.Metadata[keptKey] = "embeddings that were written are kept, and the same command goes on from there"
}

// whatIsKept says what an interrupted command keeps. A database changes as a whole or not at all,
// and a file takes its place when it is complete.
func whatIsKept(app *cli.App) string {
	if kept, ok := app.Metadata[keptKey].(string); ok {
		return kept
	}
	return "no file was written or changed"
}
