package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vs/search/database"
	"vs/search/exchange"
)

// written is the number of pictures in a database that another process may be writing.
func written(path string) int {
	db, err := database.OpenReadOnly(context.Background(), path)
	if err != nil {
		return 0
	}
	defer db.Close()
	set, err := db.Load(context.Background())
	if err != nil {
		return 0
	}
	return len(set.Names)
}

func TestStoppedEncodeGoesOnWhereItStopped(t *testing.T) {
	pictures := makePictures(t, 60, "ash", "birch", "cedar")
	reference := filepath.Join(t.TempDir(), "reference.npy")
	mustVS(t, "encode", "--model", "builtin", "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--npy", reference)
	want, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}

	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			db, npy := filepath.Join(dir, "a.db"), filepath.Join(dir, "a.npy")
			args := []string{"encode", "--model", "builtin", "--data", pictures, "--db", db, "--npy", npy, "--batch-size", "2", "--workers", "1"}
			cmd := exec.Command(os.Args[0], args...)
			cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for written(db) < 6 && cmd.Process.Signal(syscall.Signal(0)) == nil {
				time.Sleep(time.Millisecond)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); signal == syscall.SIGINT && code != exitInterrupted {
				t.Errorf("exit code %d (%v), want %d: %s", code, err, exitInterrupted, stderr.String())
			}
			kept := written(db)
			if kept < 6 || kept >= 180 {
				t.Fatalf("%d pictures kept, want at least 6 and not all 180", kept)
			}
			o := mustVS(t, args...)
			wantParts(t, strings.Join(strings.Fields(o.stdout), " "), "reused: "+strconv.Itoa(kept), "new: "+strconv.Itoa(180-kept))
			if got, err := os.ReadFile(npy); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the embeddings differ from those of a run without a stop (%v)", err)
			}
		})
	}
}

// killed runs a command line as a process and kills it: after a file has appeared that says that it
// is about to write, and then the delay. A process that ends before is not killed.
func killed(t *testing.T, sign string, delay time.Duration, args ...string) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	ended := func(err error) bool {
		if err != nil {
			t.Fatalf("vs %s: %v: %s", strings.Join(args, " "), err, stderr.String())
		}
		return false
	}
	for {
		select {
		case err := <-exit:
			return ended(err)
		case <-time.After(50 * time.Microsecond):
		}
		if _, err := os.Stat(sign); err == nil {
			break
		}
	}
	select {
	case err := <-exit:
		return ended(err)
	case <-time.After(delay):
	}
	if err := cmd.Process.Kill(); err != nil {
		return ended(<-exit)
	}
	<-exit
	return cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
}

func TestKilledAtAnyMomentTheDatabaseIsSound(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	pictures := makePictures(t, 25, "ash", "birch", "cedar", "elm")
	more := makePictures(t, 25, "fir", "oak")
	base := filepath.Join(t.TempDir(), "base.db")
	mustVS(t, "encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", base)
	content, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	from := " --quiet --batch-size 1 --model " + channelMeans + " --data " + more + " --db %s"
	tests := []struct {
		name   string
		kills  int
		fresh  bool   // the command makes the database
		counts []int  // of pictures that there may be afterwards; nil: any
		line   string // %s is the database
	}{
		{"encode into a new database", 10, true, nil, "encode" + from},
		{"encode", 10, false, nil, "encode --prune" + from},
		{"db add", 10, false, nil, "db add" + from},
		{"db remove", 12, false, []int{100, 50}, "db remove --db %s birch elm"},
		{"db merge", 12, false, []int{100}, "db merge --db %s --out tree cedar ash elm"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(17, uint64(i)))
			// About as long as the command writes, which depends on the machine: less after a
			// process that ended by itself, more after one that was killed.
			longest := 10 * time.Millisecond
			kills, attempts := 0, 0
			for ; kills < tt.kills && attempts < 20*tt.kills; attempts++ {
				db := filepath.Join(t.TempDir(), "a.db")
				sign := db + "-wal"
				if tt.fresh {
					sign = db
				} else {
					writeFile(t, db, content)
				}
				args := strings.Fields(fmt.Sprintf(tt.line, db))
				if !killed(t, sign, time.Duration(random.Int64N(int64(longest))), args...) {
					longest = longest*3/4 + 1
					continue
				}
				kills++
				longest = longest * 9 / 8
				if tt.fresh && !bound(db) {
					// Killed before there was anything; the same command makes it.
					mustVS(t, args...)
				}
				if o := vs(t, "db", "verify", "--db", db); o.code != exitDone {
					t.Fatalf("after %d kills: %s%s", kills, o.stdout, o.stderr)
				}
				if n := written(db); tt.counts != nil && !slices.Contains(tt.counts, n) {
					t.Fatalf("%d pictures, want one of %v", n, tt.counts)
				}
				// It can be written again.
				if tt.fresh {
					mustVS(t, args...)
				} else {
					mustVS(t, "db", "rename", "--db", db, anyLabel(t, db), "renamed")
				}
				mustVS(t, "db", "verify", "--db", db)
			}
			if kills < tt.kills {
				t.Errorf("%d of %d processes were killed before their end, want %d", kills, attempts, tt.kills)
			}
		})
	}
}

// A NumPy file and its names are of one export, or refused, whenever the export is killed.
func TestKilledAtAnyMomentAnExportIsWholeOrRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	tables := map[string]*exchange.Table{}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npy")
	for i, classes := range [][]string{{"ash", "birch"}, {"cedar", "elm"}} {
		db := filepath.Join(dir, strconv.Itoa(i)+".db")
		mustVS(t, "encode", "--quiet", "--model", channelMeans, "--data", makePictures(t, 25, classes...), "--db", db)
		mustVS(t, "db", "export", "--db", db, "--force", path)
		table, err := exchange.Read(path, exchange.NPY)
		if err != nil {
			t.Fatal(err)
		}
		tables[db] = table
	}
	random := rand.New(rand.NewPCG(17, 99))
	longest := 5 * time.Millisecond
	kills, whole, refused := 0, 0, 0
	for attempts := 0; kills < 20 && attempts < 200; attempts++ {
		db := filepath.Join(dir, strconv.Itoa(attempts%2)+".db")
		// It opens the database, and then writes.
		if killed(t, db, 20*time.Millisecond+time.Duration(random.Int64N(int64(longest))), "db", "export", "--db", db, "--force", path) {
			kills++
			longest = longest * 9 / 8
		} else {
			longest = longest*3/4 + 1
		}
		switch got, err := exchange.Read(path, exchange.NPY); {
		case err != nil:
			refused++
		case !got.Equal(tables[db]) && !got.Equal(tables[filepath.Join(dir, strconv.Itoa(1-attempts%2)+".db")]):
			t.Fatalf("after %d kills: names %s… beside numbers %v…", kills, got.Files[0], got.Rows[:3])
		default:
			whole++
		}
		mustVS(t, "db", "export", "--db", db, "--force", path)
	}
	t.Logf("%d kills: %d whole, %d refused", kills, whole, refused)
	if kills == 0 {
		t.Error("no process was killed before its end")
	}
}

// bound reports whether a file has become a database of a model.
func bound(path string) bool {
	db, err := database.OpenReadOnly(context.Background(), path)
	if err != nil {
		return false
	}
	defer db.Close()
	_, ok, err := db.Model(context.Background())
	return err == nil && ok
}

func anyLabel(t *testing.T, path string) string {
	t.Helper()
	db, err := database.OpenReadOnly(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	classes, err := db.Classes(context.Background())
	if err != nil || len(classes) == 0 {
		t.Fatalf("%d classes, %v", len(classes), err)
	}
	return classes[0].Label
}
