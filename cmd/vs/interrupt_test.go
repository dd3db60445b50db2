package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// program is vs running as a process of its own.
type program struct {
	*exec.Cmd
	stderr *bufio.Reader
	t      *testing.T
}

// startProgram runs a command line as a process, which is killed at the end of the test if it has
// not ended.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return &program{cmd, bufio.NewReader(stderr), t}
}

// saying waits for a line on stderr with a part.
func (p *program) saying(part string) {
	p.t.Helper()
	for {
		line, err := p.stderr.ReadString('\n')
		if strings.Contains(line, part) {
			return
		}
		if err != nil {
			p.t.Fatalf("stderr ends (%v) without %q", err, part)
		}
	}
}

func (p *program) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// end waits for the end and returns the exit code, −1 for a signal, and the rest of stderr.
func (p *program) end() (code int, stderr string) {
	p.t.Helper()
	rest, err := io.ReadAll(p.stderr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Wait()
	return p.ProcessState.ExitCode(), string(rest)
}

// The model computes forever in one call into C.
func TestTheSecondSignalEndsTheProgramWhateverRuns(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "birch")
	for _, signals := range [][2]syscall.Signal{
		{syscall.SIGINT, syscall.SIGINT}, {syscall.SIGTERM, syscall.SIGTERM}, {syscall.SIGHUP, syscall.SIGHUP}, {syscall.SIGINT, syscall.SIGTERM},
	} {
		t.Run(signals[0].String()+", "+signals[1].String(), func(t *testing.T) {
			p := startProgram(t, "encode", "--model", "../../encoder/testdata/endless.pt", "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--device", "cpu")
			// Nothing says that the model computes; the first signal may also come before that.
			time.Sleep(200 * time.Millisecond)
			p.signal(signals[0])
			p.saying("vs: stopping; a second signal ends the program at once")
			p.signal(signals[1])
			if code, rest := p.end(); code != exitInterrupted || rest != "" {
				t.Errorf("exit code %d, and %q", code, rest)
			}
		})
	}
}

func TestSignalsThatWereIgnoredStayIgnored(t *testing.T) {
	pictures := makePictures(t, 2, "ash", "birch")
	p := startProgram(t, "encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"))
	if code, rest := p.end(); code != exitDone {
		t.Fatalf("exit code %d: %s", code, rest)
	}
	// As nohup does it; the signal comes before the program can have ended.
	args := []string{"-c", `trap "" HUP; "$@" & kill -HUP $!; wait $!`, "sh", os.Args[0],
		"encode", "--quiet", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "b.db")}
	cmd := exec.Command("sh", args...)
	cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// impatient is a context that somebody cancels when it has been asked so often.
type impatient struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func newImpatient(t *testing.T, asked int64) *impatient {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c := &impatient{Context: ctx, cancel: cancel}
	c.left.Store(asked)
	if asked == 0 {
		cancel() // for those that wait for Done alone
	}
	return c
}

func (c *impatient) Err() error {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// What the last line of an interrupted command says is true for it, wherever it was.
func TestAnInterruptedCommandSaysWhatIsKept(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pictures, db := encoded(t)
	const kept, nothing = "vs: interrupted; embeddings that were written are kept, and the same command goes on from there\n",
		"vs: interrupted; no file was written or changed\n"
	before := readFile(t, db)
	for _, args := range [][]string{
		{"eval", "--db", db, "--manifest", "OUT/run.json", "--plots", "OUT/plots", "--runs", "3"},
		{"eval", "--db", db, "--protocol", "leave-one-out", "--pool", "medoid", "--metric", "l2"},
		{"eval", "--db", db, "--prototypes", "2"},
		{"eval", "--db", db, "--protocol", "bootstrap", "--runs", "50"},
		{"eval", "--db", db, "--sweep", "--runs", "2"},
		{"gallery", "--db", db, "--data", pictures, "--out", "OUT/sheets"},
		{"report", "--db", db, "--data", pictures, "--out", "OUT/page"},
		{"split", "--data", pictures, "--out", "OUT/split.json"},
		{"query", "--db", db, "--model", channelMeans, filepath.Join(pictures, "ash", "000.jpg")},
		{"db", "export", "--db", db, "OUT/a.npy"},
		{"db", "export", "--db", db, "OUT/a.zip"},
		{"db", "verify", "--db", db},
	} {
		interrupted := 0
		for _, asked := range []int64{0, 1, 5, 20, 100} {
			out := t.TempDir()
			var line []string
			for _, a := range args {
				line = append(line, strings.Replace(a, "OUT", out, 1))
			}
			o := vsContext(t, newImpatient(t, asked), line...)
			if o.code == exitDone {
				break
			}
			interrupted++
			if o.code != exitInterrupted || !strings.HasSuffix(o.stderr, nothing) {
				t.Errorf("%q, after %d questions: exit code %d, stderr %q", args, asked, o.code, o.stderr)
			}
			_ = filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
				if !entry.IsDir() {
					t.Errorf("%q, after %d questions: %s was written", args, asked, path)
				}
				return nil
			})
			if !bytes.Equal(readFile(t, db), before) {
				t.Fatalf("%q: the database has changed", args)
			}
		}
		if interrupted == 0 {
			t.Errorf("%q does not look at the context", args)
		}
	}

	// Where embeddings are written as they come, it says so.
	db = filepath.Join(t.TempDir(), "a.db")
	said := false
	for asked := int64(0); !said; asked++ {
		o := vsContext(t, newImpatient(t, asked), "encode", "--model", channelMeans, "--data", pictures, "--db", db)
		if o.code == exitDone {
			break
		}
		said = strings.HasSuffix(o.stderr, kept)
		if o.code != exitInterrupted || !said && !strings.HasSuffix(o.stderr, nothing) {
			t.Fatalf("exit code %d, stderr %q", o.code, o.stderr)
		}
	}
	if !said {
		t.Error("no interrupted encode says that embeddings are kept")
	}
}

// A change of a database that is interrupted has not begun, wherever it was.
func TestAnInterruptedChangeOfADatabaseIsNone(t *testing.T) {
	_, base := encoded(t)
	content := readFile(t, base)
	table := filepath.Join(t.TempDir(), "a.safetensors")
	mustVS(t, "db", "export", "--db", base, table)
	classes := mustVS(t, "db", "classes", "--db", base).stdout
	for _, line := range []string{
		"db remove --db DB ash", "db rename --db DB ash elm", "db merge --db DB --out elm ash birch", "db vacuum --db DB", "db import --db NEW " + table,
	} {
		interrupted := 0
		for asked := int64(0); ; asked += 1 + asked/3 {
			dir := t.TempDir()
			db := filepath.Join(dir, "a.db")
			writeFile(t, db, content)
			args := strings.Fields(strings.NewReplacer("DB", db, "NEW", filepath.Join(dir, "new.db")).Replace(line))
			o := vsContext(t, newImpatient(t, asked), args...)
			if o.code == exitDone {
				break
			}
			interrupted++
			if o.code != exitInterrupted || !strings.HasSuffix(o.stderr, "vs: interrupted; no file was written or changed\n") {
				t.Fatalf("%q, after %d questions: exit code %d, stderr %q", line, asked, o.code, o.stderr)
			}
			if got := mustVS(t, "db", "classes", "--db", db).stdout; got != classes {
				t.Fatalf("%q, after %d questions: the classes are\n%s", line, asked, got)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 1 {
				t.Fatalf("%q, after %d questions: %q are there", line, asked, files)
			}
		}
		if interrupted == 0 {
			t.Errorf("%q does not look at the context", line)
		}
	}
}

// A pipe that nobody reads, as behind head, is no reason for words, and none for an exit code of 0.
func TestNobodyReadsTheResults(t *testing.T) {
	_, db := encoded(t)
	for _, args := range [][]string{{"db", "classes", "--db", db}, {"eval", "--db", db, "--format", "json"}, {"--help"}, {"eval", "--help"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), "VS_TEST_AS_PROGRAM=1")
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = w, &stderr
		cmd.Run()
		w.Close()
		if code := cmd.ProcessState.ExitCode(); code != exitNobodyReads || strings.Contains(stderr.String(), "vs:") {
			t.Errorf("%q: exit code %d, stderr %q", args, code, stderr.String())
		}
	}
	if leftOver, _ := filepath.Glob(db + "-*"); len(leftOver) > 0 {
		t.Errorf("%q is left", leftOver)
	}
}

// Whoever prints, the error of a full disk is not lost.
func TestResultsThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	pictures, db := encoded(t)
	for _, args := range [][]string{
		{}, {"--help"}, {"--version"}, {"encode", "--help"}, {"db", "--help"}, {"db", "export", "--help"}, {"doctor"},
		{"eval", "--db", db}, {"eval", "--db", db, "--format", "csv"}, {"db", "classes", "--db", db}, {"db", "info", "--db", db},
		{"encode", "--model", channelMeans, "--data", pictures, "--db", db}, {"inspect", channelMeans},
		{"report", "--db", db, "--data", pictures, "--out", t.TempDir()}, {"gallery", "--db", db, "--data", pictures, "--out", t.TempDir()},
	} {
		var stderr bytes.Buffer
		code := run(t.Context(), append([]string{"vs"}, args...), full, &stderr)
		if code != exitFailed || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%q: exit code %d, stderr %q", args, code, stderr.String())
		}
	}
}
