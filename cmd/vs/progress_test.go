package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vs/data/progress"
)

// terminal opens a terminal that nobody looks at. What is written to it can be read from screen.
func terminal(t *testing.T) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminal can be opened here: %v", err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminal can be opened here: %v", err)
	}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 120}); err != nil {
		t.Fatal(err)
	}
	return screen, tty
}

// onTerminal runs a command line with its stderr on a terminal and returns what came there.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	screen, tty := terminal(t)
	shown := make(chan string)
	go func() {
		var text bytes.Buffer
		_, _ = text.ReadFrom(screen) // ends with an error when nobody has the terminal open
		shown <- text.String()
	}()
	var stdout bytes.Buffer
	code := run(t.Context(), append([]string{"vs"}, args...), &stdout, tty)
	tty.Close()
	text := <-shown
	if code != exitDone {
		t.Fatalf("exit code %d: %q", code, text)
	}
	return text
}

// atOnce shows tasks from their beginning.
func atOnce(t *testing.T) {
	before := progressDelay
	progressDelay = 0
	t.Cleanup(func() { progressDelay = before })
}

// Whatever takes long on large inputs says how far it is.
func TestLongTasksShowThemselves(t *testing.T) {
	atOnce(t)
	pictures, db := encoded(t)
	dir := t.TempDir()
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"eval", "--db", db, "--runs", "3"}, []string{"reading", "evaluating mean", "(3/3, "}},
		{[]string{"eval", "--db", db, "--runs", "3", "--plots", filepath.Join(dir, "plots")}, []string{"drawing", "plots/s"}},
		{[]string{"report", "--db", db, "--data", pictures, "--runs", "3", "--out", filepath.Join(dir, "page")}, []string{"thumbnails", "comparing pictures"}},
		{[]string{"split", "--data", pictures, "--out", filepath.Join(dir, "split.json")}, []string{"reading", "(30/30, "}},
		{[]string{"db", "verify", "--db", db}, []string{"verifying", "(30/30, "}},
		{[]string{"db", "export", "--db", db, filepath.Join(dir, "a.npy")}, []string{"reading", "(30/30, "}},
		{[]string{"db", "import", "--db", filepath.Join(dir, "b.db"), "--model", channelMeans, filepath.Join(dir, "a.npy")}, []string{"importing", "(30/30, "}},
		{[]string{"db", "duplicates", "--db", db}, []string{"comparing pictures"}},
	} {
		wantParts(t, onTerminal(t, test.args...), test.want...)
	}
}

func TestATaskOfUnknownLengthTurns(t *testing.T) {
	atOnce(t)
	screen, tty := terminal(t)
	b := newProgressBar(tty, "vacuuming", "", progress.Unknown)
	buffer := make([]byte, 4096)
	n, err := screen.Read(buffer) // waits for the first turn
	b.End()
	tty.Close()
	if err != nil || !strings.Contains(string(buffer[:n]), "vacuuming") {
		t.Errorf("%q, %v", buffer[:n], err)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	atOnce(t)
	pictures := makePictures(t, 10, "ash", "birch", "cedar")
	args := func(more ...string) []string {
		return append([]string{"encode", "--model", channelMeans, "--data", pictures, "--db", filepath.Join(t.TempDir(), "a.db"), "--batch-size", "5"}, more...)
	}
	text := onTerminal(t, args()...)
	if !strings.Contains(text, "(30/30") || !strings.Contains(text, "pictures/s") {
		t.Errorf("the bar does not show all 30 pictures and their rate:\n%q", text)
	}
	// It is cleared, so that nothing of it is left where the next line comes.
	drawn := strings.Split(strings.TrimSuffix(text, "\r"), "\r")
	if !strings.HasSuffix(text, "\r") || strings.TrimSpace(drawn[len(drawn)-1]) != "" {
		t.Errorf("the bar is left on the terminal: %q", text)
	}
	if text := onTerminal(t, args("--quiet")...); text != "" {
		t.Errorf("--quiet shows %q", text)
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), append([]string{"vs"}, args()...), &stdout, &stderr); code != exitDone || strings.ContainsAny(stderr.String(), "\r\x1b") || strings.Contains(stderr.String(), "/30") {
		t.Errorf("where stderr is no terminal it gets %q", stderr.String())
	}
}
