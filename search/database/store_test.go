package database

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// unsummed is the number of classes whose sum is still to be made.
func unsummed(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.sql.QueryRow("SELECT count(*) FROM class WHERE length(sum) = 0").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Pictures between those of a class leave its sum open until the end, so that a large class is read
// once, not once a batch.
func TestASessionThatIsCutOffMayLeaveASumOpen(t *testing.T) {
	ctx := context.Background()
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 3)
	s, err := db.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	between := named(shade("blue", 9, false), "blue/000-01.png")
	var b Batch
	b.Put(between)
	if err := s.Write(ctx, &b); err != nil {
		t.Fatal(err)
	}
	if unsummed(t, db) != 1 {
		t.Fatal("the sum is not open, and this test tests nothing")
	}
	checkSound(t, db)

	// Answers are those of a database that got the same pictures in order.
	fresh := openBound(t, filepath.Join(t.TempDir(), "b.db"))
	ordered := shades(3, false)
	if err := storeAll(ctx, fresh, append(append(ordered[:1:1], between), ordered[1:]...)); err != nil {
		t.Fatal(err)
	}
	got, gotErr := askClasses(ctx, db)
	want, wantErr := askClasses(ctx, fresh)
	if err := errors.Join(gotErr, wantErr); err != nil || got != want {
		t.Errorf("answers %s, want %s (%v)", got, want, err)
	}
	if err := s.Finish(ctx); err != nil || unsummed(t, db) != 0 {
		t.Errorf("the sum is still open (%v)", err)
	}
	checkSums(t, db)
	checkSound(t, db)
	if a, b := fmt.Sprint(content(t, db)["green"]), fmt.Sprint(content(t, fresh)["green"]); a != b {
		t.Errorf("class green %s, want %s", a, b)
	}
}
