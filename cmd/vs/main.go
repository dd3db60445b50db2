// Command vs classifies pictures without fine-tuning: see the README, or vs --help.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	// Most of the heap is pixels in use, without pointers: to collect often costs little and keeps the memory of a long run
	// near that of a short one.
	debug.SetGCPercent(20)
	leaveProcessorsIdle()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
