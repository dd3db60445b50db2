package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"vs/data"
	"vs/data/input"
)

// wantedLabels returns the labels that --labels and --labels-file name, nil for all.
func wantedLabels(c *cli.Context) ([]string, error) {
	var wanted []string
	for _, list := range c.StringSlice("labels") {
		wanted = append(wanted, strings.Split(list, ",")...)
	}
	if path := c.String("labels-file"); path != "" {
		listed, err := readLabels(path)
		if err != nil {
			return nil, fmt.Errorf("read labels: %w", err)
		}
		wanted = append(wanted, listed...)
	}
	return wanted, nil
}

// readLabels reads a file of labels, one per line. Empty lines are left out.
func readLabels(path string) ([]string, error) {
	content, err := input.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines, err := input.Lines(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var labels []string
	for i, label := range lines {
		if label == "" {
			continue
		}
		if err := data.CheckLabel(label); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		labels = append(labels, label)
	}
	if len(labels) == 0 {
		return nil, fmt.Errorf("%s names none; write one per line", path)
	}
	return labels, nil
}
