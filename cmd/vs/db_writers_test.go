package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// process is a command line that runs as a process.
type process struct {
	cmd    *exec.Cmd
	line   string
	stderr bytes.Buffer
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...), line: strings.Join(args, " ")}
	p.cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// waitForFile returns when the process has a file open, or has ended.
func (p *process) waitForFile(t *testing.T, path string) {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	open := fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)
	for {
		links, err := os.ReadDir(open) // fails once the process has ended
		if err != nil {
			return
		}
		for _, link := range links {
			if target, err := os.Readlink(filepath.Join(open, link.Name())); err == nil && target == path {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func (p *process) mustEnd(t *testing.T) {
	t.Helper()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("vs %s: %v: %s", p.line, err, p.stderr.String())
	}
}

func TestProcessesThatWriteAtOnceTakeTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	pictures, db := encoded(t)
	more := makePictures(t, 20, "x", "y", "z", "elm", "fir") // elm and fir are other pictures than those there are
	add := []string{"db", "add", "--quiet", "--batch-size", "1", "--model", channelMeans, "--db", db, "--label"}

	// All of them begin while another one writes, and wait for it.
	writing, err := sql.Open("sqlite3", db)
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Close()
	writing.SetMaxOpenConns(1)
	if _, err := writing.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	processes := []*process{
		start(t, append(add, "elm", "--data", filepath.Join(more, "elm"))...),
		start(t, append(add, "fir", "--data", filepath.Join(more, "fir"))...),
		start(t, append(add, "birch", "--data", filepath.Join(pictures, "cedar"))...),
		start(t, "db", "remove", "--db", db, "ash"),
	}
	for _, p := range processes {
		p.waitForFile(t, db)
	}
	if _, err := writing.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		p.mustEnd(t)
	}
	// The pictures of birch have the names and the content of those of cedar.
	want := "verified: 4 classes, 60 pictures\n" +
		"Equal content: 0 pictures equal another of their class, 20 one of another class; vs db duplicates lists them\n"
	if o := vs(t, "db", "verify", "--db", db); o.stdout != want {
		t.Errorf("%s%s", o.stdout, o.stderr)
	}
	if entries, err := os.ReadDir(filepath.Dir(db)); err != nil || len(entries) != 1 {
		t.Errorf("%v (%v), want the database alone", entries, err)
	}
}
