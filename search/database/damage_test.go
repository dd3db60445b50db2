package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"vs/data/transform"
	"vs/search/moments"
)

// answers is all that a database says, as text, or why it says nothing. Each question is asked
// whatever the others gave.
type answers struct {
	model, load, classes, sums string
	err                        map[string]error
	problems                   int
}

// ask reads a database in all ways.
func ask(path string) answers {
	ctx := context.Background()
	a := answers{err: map[string]error{}}
	db, err := OpenReadOnly(ctx, path)
	if err != nil {
		for _, question := range []string{"model", "load", "classes", "sums", "verify"} {
			a.err[question] = err
		}
		return a
	}
	defer db.Close()
	m, ok, err := db.Model(ctx)
	if err == nil && !ok {
		err = errUnbound
	}
	a.model, a.err["model"] = fmt.Sprint(m), err
	set, err := db.Load(ctx)
	if a.err["load"] = err; err == nil {
		a.load = fmt.Sprint(set)
	}
	a.classes, a.err["classes"] = askClasses(ctx, db)
	sums, err := db.LoadSums(ctx, moments.Plain, everyOther)
	a.sums, a.err["sums"] = sumsText(sums), err
	v, err := db.Verify(ctx)
	a.err["verify"] = err
	if a.problems = len(v.Problems); a.problems > 0 {
		a.err["verify"] = errors.New(v.Problems[0])
	}
	return a
}

// askClasses asks for the classes and their means, whatever the time of their last change.
func askClasses(ctx context.Context, db *DB) (string, error) {
	classes, err := db.Classes(ctx)
	for i := range classes {
		classes[i].Updated = ""
	}
	return fmt.Sprint(classes), err
}

// check compares the answers with those of the sound database: each must be the same, or an error.
func (a answers) check(sound answers) error {
	for question, pair := range map[string][2]string{"model": {a.model, sound.model}, "load": {a.load, sound.load}, "classes": {a.classes, sound.classes}, "sums": {a.sums, sound.sums}} {
		if a.err[question] == nil && pair[0] != pair[1] {
			return fmt.Errorf("%s answers %.200q, want %.200q or an error", question, pair[0], pair[1])
		}
	}
	// What is sound by verify's word must answer, too.
	if a.err["verify"] == nil {
		return errors.Join(a.err["model"], a.err["load"], a.err["classes"], a.err["sums"])
	}
	return nil
}

// databaseFile is the content of a database with pages of all kinds: inner ones, leaves, indexes.
func databaseFile(tb testing.TB) []byte { return augmentedFile(tb, transform.Augmentation{}) }

func augmentedFile(tb testing.TB, a transform.Augmentation) []byte {
	tb.Helper()
	return fileOf(tb, filepath.Join(tb.TempDir(), "a.db"), 30, a)
}

// smallFile is such a database of few pictures, in pages of 512 bytes: to read it all takes a
// fraction of a millisecond.
func smallFile(tb testing.TB) []byte {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "a.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = db.Exec("PRAGMA page_size = 512; VACUUM")
	if err = errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
	return fileOf(tb, path, 4, transform.Augmentation{})
}

// fileOf makes a database of that many pictures in each of three classes and returns its content.
func fileOf(tb testing.TB, path string, pictures int, a transform.Augmentation) []byte {
	tb.Helper()
	ctx := context.Background()
	db, err := Create(ctx, path)
	if err != nil {
		tb.Fatal(err)
	}
	m := meanModel
	if err := db.BindAugmented(ctx, m, a); err != nil {
		tb.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	err = db.write(ctx, func(w *writer) error {
		for _, class := range []string{"ash", "birch", "cedar"} {
			for i := range pictures {
				hash := make([]byte, 32)
				for k := range hash {
					hash[k] = byte(random.Uint32())
				}
				p := pictureRow{name: fmt.Sprintf("%03d.png", i), hash: hash, size: 99, embedding: []float32{random.Float32(), random.Float32(), random.Float32()}}
				if a.Instances > 0 {
					p.training = []float32{random.Float32(), random.Float32(), random.Float32()}
					for range a.Instances * 3 {
						p.instances = append(p.instances, random.Float32())
					}
				}
				if err := w.put(class, p); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		err = db.CountPictures(ctx, moments.Plain)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		tb.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestDamagedBytesAreNeverAWrongAnswer(t *testing.T) {
	t.Parallel()
	t.Run("without augmentation", func(t *testing.T) {
		t.Parallel()
		checkDamage(t, databaseFile(t))
	})
	t.Run("with augmentation", func(t *testing.T) {
		t.Parallel()
		checkDamage(t, augmentedFile(t, threeInstances))
	})
}

func checkDamage(t *testing.T, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "b.db")
	write(t, path, content)
	sound := ask(path)
	if err := errors.Join(sound.err["model"], sound.err["load"], sound.err["classes"], sound.err["sums"], sound.err["verify"]); err != nil {
		t.Fatal(err)
	}
	found := 0
	for trial := range 300 {
		random := rand.New(rand.NewPCG(17, uint64(trial)))
		damaged := append([]byte(nil), content...)
		var where []int
		for range 1 + random.IntN(4) {
			at := random.IntN(len(damaged))
			if trial%3 == 0 {
				at = random.IntN(3) * 4096 % len(damaged) // where the headers and the pointers of pages lie
				at += random.IntN(128)
			}
			damaged[at] ^= byte(1 + random.IntN(255))
			where = append(where, at)
		}
		write(t, path, damaged)
		a := ask(path)
		if err := a.check(sound); err != nil {
			t.Errorf("trial %d, bytes %v: %v", trial, where, err)
		}
		if a.err["verify"] != nil {
			found++
		}
	}
	// The rest lies in space that no row uses.
	if found < 100 {
		t.Errorf("verify finds the damage in %d of 300 files only", found)
	}
}

func FuzzOpenDamaged(f *testing.F) {
	content := smallFile(f)
	f.Add(uint32(0), []byte("x"))
	f.Add(uint32(24), []byte{0, 0, 0, 2, 0, 0, 0, 99})
	for page := 512; page < len(content); page += 512 {
		f.Add(uint32(page), []byte{5, 0, 0, 0, 1})
		f.Add(uint32(page+2), []byte("0\x00\x00")) // it has no rows
		f.Add(uint32(page+8), []byte{0xff, 0xff, 0xff})
	}
	f.Add(uint32(len(content)), []byte("more"))
	// In memory where that can be had: a disk would take longer than all else.
	dir, err := os.MkdirTemp("/dev/shm", "vs-fuzz-*")
	if err != nil {
		dir = f.TempDir()
	}
	f.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "b.db")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		f.Fatal(err)
	}
	want := ask(path)
	if err := errors.Join(want.err["model"], want.err["load"], want.err["classes"], want.err["sums"], want.err["verify"]); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		from := int(at) % (len(content) + 1)
		damaged := append(append([]byte(nil), content[:from]...), patch...)
		if len(damaged) < len(content) {
			damaged = append(damaged, content[len(damaged):]...)
		}
		write(t, path, damaged)
		if err := ask(path).check(want); err != nil {
			t.Error(err)
		}
	})
}
