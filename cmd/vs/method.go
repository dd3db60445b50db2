package main

import (
	"github.com/urfave/cli/v2"

	"vs/search"
	"vs/search/classifier"
)

// methodFlags are the flags of the commands that can answer in more than one way. The seed of the
// prototypes is a flag of its own.
func methodFlags() []cli.Flag {
	return append(classifierFlags(), []cli.Flag{
		maybeOneOf("pool", "`POOL` that makes one vector of a class", search.Pools[0], search.Pools...),
		&cli.IntFlag{Name: "prototypes", Usage: "represent each class by `N` vectors, found by k-means"},
		&cli.IntFlag{Name: "neighbours", Usage: "let the `N` most similar training pictures vote"},
		maybeOneOf("metric", "`METRIC` to compare by", search.Metrics[0], search.Metrics...),
	}...)
}

// classifierFlags are the flags of classifiers that are fitted.
func classifierFlags() []cli.Flag {
	return []cli.Flag{
		maybeOneOf("classifier", "`CLASSIFIER`, fitted to the training pictures unless it is mean", meanClassifier, append([]string{meanClassifier}, classifier.Kinds...)...),
		&cli.StringFlag{Name: "power", DefaultText: "auto", Usage: "map embeddings by sign(x)·|x|^`P`, for fitted classifiers; auto chooses P"},
		&cli.StringFlag{Name: "shrinkage", DefaultText: "auto", Usage: "shrink the covariance by `L`, 0 to 1, for lda; auto chooses L"},
		maybeOneOf("priors", "`PRIORS` of the classes for lda, where counts are those of the training pictures", "equal", "equal", "counts"),
		&cli.StringFlag{Name: "penalty", DefaultText: "auto", Usage: "penalise squared weights by `L`, for ridge and logistic; auto chooses L"},
		&cli.IntFlag{Name: "projections", Usage: "use `N` random projections of the embeddings, drawn with --seed, for ridge"},
	}
}

// methodOf returns the method that the flags name.
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

// meanClassifier names the default, which is not fitted.
const meanClassifier = "mean"
