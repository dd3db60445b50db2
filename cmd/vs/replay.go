package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
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
	then, err := readManifest(path)
	if err != nil {
		return err
	}
	in, err := then.Inputs.moved(inputsOf(c))
	if err != nil {
		return err
	}
	if c.IsSet("plots") {
		if err := makeOutputFolder(c, "plots", in.Data); err != nil {
			return err
		}
	}
	st, err := then.Settings.again(c)
	if err != nil {
		return fmt.Errorf("replay %s: %w", path, err)
	}
	e, err := evaluateInputs(c, in, st)
	if err != nil {
		return fmt.Errorf("replay %s: %w", path, err)
	}
	now, err := newManifest(c, e)
	if err != nil {
		return err
	}
	if err := e.show(c); err != nil {
		return err
	}
	inputs, results := then.differences(now), differentResults(then.Results, now.Results)
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

// again returns the settings for another time: the split file may have moved or changed, and flags that say how a model
// computes are as they were unless they are given.
func (s settings) again(c *cli.Context) (settings, error) {
	if s.Sweep && c.IsSet("plots") {
		return s, usagef("--plots draws one method, and the manifest is of a sweep; leave it out")
	}
	for name, value := range s.Compute {
		if !slices.Contains(computeFlags, name) {
			return s, fmt.Errorf("it has a flag %q that this program does not know", name)
		}
		if !c.IsSet(name) {
			if err := c.Set(name, value); err != nil {
				return s, err
			}
		}
	}
	if s.Split == "" {
		return s, nil
	}
	if c.IsSet("split") {
		s.Split = c.String("split")
	}
	return s, s.readSplit()
}

// moved returns the inputs with the places that the command line gives instead.
func (in inputs) moved(to inputs) (inputs, error) {
	if n := len(to.Databases); n > 0 {
		if n != len(in.Databases) {
			return in, usagef("--db: the manifest has %d databases; name as many, in its order, or none", len(in.Databases))
		}
		in.Databases = to.Databases
	}
	if n := len(to.Models); n > 0 {
		if n != len(in.Models) {
			return in, usagef("--model: the manifest has %d models; name as many, in its order, or none", len(in.Models))
		}
		in.Models = to.Models
	}
	if to.Data != "" {
		if in.Data == "" {
			return in, usagef("--data: the manifest has no folder of pictures; leave it out")
		}
		in.Data = to.Data
	}
	return in, nil
}

// differences names the inputs in which two manifests differ.
func (m *manifest) differences(now *manifest) []string {
	var list []string
	compare := func(what, then, now string) {
		if then != now {
			list = append(list, fmt.Sprintf("%s: %s then, %s now", what, orNone(then), orNone(now)))
		}
	}
	compare("vs", m.Program.VS, now.Program.VS)
	compare("Go", m.Program.Go, now.Program.Go)
	compare("platform", m.Program.Platform, now.Program.Platform)
	compare("libtorch", m.Program.LibTorch, now.Program.LibTorch)
	if m.Program.Build != "" {
		compare("build of libtorch", m.Program.Build, now.Program.Build)
	}
	compare("BLAS", m.Program.BLAS, now.Program.BLAS)
	compare("split file", m.Settings.SplitHash, now.Settings.SplitHash)
	for i, then := range m.Models {
		now := now.Models[i]
		of := " of " + then.Name
		compare("model "+then.Name, then.Hash, now.Hash)
		compare("transform"+of, then.Transform, now.Transform)
		compare("augmentation"+of, then.Augmentation, now.Augmentation)
		compare("device"+of, then.Device, now.Device)
		list = append(list, differentClasses(then, now)...)
	}
	return list
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// differentClasses names the classes whose pictures or embeddings are not those of then.
func differentClasses(then, now manifestModel) []string {
	var pictures, embeddings []string
	for _, c := range then.Classes {
		i := slices.IndexFunc(now.Classes, func(n manifestClass) bool { return n.Label == c.Label })
		switch {
		case i < 0:
			pictures = append(pictures, fmt.Sprintf("%q (gone)", c.Label))
		case now.Classes[i].Pictures != c.Pictures:
			pictures = append(pictures, fmt.Sprintf("%q (%d then, %d now)", c.Label, c.Pictures, now.Classes[i].Pictures))
		case now.Classes[i].Contents != c.Contents:
			pictures = append(pictures, fmt.Sprintf("%q", c.Label))
		case now.Classes[i].Embeddings != c.Embeddings:
			embeddings = append(embeddings, fmt.Sprintf("%q", c.Label))
		}
	}
	var list []string
	if len(pictures) > 0 {
		list = append(list, "pictures of the "+enumerate(pictures))
	}
	if len(embeddings) > 0 {
		list = append(list, fmt.Sprintf("embeddings by %s of the same pictures of the %s", then.Name, enumerate(embeddings)))
	}
	return list
}

// enumerate lists the first few classes and counts the rest.
func enumerate(names []string) string {
	const most = 5
	what := "class "
	if len(names) > 1 {
		what = "classes "
	}
	if len(names) <= most {
		return what + strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s%s and %d more", what, strings.Join(names[:most], ", "), len(names)-most)
}

// differentResults names the results that are not the same, to the last prediction.
func differentResults(then, now []manifestResult) []string {
	if len(then) != len(now) {
		return []string{fmt.Sprintf("%d results then, %d now", len(then), len(now))}
	}
	var list []string
	for i, t := range then {
		n := now[i]
		name := t.Model
		if t.Method != "" {
			name += ", " + t.Method
		}
		switch {
		case t.Accuracy != n.Accuracy:
			list = append(list, fmt.Sprintf("%s: accuracy %v then, %v now", name, t.Accuracy, n.Accuracy))
		case t.TopKAccuracy != n.TopKAccuracy:
			list = append(list, fmt.Sprintf("%s: top-k accuracy %v then, %v now", name, t.TopKAccuracy, n.TopKAccuracy))
		case !slices.Equal(t.RunAccuracies, n.RunAccuracies) || t.Predictions != n.Predictions:
			list = append(list, name+": the same accuracy from other predictions")
		}
	}
	return list
}
