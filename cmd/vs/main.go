// Command vs classifies pictures without fine-tuning: see the README, or vs --help.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	// Most of the heap is pixels in use, without pointers: frequent collections cost little and
	// keep the memory of a long run near that of a short one.
	debug.SetGCPercent(20)
	oversubscribeProcessors()
	os.Exit(run(untilSignal(), os.Args, os.Stdout, os.Stderr))
}
