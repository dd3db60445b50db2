package database

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vs/data"
	"vs/data/transform"
	"vs/search/moments"
)

// everyOther chooses pictures.
func everyOther(counts []int) (places []int) {
	total := 0
	for _, n := range counts {
		total += n
	}
	for i := 0; i < total; i += 2 {
		places = append(places, i)
	}
	return places
}

func none([]int) []int { return nil }

func mustCount(t testing.TB, db *DB) {
	t.Helper()
	if err := db.CountPictures(context.Background(), moments.Plain); err != nil {
		t.Fatal(err)
	}
}

// sumsText writes sums as text.
func sumsText(s *Sums) string {
	if s == nil {
		return "none"
	}
	text := fmt.Sprint(s.Labels, s.Counts, s.Dim)
	for _, one := range s.Sums {
		text += fmt.Sprintf("\n%v %v %x", one.Power, one.Classes, one.Products.Encode())
	}
	if s.Chosen != nil {
		text += fmt.Sprintf("\n%v", s.Chosen)
	}
	return text
}

func mustSums(t testing.TB, db *DB, choose func([]int) []int) string {
	t.Helper()
	s, err := db.LoadSums(context.Background(), moments.Plain, choose)
	if err != nil {
		t.Fatal(err)
	}
	return sumsText(s)
}

// sumsOfPictures makes the sums of all pictures.
func sumsOfPictures(t *testing.T, db *DB) string {
	t.Helper()
	set := mustLoad(t, db)
	if len(set.Names) < sumsFrom*set.Dim {
		return sumsText(nil)
	}
	out := &Sums{Labels: set.Labels, Counts: set.Counts, Dim: set.Dim}
	classes := set.Classes()
	for _, power := range moments.Powers {
		s := moments.NewSums(power, len(set.Labels), set.Dim)
		examples, each := set.TrainingVectors(), set.ExamplesEach()
		if set.Examples != nil {
			examples = set.Examples
		}
		for i := range len(examples) / set.Dim {
			c := classes[i/each]
			feature := make([]int64, set.Dim)
			moments.Round(feature, examples[i*set.Dim:(i+1)*set.Dim], power, make([]float64, set.Dim))
			for j, v := range feature {
				s.Classes[c][j] += v
			}
			if err := s.Products.Add(feature, 1, moments.Plain); err != nil {
				t.Fatal(err)
			}
		}
		out.Sums = append(out.Sums, s)
	}
	var left []int
	for i := 1; i < len(set.Names); i += 2 {
		left = append(left, i)
	}
	out.Chosen = set.Without(left)
	return sumsText(out)
}

// keptIn returns how many pictures the sums in a file count, and how many have gone from them.
func keptIn(t *testing.T, db *DB) (counted, gone int) {
	t.Helper()
	for query, n := range map[string]*int{"SELECT ifnull(sum(count), 0) FROM moment_class": &counted, "SELECT count(*) FROM moment_gone": &gone} {
		if err := db.sql.QueryRow(query).Scan(n); err != nil {
			t.Fatal(err)
		}
	}
	return counted, gone
}

// Whatever happens to a database, the sums are those of the pictures that it has.
func TestSumsAreThoseOfThePicturesAfterAnyHistory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 11))
			augmented := seed%3 == 0
			var a transform.Augmentation
			if augmented {
				a = threeInstances
			}
			db := openAugmented(t, filepath.Join(t.TempDir(), "a.db"), a)
			labels := []string{"ash", "birch", "cedar", "deep", "elm"}
			some := func(label string) (pictures []Picture) {
				for range 1 + random.IntN(9) {
					p := shade([]string{"red", "green", "blue"}[random.IntN(3)], random.IntN(40), augmented)
					p.Label, p.Name = label, fmt.Sprintf("%02d.png", random.IntN(25))
					if random.IntN(4) == 0 {
						p.Name = "nested/" + p.Name
					}
					pictures = append(pictures, p)
				}
				return pictures
			}
			if err := storeAll(ctx, db, some("ash")); err != nil {
				t.Fatal(err)
			}
			for step := range 60 {
				var err error
				set := mustLoad(t, db)
				any := func() string { return set.Labels[random.IntN(len(set.Labels))] }
				switch action := random.IntN(9); {
				case len(set.Labels) == 0 || action < 3:
					err = storeAll(ctx, db, some(labels[random.IntN(len(labels))]))
				case action == 3:
					_, err = db.Remove(ctx, []string{any()})
				case action == 4 && len(set.Labels) > 1:
					from := random.Perm(len(set.Labels))[:2]
					_, err = db.Merge(ctx, []string{set.Labels[from[0]], set.Labels[from[1]]}, set.Labels[from[random.IntN(2)]])
				case action == 5:
					if name := labels[random.IntN(len(labels))]; !slices.Contains(set.Labels, name) {
						err = db.Rename(ctx, any(), name)
					}
				case action == 6: // some pictures go
					folder := &data.Folder{Labels: set.Labels}
					for i, c := range set.Classes() {
						if random.IntN(4) > 0 {
							folder.Pictures = append(folder.Pictures, data.Picture{Label: c, Name: set.Names[i]})
						}
					}
					_, err = db.Prune(ctx, folder)
				case action == 7:
					_, _, err = db.Vacuum(ctx)
				default:
					mustCount(t, db)
				}
				if err != nil {
					t.Fatal(err)
				}
				if got, want := mustSums(t, db, everyOther), sumsOfPictures(t, db); got != want {
					t.Fatalf("step %d: sums\n%s\nwant\n%s", step, got, want)
				}
				checkSound(t, db)
			}
		})
	}
}

// manyShades stores enough pictures for sums, and counts them.
func manyShades(t *testing.T, n int) (db *DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.db")
	db = openBound(t, path)
	fill(t, db, n)
	mustCount(t, db)
	if counted, gone := keptIn(t, db); counted != 3*n || gone != 0 {
		t.Fatalf("%d pictures are counted and %d gone, want %d and 0", counted, gone, 3*n)
	}
	return db, path
}

func TestAddingAndRemovingAClassLeavesTheSameSums(t *testing.T) {
	ctx := context.Background()
	db, _ := manyShades(t, 9)
	before := mustSums(t, db, everyOther)
	for _, count := range []bool{false, true} {
		var more []Picture
		for i := range 11 {
			more = append(more, named(shade("red", 30+i, false), fmt.Sprintf("extra/%d.png", i)))
		}
		if err := storeAll(ctx, db, more); err != nil {
			t.Fatal(err)
		}
		if count {
			mustCount(t, db)
		}
		if mustSums(t, db, everyOther) == before {
			t.Error("a class more changes nothing")
		}
		if _, err := db.Remove(ctx, []string{"extra"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := mustSums(t, db, everyOther); got != before {
				t.Errorf("counted: %v: sums\n%s\nwant\n%s", count, got, before)
			}
			checkSound(t, db)
			mustCount(t, db)
		}
		if counted, gone := keptIn(t, db); counted != 27 || gone != 0 {
			t.Errorf("counted: %v: %d pictures are counted and %d gone, want 27 and 0", count, counted, gone)
		}
	}
}

// The pictures of the other classes are made unreadable, and nobody notices.
func TestRemovingAClassDoesNotReadThePicturesOfOthers(t *testing.T) {
	ctx := context.Background()
	db, path := manyShades(t, 30)
	whole, err := db.LoadSums(ctx, moments.Plain, none)
	if err != nil {
		t.Fatal(err)
	}
	execSQL(t, path, "UPDATE picture SET embedding = x'00', hash = x'' WHERE class_id != (SELECT id FROM class WHERE name = 'green')")
	if _, err := db.Load(ctx); !errors.Is(err, errDamaged) {
		t.Fatalf("the pictures are read: %v", err)
	}
	if _, err := db.Remove(ctx, []string{"green"}); err != nil {
		t.Fatal(err)
	}
	left, err := db.LoadSums(ctx, moments.Plain, none)
	if err != nil {
		t.Fatal(err)
	}
	mustCount(t, db)
	counted, err := db.LoadSums(ctx, moments.Plain, none)
	if err != nil || sumsText(counted) != sumsText(left) {
		t.Errorf("counting changes the sums (%v)", err)
	}
	if !slices.Equal(left.Labels, []string{"blue", "red"}) || !slices.Equal(left.Sums[0].Classes[1], whole.Sums[0].Classes[2]) {
		t.Errorf("%v with other sums", left.Labels)
	}
	if _, gone := keptIn(t, db); gone != 0 {
		t.Errorf("%d pictures of the removed class are still open", gone)
	}
}

func TestThePicturesWithTheGreatestIdsMayGo(t *testing.T) {
	ctx := context.Background()
	db, _ := manyShades(t, 10)
	if _, err := db.Remove(ctx, []string{"red"}); err != nil { // stored last
		t.Fatal(err)
	}
	if err := storeAll(ctx, db, []Picture{named(shade("red", 35, false), "late/1.png"), named(shade("green", 39, false), "late/2.png")}); err != nil {
		t.Fatal(err)
	}
	if got, want := mustSums(t, db, everyOther), sumsOfPictures(t, db); got != want {
		t.Errorf("sums\n%s\nwant\n%s", got, want)
	}
	checkSound(t, db)
}

func TestADamagedPictureThatGoesTakesTheSumsWithIt(t *testing.T) {
	ctx := context.Background()
	db, path := manyShades(t, 12)
	execSQL(t, path, "UPDATE picture SET crc = crc + 1 WHERE id = 20")
	if _, err := db.Remove(ctx, []string{"green"}); err != nil {
		t.Fatal(err)
	}
	if counted, gone := keptIn(t, db); counted != 0 || gone != 0 {
		t.Errorf("%d pictures are counted and %d gone, want none", counted, gone)
	}
	checkSound(t, db)
	if got, want := mustSums(t, db, everyOther), sumsOfPictures(t, db); got != want {
		t.Errorf("sums\n%s\nwant\n%s", got, want)
	}
}

func TestSumsAreForManyPictures(t *testing.T) {
	ctx := context.Background()
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	if err := db.CountPictures(ctx, moments.Plain); err != nil {
		t.Errorf("an empty database: %v", err)
	}
	fill(t, db, 3) // 9 pictures of 3 dimensions
	mustCount(t, db)
	if counted, _ := keptIn(t, db); counted != 0 || mustSums(t, db, none) != "none" {
		t.Errorf("%d of 9 pictures are counted", counted)
	}
	fill(t, db, 4)
	mustCount(t, db)
	if counted, _ := keptIn(t, db); counted != 12 {
		t.Errorf("%d of 12 pictures are counted", counted)
	}
	if _, err := db.Remove(ctx, []string{"red"}); err != nil {
		t.Fatal(err)
	}
	if mustSums(t, db, none) != "none" {
		t.Error("8 pictures have sums")
	}
	checkSound(t, db)
	mustCount(t, db)
	if counted, gone := keptIn(t, db); counted != 0 || gone != 0 {
		t.Errorf("%d of 8 pictures are counted and %d gone, want no sums", counted, gone)
	}
}

func TestFewOpenPicturesWait(t *testing.T) {
	db, _ := manyShades(t, 10)
	if err := storeAll(context.Background(), db, []Picture{named(shade("red", 36, false), "new/1.png"), named(shade("red", 37, false), "new/2.png")}); err != nil {
		t.Fatal(err)
	}
	mustCount(t, db)
	if counted, _ := keptIn(t, db); counted != 30 {
		t.Errorf("%d pictures are counted, want 30: two more are not worth it", counted)
	}
}

func TestManyPicturesAreCountedInBlocks(t *testing.T) {
	ctx := context.Background()
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	var pictures []Picture
	for i := range countAtOnce + 9 {
		p := shade("red", i%40, false)
		p.Label, p.Name, p.Hash = "red", fmt.Sprintf("%05d.png", i), sha256.Sum256(fmt.Append(nil, i))
		p.Embedding[0] += float32(i)
		pictures = append(pictures, p)
	}
	if err := storeAll(ctx, db, pictures); err != nil {
		t.Fatal(err)
	}
	direct := mustSums(t, db, none)
	mustCount(t, db)
	if counted, _ := keptIn(t, db); counted != len(pictures) || mustSums(t, db, none) != direct {
		t.Errorf("%d of %d pictures are counted, or other sums", counted, len(pictures))
	}
	if err := storeAll(ctx, db, shades(4, false)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Remove(ctx, []string{"red"}); err != nil {
		t.Fatal(err)
	}
	mustCount(t, db)
	if counted, gone := keptIn(t, db); counted != 0 || gone != 0 { // 8 pictures are left
		t.Errorf("%d pictures are counted and %d gone", counted, gone)
	}
}

func TestVerifyFindsWrongSums(t *testing.T) {
	// Each change is right by its own checksum, as a program that errs would write it.
	tests := []struct {
		name string
		edit func(t *testing.T, db *DB) error
		want string
	}{
		{"products of other pictures", func(t *testing.T, db *DB) error {
			return db.write(t.Context(), func(w *writer) error {
				row, err := w.moments()
				if err != nil {
					return err
				}
				products, err := readProducts(w.ctx, w, &w.model, row)
				if err != nil {
					return err
				}
				if err := products[1].Add([]int64{1, 0, 0}, 1, moments.Plain); err != nil {
					return err
				}
				return w.writeProducts(products)
			})
		}, "under the power 1 are not those"},
		{"a class's sums of other pictures", func(t *testing.T, db *DB) error {
			return db.write(t.Context(), func(w *writer) error {
				if _, err := w.moments(); err != nil {
					return err
				}
				c, err := w.classMoments(2)
				c.sums[0][1]++
				c.changed, w.sums.changed = true, true
				return err
			})
		}, "class green: its sums"},
		{"a picture that is said not to be counted", func(t *testing.T, db *DB) error {
			return db.write(t.Context(), func(w *writer) error {
				row, err := w.moments()
				row.counted--
				w.sums.changed = true
				return err
			})
		}, "class red: its sums"},
		{"a row of the products is missing", func(t *testing.T, db *DB) error {
			_, err := db.sql.Exec("DELETE FROM moment_products WHERE power = 0")
			return err
		}, "products for classifiers"},
		{"a class's row is missing", func(t *testing.T, db *DB) error {
			_, err := db.sql.Exec("DELETE FROM moment_class WHERE class_id = 1")
			return err
		}, "do not match their checksum"},
		{"a row of what has gone is missing", func(t *testing.T, db *DB) error {
			if _, err := db.Remove(t.Context(), []string{"blue"}); err != nil {
				return err
			}
			_, err := db.sql.Exec("DELETE FROM moment_gone WHERE id = 3")
			return err
		}, "have gone do not match"},
		{"the row of all sums is damaged", func(t *testing.T, db *DB) error {
			_, err := db.sql.Exec("UPDATE moments SET counted = 5")
			return err
		}, "checksum of the sums"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := manyShades(t, 10)
			if err := tt.edit(t, db); err != nil {
				t.Fatal(err)
			}
			v, err := db.Verify(t.Context())
			if err != nil || !slices.ContainsFunc(v.Problems, func(p string) bool { return strings.Contains(p, tt.want) }) {
				t.Errorf("problems %q (%v), want one with %q", v.Problems, err, tt.want)
			}
		})
	}
}

func TestStateSaysWhatHasChanged(t *testing.T) {
	ctx := context.Background()
	state := func(db *DB) *State {
		t.Helper()
		s, err := db.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	db := openBound(t, filepath.Join(t.TempDir(), "a.db"))
	fill(t, db, 4)
	before := state(db)
	if err := storeAll(ctx, db, []Picture{named(shade("red", 9, false), "new/1.png")}); err != nil {
		t.Fatal(err)
	}
	if s := state(db); s.Digest == before.Digest || len(s.Classes) != 4 || s.Classes[0] != before.Classes[0] {
		t.Errorf("a class more: %+v", s)
	}
	if _, err := db.Remove(ctx, []string{"new"}); err != nil {
		t.Fatal(err)
	}
	if s := state(db); s.Digest != before.Digest || !slices.Equal(s.Classes, before.Classes) {
		t.Errorf("after removing it: %+v, want %+v", s, before)
	}
	// The same pictures elsewhere, in another order.
	other := openBound(t, filepath.Join(t.TempDir(), "b.db"))
	pictures := shades(4, false)
	slices.Reverse(pictures)
	if err := storeAll(ctx, other, pictures); err != nil {
		t.Fatal(err)
	}
	if s := state(other); !slices.Equal(s.Classes, before.Classes) {
		t.Errorf("in another database: %+v, want %+v", s.Classes, before.Classes)
	}
}
