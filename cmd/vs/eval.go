package main

import (
	"cmp"

	"github.com/urfave/cli/v2"

	"vs/report"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:  "eval",
		Usage: "estimate accuracy over seeded runs, and compare models",
		Description: "Every run splits each class's pictures anew, answers the chosen part from the class means of the training part,\n" +
			"and counts. The seed fixes the splits: they are those of Python's torch, and the same for every model.\n" +
			"With --model and --data the embeddings are kept in a cache, so that a second eval embeds nothing again.\n\n" +
			"Example: vs eval --db animals-5m.db --db animals-11m.db\n" +
			"Example: vs eval --model models/tiny_vit_5m_224.pt --model models/tiny_vit_11m_224.pt --data animals --format markdown",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORMAT` of the result: table, markdown, csv or json"},
		}, evaluationFlags()...),
		Action: evaluate,
	}
}

func evaluate(c *cli.Context) error {
	if err := cmp.Or(checkEvaluationFlags(c), oneOf(c, "format", "table", "markdown", "csv", "json")); err != nil {
		return err
	}
	if len(c.StringSlice("db")) > 0 && c.IsSet("data") {
		return usagef("eval: --db already says what to evaluate; leave out --data, or --db")
	}
	_, evaluations, err := evaluateSources(c)
	if err != nil {
		return err
	}
	out := c.App.Writer
	switch c.String("format") {
	case "markdown":
		return report.WriteTable(out, evaluations, report.Markdown)
	case "csv":
		return report.WriteCSV(out, evaluations)
	case "json":
		return report.WriteJSON(out, evaluations)
	}
	return report.WriteTable(out, evaluations, report.Terminal)
}
