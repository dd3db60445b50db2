package database

import (
	"context"
	"errors"
	"slices"

	"vs/search/moments"
)

// sumsVerifier makes the sums for classifiers from the pictures: those of the classes themselves,
// and of the products a check.
type sumsVerifier struct {
	rounder
	row        momentsRow
	products   [len(moments.Powers)]*moments.Products
	checks     [len(moments.Powers)]*moments.Check
	written    map[int64]*classMoments
	found      map[int64]*classMoments
	unreadable bool // a picture that is counted, so that nothing can be compared
}

// readSums reads the sums that are kept, if any. What is damaged is a problem, and then the rest
// cannot be compared.
func (v *verifier) readSums(ctx context.Context, q querier) (*sumsVerifier, error) {
	row, kept, err := readMoments(ctx, q, &v.model)
	if err != nil || !kept {
		return nil, v.damageIs(err)
	}
	s := &sumsVerifier{row: row, written: make(map[int64]*classMoments), found: make(map[int64]*classMoments)}
	for i := range s.checks {
		s.checks[i] = moments.NewCheck(v.model.EmbeddingDim)
	}
	if s.products, err = readProducts(ctx, q, &v.model, &row); err != nil {
		return nil, v.damageIs(err)
	}
	var sum int64
	err = readClassMoments(ctx, q, &v.model, func(c *classMoments) error {
		sum += c.crc
		s.written[c.class] = c
		return nil
	}, "")
	if err == nil && sum != row.classes {
		err = damagef("the sums of the classes for classifiers do not match their checksum")
	}
	if err != nil {
		return nil, v.damageIs(err)
	}
	sum, err = readGone(ctx, q, &v.model, -1, func(_ int64, examples []float32) error {
		s.check(s.features(examples, v.model.EmbeddingDim))
		return nil
	})
	if err == nil && sum != row.gone {
		err = damagef("the pictures that have gone do not match their checksum")
	}
	if err != nil {
		return nil, v.damageIs(err)
	}
	return s, nil
}

// damageIs adds damage to the problems and returns any other error.
func (v *verifier) damageIs(err error) error {
	if !errors.Is(err, errDamaged) {
		return err
	}
	v.problem("%v", err)
	return nil
}

func (s *sumsVerifier) check(list []features) {
	for _, f := range list {
		for i, c := range s.checks {
			c.Add(f[i])
		}
	}
}

// add counts a picture.
func (s *sumsVerifier) add(p *pictureRow, damage error) {
	if p.id > s.row.counted {
		return
	}
	if damage != nil || slices.ContainsFunc(p.examples(), notFinite) {
		s.unreadable = true
		return
	}
	list := s.features(p.examples(), len(p.embedding))
	s.check(list)
	if s.found[p.class] == nil {
		s.found[p.class] = newClassMoments(p.class, len(p.embedding))
	}
	s.found[p.class].add(p.name, list, 1)
}

// compareSums compares what is written with what was found.
func (v *verifier) compareSums() {
	s := v.sums
	if s.unreadable {
		return
	}
	for id, found := range s.found {
		class := v.classes[id]
		if written := s.written[id]; written == nil || written.count != found.count || written.names != found.names ||
			!slices.EqualFunc(written.sums[:], found.sums[:], slices.Equal[[]int64]) {
			v.problem("class %s: its sums for classifiers are not those of its pictures", class.written.name)
		}
	}
	for id := range s.written {
		if s.found[id] == nil {
			v.problem("there are sums for classifiers of a class without pictures")
		}
	}
	for i, check := range s.checks {
		if !check.Agrees(s.products[i]) {
			v.problem("the products for classifiers under the power %v are not those of the pictures", moments.Powers[i])
		}
	}
}
