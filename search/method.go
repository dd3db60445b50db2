package search

import (
	"fmt"
	"slices"
	"strings"
)

// Method is how pictures stand for their class, and how a query is compared with them. The zero value is the mean of
// the embeddings with cosine similarity.
type Method struct {
	Pool   string // one of Pools; "" is "mean"
	Metric string // one of Metrics; "" is "cosine"
}

// Pools are the ways to make one vector of a class's embeddings.
var Pools = []string{"mean"}

// Metrics are the ways to compare a query with such a vector.
var Metrics = []string{"cosine"}

// Validate tells whether there is such a method.
func (m Method) Validate() error {
	if m.Pool != "" && !slices.Contains(Pools, m.Pool) {
		return fmt.Errorf("no pool %q: choose %s", m.Pool, strings.Join(Pools, ", "))
	}
	if m.Metric != "" && !slices.Contains(Metrics, m.Metric) {
		return fmt.Errorf("no metric %q: choose %s", m.Metric, strings.Join(Metrics, ", "))
	}
	return nil
}
