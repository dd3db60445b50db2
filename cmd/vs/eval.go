package main

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"vs/report"
	"vs/search/evaluation"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:  "eval",
		Usage: "estimate accuracy over seeded runs, and compare models",
		Description: "Every run splits the pictures of each class at random, answers those of the chosen part from the training part, and counts.\n" +
			"The seed fixes the splits: they are those of Python's torch, and the same for every model.\n" +
			"With --model and --data the embeddings are kept in a cache, so that a second eval embeds nothing again.\n\n" +
			"Example: vs eval --db animals-5m.db --db animals-11m.db\n" +
			"Example: vs eval --model models/tiny_vit_5m_224.pt --model models/tiny_vit_11m_224.pt --data animals --format markdown\n" +
			"Example: vs eval --db animals-5m.db --sweep\n" +
			"Example: vs eval --db animals-5m.db --classifier lda --open-set 0.2\n" +
			"Example: vs eval --db animals-5m.db --manifest run.json, and later: vs eval --replay run.json",
		Flags: append([]cli.Flag{
			formatFlag("table", "markdown", "csv", "json"),
			csvSafeFlag(),
			&cli.Float64Flag{Name: "threshold", Value: report.DefaultThreshold, Usage: "list classes whose accuracy is below `A`"},
			&cli.BoolFlag{Name: "sweep", Usage: "compare all methods, on the same splits"},
			openSetFlag(),
			&cli.StringFlag{Name: "plots", Usage: "draw plots into `DIR`, as PNG and SVG, with the numbers behind them as CSV"},
			&cli.StringFlag{Name: "manifest", Usage: "write the results, and what it takes to repeat them, to `FILE`"},
			forceFlag(),
			&cli.StringFlag{Name: "replay", Usage: "repeat the evaluation of the manifest `FILE`, and say whether the results are the same"},
		}, evaluationFlags()...),
		Action: evaluate,
	}
}

func evaluate(c *cli.Context) error {
	if err := cmp.Or(checkShare(c, "threshold"), checkCSVSafe(c)); err != nil {
		return err
	}
	if c.IsSet("replay") {
		return replay(c)
	}
	if c.IsSet("plots") {
		if err := makeOutputFolder(c, "plots", c.String("data")); err != nil {
			return err
		}
	}
	if err := needSources(c); err != nil {
		return err
	}
	if len(c.StringSlice("db")) > 0 && c.IsSet("data") {
		return usagef("eval: --db already says what to evaluate; leave out --data, or --db")
	}
	st, err := settingsOf(c)
	if err != nil {
		return err
	}
	if st.Sweep && !st.Method.IsDefault() {
		return usagef("--sweep tries all methods; leave out --pool, --prototypes, --neighbours and --metric")
	}
	if st.Sweep && c.IsSet("plots") {
		return usagef("--plots draws one method; leave out --sweep, or --plots")
	}
	path := c.String("manifest")
	var outputs []outputFile
	if path != "" {
		outputs = append(outputs, manifestOutput(path))
	}
	if err := checkOutputs(c, outputs); err != nil {
		return err
	}
	e, err := runEvaluation(c, inputsOf(c), st)
	if err != nil {
		return err
	}
	if err := show(c, e, outputs...); err != nil || path == "" {
		return err
	}
	m, err := evaluation.NewManifest(c.App.Version, e)
	if err != nil {
		return err
	}
	if err := checkOutputs(c, outputs, filesOf(e)...); err != nil {
		return err
	}
	return m.Write(path)
}

// show prints the results and draws the plots, if any. Other outputs of the command are not
// replaced by a plot.
func show(c *cli.Context, e *evaluation.Outcome, others ...outputFile) error {
	if err := printEvaluations(c, e); err != nil || !c.IsSet("plots") {
		return err
	}
	return savePlots(c, e, others)
}

func printEvaluations(c *cli.Context, e *evaluation.Outcome) error {
	out, evaluations := c.App.Writer, e.Evaluations
	options := report.TableOptions{Format: tableFormat(c), Threshold: c.Float64("threshold"), Brief: e.Settings.Sweep}
	switch c.String("format") {
	case "markdown":
		options.Format = report.Markdown
	case "csv":
		return report.WriteCSV(csvOut(c), evaluations)
	case "json":
		return report.WriteJSON(out, evaluations)
	}
	return report.WriteTable(out, evaluations, options)
}

// manifestOutput is the file that --manifest names.
func manifestOutput(path string) outputFile {
	return outputFile{"--manifest", path, "manifest", func(path string) bool {
		_, err := evaluation.ReadManifest(path)
		return err == nil
	}}
}
