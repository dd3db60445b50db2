package main

import (
	"runtime"

	"github.com/urfave/cli/v2"
)

// cores is how many CPUs the program may use, as affinity, a container's limit and $GOMAXPROCS
// leave them.
var cores = runtime.GOMAXPROCS(0)

// oversubscribeProcessors gives the Go runtime twice as many processors as there are cores. Workers
// spend most of their time in C. If all processors are busy there, the runtime takes one away and
// starts a thread that looks for work, which takes a core from the workers; idle processors prevent
// that. Two workers on two cores decode an eighth more pictures per second.
func oversubscribeProcessors() { runtime.GOMAXPROCS(2 * cores) }

// workers is --workers, or what its 0 means.
func workers(c *cli.Context) int {
	if n := c.Int("workers"); n > 0 {
		return n
	}
	return cores
}
