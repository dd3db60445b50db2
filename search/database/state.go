package database

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// State says which classes a database has, so that what was made of them can be told from what
// would be made of them now.
type State struct {
	Model        Model
	Augmentation string
	Classes      []ClassState // in the order of their labels
	Means        [][]float32  // [C][D] of the vectors that represent the classes

	// Digest is the same as long as nothing changes that an answer depends on.
	Digest string
}

// ClassState is one class.
type ClassState struct {
	Label    string `json:"label"`
	Pictures int    `json:"pictures"`

	// Vectors is a digest of the sum of the vectors that represent the class, and so the same in
	// any database with the same pictures.
	Vectors string `json:"vectors"`
}

// State reads the state of the database, from the sums of its classes alone.
func (d *DB) State(ctx context.Context) (*State, error) {
	s := &State{}
	err := d.viewModel(ctx, func(q querier, m *modelRow) error {
		classes, err := allClasses(ctx, q, m)
		if err != nil {
			return err
		}
		s.Model, s.Augmentation = m.Model, m.augmentation.String()
		all := sha256.New()
		fmt.Fprintf(all, "%q %q %d %q\n", m.Hash, m.Recipe, m.EmbeddingDim, s.Augmentation)
		for _, c := range classes {
			vectors := sha256.New()
			vectors.Write(binary.LittleEndian.AppendUint64(nil, uint64(c.count)))
			vectors.Write(encodeFloat64(c.sum))
			one := ClassState{c.name, c.count, hex.EncodeToString(vectors.Sum(nil)[:16])}
			s.Classes, s.Means = append(s.Classes, one), append(s.Means, c.mean())
			fmt.Fprintf(all, "%q %d %s %d\n", one.Label, one.Pictures, one.Vectors, c.pictures)
		}
		s.Digest = hex.EncodeToString(all.Sum(nil))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read database %s: %w", d.path, err)
	}
	return s, nil
}

// Labels are those of the classes.
func (s *State) Labels() []string {
	var labels []string
	for _, c := range s.Classes {
		labels = append(labels, c.Label)
	}
	return labels
}
