package page

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// startBrowser starts a headless Chromium for the test, or skips it where there is none.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("neither chromium nor google-chrome is installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses root
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// look is how a tab shows a page.
type look struct {
	width  int64
	scheme string // "light" or "dark"
}

var desktop = look{1280, "light"}

// tab is a page in a browser.
type tab struct {
	t       *testing.T
	ctx     context.Context
	console iter.Seq2[chromedp.ConsoleMessage, error]
}

// save writes a page to a file and returns its address.
func save(t *testing.T, p *Page) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, written(t, p), 0o644); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// openTab opens an address. When the test ends, nothing may have been written to the console.
func openTab(t *testing.T, browser context.Context, address string, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Steps())
	b.console = chromedp.Console(ctx)
	b.do(chromedp.EmulateViewport(l.width, 900), media(l.scheme, "reduce"), chromedp.Navigate(address))
	t.Cleanup(b.checkConsole)
	return b
}

// media sets preferences. With motion "reduce" scrolling is done when it has begun.
func media(scheme, motion string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}},
		})
		return err
	})
}

// checkConsole reads the console up to a line of its own.
func (b *tab) checkConsole() {
	if b.ctx.Err() != nil {
		return
	}
	b.eval(`console.log("end of the test")`, nil)
	for message, err := range b.console {
		switch {
		case err != nil:
			b.t.Errorf("console: %v", err)
			return
		case message.Text == "end of the test":
			return
		}
		b.t.Errorf("console: %v", message)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval evaluates JavaScript into what result points to, unless that is nil.
func (b *tab) eval(script string, result any) {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]byte](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(text, result); err != nil {
		b.t.Fatalf("%s gives %s: %v", script, text, err)
	}
}

func (b *tab) text(script string) string {
	b.t.Helper()
	var s string
	b.eval(script, &s)
	return s
}

func (b *tab) is(script string) bool {
	b.t.Helper()
	var is bool
	b.eval(script, &is)
	return is
}

// want fails unless the script is true.
func (b *tab) want(what, script string) {
	b.t.Helper()
	if !b.is(script) {
		b.t.Errorf("not so: %s (%s)", what, script)
	}
}

// wait waits until the script is true.
func (b *tab) wait(what, script string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](script, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		b.t.Fatalf("waited for %s: %v", what, err)
	}
}

// hover moves the pointer to a place within an element, in shares of its size, and returns that
// place.
func (b *tab) hover(selector string, x, y float64) (px, py float64) {
	b.t.Helper()
	var box [4]float64
	b.eval(`(async () => {
		const e = document.querySelector(`+quoted(selector)+`);
		e.scrollIntoView({ block: "center", behavior: "instant" });
		for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
		const r = e.getBoundingClientRect();
		return [r.left, r.top, r.width, r.height];
	})()`, &box)
	px, py = box[0]+x*box[2], box[1]+y*box[3]
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, px-1, py), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, px, py))
	return px, py
}

func (b *tab) click(selector string) {
	b.t.Helper()
	x, y := b.hover(selector, 0.5, 0.5)
	b.do(chromedp.MouseClickXY(x, y))
}

func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

func (b *tab) focus(selector string) {
	b.t.Helper()
	b.eval(`document.querySelector(`+quoted(selector)+`).focus({ focusVisible: true })`, nil)
}

// showAll brings everything into view once, so that what waits for that is drawn, and opens what is
// closed.
func (b *tab) showAll() {
	b.t.Helper()
	b.eval(`document.querySelector("details").open = true; document.querySelector("#pictures").scrollIntoView({ behavior: "instant" })`, nil)
	b.wait("the galleries", `document.querySelectorAll("#galleries .tile").length > 0`)
	b.eval(`document.querySelector("#alike").scrollIntoView({ behavior: "instant" })`, nil)
	b.wait("the pairs", `document.querySelectorAll("#alike .tile").length > 0`)
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always can be
	}
	return string(text)
}

// column reads a column of the class table.
func (b *tab) column(i int) string {
	b.t.Helper()
	var cells []string
	b.eval(`[...document.querySelectorAll("#classes-table tbody tr")].map((row) => row.children[`+string(rune('0'+i))+`].textContent)`, &cells)
	return strings.Join(cells, " ")
}
