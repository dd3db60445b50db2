package search

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"vs/search/database"
	"vs/search/exchange"
)

// colourDatabase is a database of that many shades of each colour, each embedded as its red, green
// and blue.
func colourDatabase(t *testing.T, counts map[string]int) *database.DB {
	t.Helper()
	colours := map[string][3]float32{"blue": {20, 20, 200}, "green": {20, 200, 20}, "red": {200, 20, 20}, "scarlet": {200, 20, 20}}
	model := exchange.Model{Name: "mean", Hash: "0123456789abcdef", EmbeddingDim: 3, Metadata: "{}"}
	table := &exchange.Table{What: exchange.Pictures, Dim: 3, Model: &model}
	for label, n := range counts {
		for i := range n {
			table.Labels = append(table.Labels, label)
			table.Files = append(table.Files, fmt.Sprintf("%s/%03d.png", label, i))
			for k, v := range colours[label] {
				table.Rows = append(table.Rows, (v+float32(i)*[3]float32{3, 1, 2}[k])/255)
			}
		}
	}
	db, err := database.Create(context.Background(), filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Import(context.Background(), table, database.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestSimilarClasses(t *testing.T) {
	ctx := context.Background()
	db := colourDatabase(t, map[string]int{"blue": 2, "green": 2, "red": 2, "scarlet": 3})
	classes, err := db.Classes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	similar, err := SimilarClasses(ctx, classes)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, c := range classes {
		got = append(got, c.Label+" "+similar[i].Label)
		if similar[i].Score > 1.000001 || similar[i].Score <= 0 {
			t.Errorf("%s: similarity %v", c.Label, similar[i].Score)
		}
	}
	if want := []string{"blue scarlet", "green scarlet", "red scarlet", "scarlet red"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if similar, err := SimilarClasses(ctx, classes[:1]); err != nil || len(similar) != 1 || similar[0] != nil {
		t.Errorf("the only class has a similar one: %v, %v", similar, err)
	}
}
