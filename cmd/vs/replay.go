package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/search/evaluation"
)

// replayFlags are those that may stand beside --replay: where things are now, and how to compute.
var replayFlags = []string{"replay", "db", "model", "data", "split", "device", "batch-size", "precision", "deterministic", "workers", "quiet", "max-bad-share", "trust-model", "format", "threshold", "plots", "force", "csv-safe"}

// replay repeats the evaluation of a manifest and compares.
func replay(c *cli.Context) error {
	for _, name := range c.LocalFlagNames() {
		if !slices.Contains(replayFlags, name) {
			return usagef("--%s: --replay takes it from the manifest; leave it out", name)
		}
	}
	if err := checkRunFlags(c); err != nil {
		return err
	}
	path := c.String("replay")
	then, err := evaluation.ReadManifest(path)
	if err != nil {
		return err
	}
	if then.Settings.Sweep && c.IsSet("plots") {
		return usagef("replay %s: --plots draws one method, and the manifest is of a sweep; leave it out", path)
	}
	moves := evaluation.Moves{Inputs: inputsOf(c), Split: c.String("split"), Compute: func(how *evaluation.Compute) { overrideCompute(c, how) }}
	in, st, err := then.Replay(moves)
	if err != nil {
		return fmt.Errorf("replay %s: %w", path, err)
	}
	if c.IsSet("plots") {
		if err := makeOutputFolder(c, "plots", in.Data); err != nil {
			return err
		}
	}
	e, err := runEvaluation(c, in, st)
	if err != nil {
		return fmt.Errorf("replay %s: %w", path, err)
	}
	now, err := evaluation.NewManifest(c.App.Version, e)
	if err != nil {
		return err
	}
	if err := show(c, e); err != nil {
		return err
	}
	inputs, results := then.Differences(now), then.DifferentResults(now)
	for _, d := range inputs {
		remark(c, "replay: differs: %s", d)
	}
	for _, d := range results {
		remark(c, "replay: not the same: %s", d)
	}
	if len(results) == 0 {
		remark(c, "replay: the results are the same as in %s", path)
		return nil
	}
	why := "no input that the manifest knows differs"
	if len(inputs) > 0 {
		why = "what differs: " + strings.Join(inputs, "; ")
	}
	return fmt.Errorf("replay %s: the results are not the same (%d of %d): %s; %s", path, len(results), len(then.Results), results[0], why)
}
