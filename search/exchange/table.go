package exchange

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"vs/data"
	"vs/data/text"
)

// What says what the rows of a table are.
type What string

// The kinds of rows.
const (
	Classes  What = "classes"  // a class and its mean embedding
	Pictures What = "pictures" // a picture and its embedding
)

// MaxDim is the largest size of an embedding that is read or written.
const MaxDim = 1 << 16

// Table is embeddings with what they belong to.
type Table struct {
	What   What
	Labels []string   // [N] the class of each row
	Files  []string   // [N] label/name of each picture, nil for classes
	Hashes [][32]byte // [N] SHA-256 of each picture's content, nil where it is not known
	Counts []int64    // [N] pictures of each class, nil where they are not known
	Dim    int        // D
	Rows   []float32  // [N, D]
	Model  *Model     // nil where it is not known
}

// Model is the model that embeddings are from, as files and databases describe it.
type Model struct {
	Name         string
	Hash         string // SHA-256 of the model file, hexadecimal
	Recipe       string // canonical form of transform and precision
	EmbeddingDim int
	NumParams    int64
	Metadata     string // vs.json
}

// row returns the embedding of row i.
func (t *Table) row(i int) []float32 { return t.Rows[i*t.Dim : (i+1)*t.Dim] }

// Name returns the file name of picture i within its class.
func (t *Table) Name(i int) string { return strings.TrimPrefix(t.Files[i], t.Labels[i]+"/") }

// Check returns an error unless the table is complete: every row has a label and every picture a
// file, names are such that all formats hold them, no row appears twice, and all numbers are
// finite. [Write] writes and [Read] gives no other.
func (t *Table) Check() error {
	if err := t.checkSizes(); err != nil {
		return err
	}
	seen := make(map[string]bool, len(t.Labels))
	for i, label := range t.Labels {
		if err := data.CheckLabel(label); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
		key := label
		if t.What == Pictures {
			key = t.Files[i]
			name, ok := strings.CutPrefix(key, label+"/")
			if !ok {
				return fmt.Errorf("row %d: file %q is not of the form %s/NAME", i+1, key, label)
			}
			if err := data.CheckPicture(name); err != nil {
				return fmt.Errorf("row %d: file %q: the name %w", i+1, key, err)
			}
		}
		if seen[key] {
			return fmt.Errorf("row %d: %q is there already", i+1, key)
		}
		seen[key] = true
	}
	for i, n := range t.Counts {
		if n < 1 {
			return fmt.Errorf("row %d: class %q has %d pictures", i+1, t.Labels[i], n)
		}
	}
	for i, v := range t.Rows {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("row %d: element %d of the embedding is %v, not a finite number", i/t.Dim+1, i%t.Dim, v)
		}
	}
	return nil
}

func (t *Table) checkSizes() error {
	n := len(t.Labels)
	switch {
	case t.What != Classes && t.What != Pictures:
		return fmt.Errorf("rows of %q; they must be %s or %s", t.What, Classes, Pictures)
	case n == 0:
		return errors.New("it has no rows")
	case t.Dim < 1 || t.Dim > MaxDim:
		return fmt.Errorf("embeddings of %d elements; they must have 1 to %d", t.Dim, MaxDim)
	case len(t.Rows)/t.Dim != n || len(t.Rows)%t.Dim != 0:
		return fmt.Errorf("%d labels, but %d numbers for embeddings of %d", n, len(t.Rows), t.Dim)
	case t.What == Pictures && len(t.Files) != n:
		return fmt.Errorf("%d labels, but %d files", n, len(t.Files))
	case t.What == Classes && t.Files != nil:
		return errors.New("classes have no files")
	case t.Hashes != nil && (t.What == Classes || len(t.Hashes) != n):
		return fmt.Errorf("%d hashes for %d %s", len(t.Hashes), n, t.What)
	case t.Counts != nil && (t.What == Pictures || len(t.Counts) != n):
		return fmt.Errorf("%d counts for %d %s", len(t.Counts), n, t.What)
	case t.Model != nil && t.Model.EmbeddingDim != t.Dim:
		return fmt.Errorf("embeddings of %d elements, but the model %s makes %d", t.Dim, t.Model.Name, t.Model.EmbeddingDim)
	}
	return nil
}

// finish checks a table that was read. Files that were listed on Windows get slashes.
func (t *Table) finish() error {
	for i, file := range t.Files {
		if i < len(t.Labels) && strings.HasPrefix(file, t.Labels[i]+`\`) {
			t.Files[i] = strings.ReplaceAll(file, `\`, "/")
		}
	}
	return t.Check()
}

// schemaVersion is the value of the key schema.
const schemaVersion = "1"

// The keys of the metadata, which are the same in all formats that have some.
const (
	keySchema    = "schema"
	keyWhat      = "what"
	keyName      = "model_name"
	keyHash      = "model_hash"
	keyRecipe    = "transform"
	keyNumParams = "num_params"
	keyVSJSON    = "vs.json"
)

// metadata describes the table in a file.
func (t *Table) metadata() map[string]string {
	m := map[string]string{keySchema: schemaVersion, keyWhat: string(t.What)}
	if t.Model != nil {
		maps.Copy(m, map[string]string{
			keyName:      t.Model.Name,
			keyHash:      t.Model.Hash,
			keyRecipe:    t.Model.Recipe,
			keyNumParams: strconv.FormatInt(t.Model.NumParams, 10),
			keyVSJSON:    t.Model.Metadata,
		})
	}
	return m
}

// setMetadata takes kind and model from a file's metadata. Files of other programs may have
// neither. It is called when Dim is known.
func (t *Table) setMetadata(m map[string]string) error {
	if version, ok := m[keySchema]; ok && version != schemaVersion {
		return fmt.Errorf("its metadata has schema %q, and this program knows %s; update vs", version, schemaVersion)
	}
	if what, ok := m[keyWhat]; ok {
		t.What = What(what)
	}
	var missing []string
	keys := []string{keyName, keyHash, keyRecipe, keyNumParams, keyVSJSON}
	for _, key := range keys {
		if m[key] == "" {
			missing = append(missing, key)
		}
	}
	switch {
	case len(missing) == len(keys):
		return nil
	case len(missing) > 0:
		return fmt.Errorf("its metadata says something about the model, but lacks %s", strings.Join(missing, ", "))
	}
	for _, key := range []string{keyName, keyHash, keyRecipe} {
		if err := text.Check(m[key]); err != nil {
			return fmt.Errorf("its metadata has %s %q: the name %w", key, m[key], err)
		}
	}
	numParams, err := strconv.ParseInt(m[keyNumParams], 10, 64)
	if err != nil || numParams < 0 {
		return fmt.Errorf("its metadata has %s %q, which is not a number of parameters", keyNumParams, m[keyNumParams])
	}
	t.Model = &Model{m[keyName], m[keyHash], m[keyRecipe], t.Dim, numParams, m[keyVSJSON]}
	return nil
}

// Equal reports whether two tables hold the same, to the bit of each number.
func (t *Table) Equal(other *Table) bool {
	sameBits := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
	sameModel := t.Model == nil && other.Model == nil || t.Model != nil && other.Model != nil && *t.Model == *other.Model
	return t.What == other.What && t.Dim == other.Dim && sameModel &&
		slices.Equal(t.Labels, other.Labels) && slices.Equal(t.Files, other.Files) &&
		slices.Equal(t.Hashes, other.Hashes) && slices.Equal(t.Counts, other.Counts) &&
		slices.EqualFunc(t.Rows, other.Rows, sameBits)
}
