package main

import (
	"runtime"

	"github.com/urfave/cli/v2"
)

// cores is how many CPUs the program may use, as affinity, a container's limit and $GOMAXPROCS
// leave them.
var cores = runtime.GOMAXPROCS(0)

// leaveProcessorsIdle gives the Go runtime twice as many processors as there are cores. Workers are
// mostly in C. When all processors are there, the runtime takes one away and starts a thread that
// looks for work, which takes a core from the workers; idle ones keep it from that. Two workers on
// two cores decode an eighth more pictures a second.
func leaveProcessorsIdle() { runtime.GOMAXPROCS(2 * cores) }

// workers is --workers, or what its 0 means.
func workers(c *cli.Context) int {
	if n := c.Int("workers"); n > 0 {
		return n
	}
	return cores
}
