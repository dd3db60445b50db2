package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"vs/encoder"
	"vs/report"
	"vs/search/head"
)

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name:      "inspect",
		Aliases:   []string{"models"},
		Usage:     "compare model files by size, cost, input and embedding; describe heads",
		ArgsUsage: "MODEL...",
		Description: "MODEL is a model file, a folder, of which all .pt files are taken, or " + `"` + encoder.Builtin + `"` + ". The models are not loaded.\n" +
			"A head that vs train made is described.\n\n" +
			"Example: vs inspect models\n" +
			"Example: vs inspect animals.head\n" +
			"Example: vs inspect --format markdown builtin models/tiny_vit_5m_224.pt",
		Flags: []cli.Flag{
			formatFlag("table", "markdown", "csv", "json"),
			csvSafeFlag(),
		},
		Action: inspect,
	}
}

func inspect(c *cli.Context) error {
	if err := checkCSVSafe(c); err != nil {
		return err
	}
	if len(c.Args().Slice()) == 0 {
		return usagef("inspect: name a model file or a folder of them; see vs inspect --help")
	}
	var models []report.ModelRow
	var heads []report.Head
	total, failed := 0, 0
	fail := func(err error) {
		failed++
		_ = say(c.App.ErrWriter, "%v", err)
	}
	for _, arg := range c.Args().Slice() {
		paths, err := modelFiles(arg)
		if err != nil {
			total++
			fail(err)
			continue
		}
		for _, path := range paths {
			if err := c.Context.Err(); err != nil {
				return err
			}
			total++
			if looksLikeHead(path) {
				h, err := head.Open(path)
				if err != nil {
					fail(err)
					continue
				}
				d := headDescription(h)
				d.File = path
				heads = append(heads, d)
				continue
			}
			m, err := encoder.Inspect(path)
			if err != nil {
				fail(err)
				continue
			}
			models = append(models, report.ModelRow{
				Model: m.ModelName, File: path, NumParams: m.NumParams, GMACs: m.GMACs, MActivations: m.MActivations,
				InputSize: m.InputSize, EmbeddingDim: m.EmbeddingDim, Size: m.Size, SHA256: m.Hash,
			})
		}
	}
	if err := writeInspected(c, models, heads); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("inspect: %d of %d cannot be shown", failed, total)
	}
	return nil
}

// looksLikeHead reports whether a file is a head, sound or not.
func looksLikeHead(path string) bool {
	return slices.Contains([]string{".head", ".safetensors"}, filepath.Ext(path)) || head.Is(path)
}

// writeInspected writes models and heads; both at a time only for people.
func writeInspected(c *cli.Context, models []report.ModelRow, heads []report.Head) error {
	format := c.String("format")
	switch {
	case len(heads) == 0:
		return writeModels(c, models)
	case format == "csv" || format == "markdown":
		return usagef("inspect: heads have no --format %s; use table or json", format)
	case format == "json" && len(models) > 0:
		return usagef("inspect: name models or heads, not both, with --format json")
	case format == "json":
		return report.WriteHeadsJSON(c.App.Writer, heads)
	case len(models) == 0:
		return report.WriteHeads(c.App.Writer, heads)
	}
	if err := writeModels(c, models); err != nil {
		return err
	}
	if err := say(c.App.Writer, ""); err != nil {
		return err
	}
	return report.WriteHeads(c.App.Writer, heads)
}

// modelFiles returns the models that an argument names.
func modelFiles(arg string) ([]string, error) {
	if arg == encoder.Builtin {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err != nil {
		return nil, fmt.Errorf("inspect model: %w", err)
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	entries, err := os.ReadDir(arg) // in byte order of the names
	if err != nil {
		return nil, fmt.Errorf("inspect models: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return filepath.Ext(e.Name()) != ".pt" })
	if len(entries) == 0 {
		return nil, fmt.Errorf("inspect models: no .pt files in %s; scripts/trace_timm.py makes them", arg)
	}
	paths := make([]string, len(entries))
	for i, e := range entries {
		paths[i] = filepath.Join(arg, e.Name())
	}
	return paths, nil
}

func writeModels(c *cli.Context, models []report.ModelRow) error {
	out := c.App.Writer
	switch format := c.String("format"); {
	case format == "csv":
		return report.WriteModelsCSV(csvOut(c), models)
	case format == "json":
		return report.WriteModelsJSON(out, models)
	case len(models) == 0:
		return nil
	case format == "markdown":
		return report.WriteModelsTable(out, models, report.Markdown)
	}
	return report.WriteModelsTable(out, models, tableFormat(c))
}
