package main

import (
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"vs/data/progress"
	"vs/report"
)

// progressDelay is after what time a task is shown: most are done before.
var progressDelay = time.Second

// showProgress lets the command's tasks be shown on stderr, if that is a terminal and --quiet does
// not forbid it.
func showProgress(c *cli.Context) {
	file, ok := c.App.ErrWriter.(*os.File)
	if !ok || c.Bool("quiet") || !term.IsTerminal(int(file.Fd())) {
		return
	}
	c.Context = progress.With(c.Context, func(name, units string, total int) progress.Display {
		return newProgressBar(file, name, units, total)
	})
}

// progressBar shows one task.
type progressBar struct {
	mutex sync.Mutex
	bar   *progressbar.ProgressBar
	begun time.Time
	done  int
	shown bool
	tick  *time.Ticker // of a task whose total is unknown
	ended chan struct{}
}

func newProgressBar(file *os.File, name, units string, total int) *progressBar {
	options := []progressbar.Option{
		progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription(report.Printable(name)),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100 * time.Millisecond),
	}
	if total != progress.Unknown {
		options = append(options,
			progressbar.OptionSetItsString(units),
			progressbar.OptionShowIts(),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true))
	} else {
		options = append(options, progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(true))
	}
	b := &progressBar{bar: progressbar.NewOptions(total, options...), begun: time.Now(), ended: make(chan struct{})}
	b.bar.StartWithoutRender() // else the clock would start with the first part that is done
	if total == progress.Unknown {
		b.tick = time.NewTicker(200 * time.Millisecond)
		go b.turn()
	}
	return b
}

// turn shows that a task of unknown length goes on.
func (b *progressBar) turn() {
	for {
		select {
		case <-b.tick.C:
			b.Show(0)
		case <-b.ended:
			return
		}
	}
}

// Show shows what is done, from some time on. A bar that cannot be drawn is no reason to stop.
func (b *progressBar) Show(done int) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.done = max(b.done, done)
	if time.Since(b.begun) < progressDelay {
		return
	}
	b.shown = true
	if b.tick != nil {
		_ = b.bar.Add(1)
		return
	}
	_ = b.bar.Set(b.done)
}

// End clears the bar, so that the next line finds its place empty.
func (b *progressBar) End() {
	if b.tick != nil {
		b.tick.Stop()
		close(b.ended)
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.shown {
		_ = b.bar.Clear()
	}
}
