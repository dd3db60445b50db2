package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vs/search/classifier"
)

// Method is how pictures represent their class, and how a query is compared with them. The zero
// value is the mean of the embeddings with cosine similarity.
type Method struct {
	Pool       string `json:"pool,omitempty"`       // one of Pools; "" is "mean"
	Metric     string `json:"metric,omitempty"`     // one of Metrics; "" is "cosine"
	Prototypes int    `json:"prototypes,omitempty"` // vectors for each class, found by k-means; 0: one, made by the pool
	Neighbours int    `json:"neighbours,omitempty"` // training pictures that vote; 0: no vote, but the most similar class
	Seed       uint64 `json:"seed,omitempty"`       // of the k-means

	Classifier classifier.Spec `json:"classifier,omitzero"` // fitted to the training pictures, in place of all above
}

// fitted reports whether the method is a classifier that is fitted to the training pictures.
func (m Method) fitted() bool { return m.Classifier.Kind != "" }

// Pools are the ways to make one vector of a class's embeddings.
var Pools = []string{poolMean, poolNormalizedMean, poolMedian, poolMedoid}

// Metrics are the ways to compare a query with such a vector. The larger the more similar: "l2" is
// the negative of the squared Euclidean distance.
var Metrics = []string{metricCosine, metricDot, metricL2}

const (
	poolMean           = "mean"
	poolNormalizedMean = "normalized-mean"
	poolMedian         = "median"
	poolMedoid         = "medoid"

	metricCosine = "cosine"
	metricDot    = "dot"
	metricL2     = "l2"
)

// Validate reports whether there is such a method.
func (m Method) Validate() error {
	if m.fitted() {
		return m.validateFitted()
	}
	switch {
	case m.Classifier != (classifier.Spec{}):
		return errors.New("--power, --shrinkage, --priors, --penalty and --projections are parameters of a --classifier; name one, or leave them out")
	case m.Pool != "" && !slices.Contains(Pools, m.Pool):
		return fmt.Errorf("no pool %q: choose %s", m.Pool, strings.Join(Pools, ", "))
	case m.Metric != "" && !slices.Contains(Metrics, m.Metric):
		return fmt.Errorf("no metric %q: choose %s", m.Metric, strings.Join(Metrics, ", "))
	case m.Prototypes < 0 || m.Prototypes == 1:
		return fmt.Errorf("--prototypes %d: use at least 2; one for each class is --pool %s", m.Prototypes, poolNormalizedMean)
	case m.Neighbours < 0:
		return fmt.Errorf("--neighbours %d: use at least 1", m.Neighbours)
	case m.Prototypes > 0 && m.Neighbours > 0:
		return errors.New("--prototypes and --neighbours are two methods; leave out one of them")
	case m.Prototypes > 0 && m.Pool != "":
		return errors.New("--pool makes one vector of a class and --prototypes several; leave out one of them")
	case m.Neighbours > 0 && m.Pool != "":
		return errors.New("--pool makes one vector of a class and --neighbours keeps all pictures; leave out one of them")
	case m.Prototypes > 0 && m.metric() != metricCosine:
		return fmt.Errorf("--metric %s: --prototypes are found and compared by cosine similarity; leave out --metric", m.Metric)
	case m.Neighbours > 0 && m.metric() != metricCosine:
		return fmt.Errorf("--metric %s: --neighbours are weighted by cosine similarity; leave out --metric", m.Metric)
	}
	return nil
}

func (m Method) validateFitted() error {
	if err := m.Classifier.Validate(); err != nil {
		return err
	}
	if m.Pool != "" || m.Metric != "" || m.Prototypes != 0 || m.Neighbours != 0 {
		return fmt.Errorf("--classifier %s is a method of its own; leave out --pool, --metric, --prototypes and --neighbours", m.Classifier.Kind)
	}
	return nil
}

// IsDefault reports whether this is the mean with cosine similarity, which [Open] answers from
// the sums in the database.
func (m Method) IsDefault() bool { return m.String() == Method{}.String() }

// String returns a short name for tables, such as "mean, cosine" or "10 neighbours, cosine".
func (m Method) String() string {
	if m.fitted() {
		return m.Classifier.String()
	}
	what := m.pool()
	switch {
	case m.Prototypes > 0:
		what = fmt.Sprintf("%d prototypes", m.Prototypes)
	case m.Neighbours == 1:
		what = "1 neighbour"
	case m.Neighbours > 0:
		what = fmt.Sprintf("%d neighbours", m.Neighbours)
	}
	return what + ", " + m.metric()
}

func (m Method) pool() string {
	if m.Pool == "" {
		return poolMean
	}
	return m.Pool
}

func (m Method) metric() string {
	if m.Metric == "" {
		return metricCosine
	}
	return m.Metric
}

// SweepMethods are the methods worth trying when the classes have that many training pictures each,
// the default one first: the pools, 2, 4 and 8 prototypes, 1, 5, 10 and 20 neighbours, and the mean
// with the other metrics. More prototypes than the smallest class has pictures, and more neighbours
// than there are pictures, are left out.
func SweepMethods(counts []int, seed uint64) []Method {
	methods := []Method{{}}
	for _, pool := range Pools[1:] {
		methods = append(methods, Method{Pool: pool})
	}
	total, smallest := 0, 0
	for c, n := range counts {
		total += n
		if c == 0 || n < smallest {
			smallest = n
		}
	}
	for _, n := range []int{2, 4, 8} {
		if n <= smallest {
			methods = append(methods, Method{Prototypes: n, Seed: seed})
		}
	}
	for _, n := range []int{1, 5, 10, 20} {
		if n <= total {
			methods = append(methods, Method{Neighbours: n})
		}
	}
	for _, metric := range Metrics[1:] {
		methods = append(methods, Method{Metric: metric})
	}
	for _, kind := range classifier.Kinds {
		methods = append(methods, Method{Classifier: classifier.Spec{Kind: kind}})
	}
	return methods
}

// shown is the score of a class for users: classes without a vote have 0.
func (m Method) shown(score float32) float32 {
	if m.Neighbours > 0 {
		return max(0, score)
	}
	return score
}

// checkNeighbours refuses more neighbours than there are training pictures.
func (m Method) checkNeighbours(pictures int) error {
	if m.Neighbours > pictures {
		return fmt.Errorf("--neighbours %d: there are only %d training pictures; use at most as many", m.Neighbours, pictures)
	}
	return nil
}
