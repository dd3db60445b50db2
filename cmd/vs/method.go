package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"vs/search"
	"vs/search/classifier"
)

// methodFlags are those of the commands that can answer in more than one way. The seed of the prototypes is a flag of its own.
func methodFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "classifier", Usage: "`CLASSIFIER`: mean, the most similar class by the flags below, or one that is fitted to the training pictures: " + strings.Join(classifier.Kinds, ", ") + " (default: \"mean\")"},
		&cli.StringFlag{Name: "power", Usage: "of a fitted classifier: `P` of sign(x)·|x|^P, which embeddings pass through, or auto (default: \"auto\")"},
		&cli.StringFlag{Name: "shrinkage", Usage: "of lda: `L`, 0 to 1, by which the covariance is shrunk, or auto (default: \"auto\")"},
		&cli.StringFlag{Name: "priors", Usage: "of lda: `PRIORS`, equal, or counts of the training pictures (default: \"equal\")"},
		&cli.StringFlag{Name: "penalty", Usage: "of ridge and logistic: `L` of the L2 penalty, or auto (default: \"auto\")"},
		&cli.IntFlag{Name: "projections", Usage: "of ridge: `N` random directions of the embeddings, drawn with --seed, in place of the embeddings"},
		&cli.StringFlag{Name: "pool", Usage: "`POOL` that makes one vector of a class: " + strings.Join(search.Pools, ", ") + " (default: \"mean\")"},
		&cli.IntFlag{Name: "prototypes", Usage: "`N` vectors for each class, found by k-means, in place of one"},
		&cli.IntFlag{Name: "neighbours", Usage: "the `N` most similar training pictures vote, in place of one vector for each class"},
		&cli.StringFlag{Name: "metric", Usage: "`METRIC` to compare by: " + strings.Join(search.Metrics, ", ") + " (default: \"cosine\")"},
	}
}

// methodOf is the method that the flags name.
func methodOf(c *cli.Context) (search.Method, error) {
	m := search.Method{
		Pool:       c.String("pool"),
		Metric:     c.String("metric"),
		Prototypes: c.Int("prototypes"),
		Neighbours: c.Int("neighbours"),
		Seed:       c.Uint64("seed"),
	}
	if err := fittedOf(c, &m.Classifier); err != nil {
		return m, err
	}
	if c.IsSet("neighbours") && m.Neighbours == 0 {
		return m, usagef("--neighbours 0: use at least 1")
	}
	if c.IsSet("prototypes") && m.Prototypes == 0 {
		return m, usagef("--prototypes 0: use at least 2")
	}
	if err := m.Validate(); err != nil {
		return m, usageError{err}
	}
	return m, nil
}

// fittedOf reads the flags of the classifiers that are fitted.
func fittedOf(c *cli.Context, spec *classifier.Spec) error {
	if kind := c.String("classifier"); kind != meanClassifier {
		spec.Kind = kind
	}
	for name, choice := range map[string]*classifier.Choice{"power": &spec.Power, "shrinkage": &spec.Shrinkage, "penalty": &spec.Penalty} {
		if c.IsSet(name) {
			if err := choice.UnmarshalText([]byte(c.String(name))); err != nil {
				return usagef("--%s %w", name, err)
			}
		}
	}
	if c.IsSet("priors") {
		if err := oneOf(c, "priors", "equal", "counts"); err != nil {
			return err
		}
		spec.Counts = c.String("priors") == "counts"
	}
	if c.IsSet("projections") {
		if spec.Projections = c.Int("projections"); spec.Projections == 0 {
			return usagef("--projections 0: use at least 1")
		}
		spec.Seed = c.Uint64("seed")
	}
	return nil
}

// meanClassifier is the name of what is not fitted.
const meanClassifier = "mean"
