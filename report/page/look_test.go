package page

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestInABrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	address := save(t, synthetic(t, classLabels(12), 20, 6, 2))
	open := func(t *testing.T, l look) *tab { return openTab(t, browser, address, l) }

	t.Run("the class table sorts by a click", func(t *testing.T) {
		b := open(t, desktop)
		b.want("it begins with the weakest class", `document.querySelectorAll("#classes-table th")[1].ariaSort === "ascending"`)
		ascending := b.column(1)
		b.click("#classes-table thead th:nth-child(2) button")
		b.want("a second click turns it round", `document.querySelectorAll("#classes-table th")[1].ariaSort === "descending"`)
		if descending := b.column(1); descending == ascending || first(descending) < first(ascending) {
			t.Errorf("ascending %s, descending %s", ascending, descending)
		}
		b.click("#classes-table thead th:first-child button")
		if got := b.column(0); !strings.HasPrefix(got, "class 00") {
			t.Errorf("by class: %s", got)
		}
		b.want("one column alone is sorted by", `document.querySelectorAll("#classes-table [aria-sort]").length === 1`)
	})

	t.Run("the class table sorts by the keyboard", func(t *testing.T) {
		b := open(t, desktop)
		b.focus("#classes-table thead th:nth-child(2) button")
		b.press(kb.Tab, kb.Tab, kb.Enter)
		b.want("the third column after that is sorted by", `document.querySelector("#classes-table [aria-sort]").textContent === "Precision"`)
		b.want("the focus stays", `document.activeElement.textContent === "Precision"`)
		b.press(" ")
		b.want("space sorts too", `document.querySelector("#classes-table [aria-sort]").ariaSort === "ascending"`)
	})

	t.Run("a class opens, and Escape gives the focus back", func(t *testing.T) {
		b := open(t, desktop)
		b.focus("#classes-table tbody .open")
		label := b.text(`document.activeElement.textContent`)
		b.press(kb.Enter)
		b.want("the dialog is open", `document.querySelector("#panel").open`)
		if title := b.text(`document.querySelector("#panel-title").textContent`); title != label {
			t.Errorf("%s opens %s", label, title)
		}
		b.want("all pictures of the class are in it", `document.querySelectorAll("#panel .tile").length >= 20`)
		b.eval(`document.querySelector("#panel .tile img").decode()`, nil)
		b.want("they are pictures", `document.querySelector("#panel .tile img").naturalWidth === 48`)
		b.press(kb.Tab, kb.Enter)
		b.want("a picture opens on top", `document.querySelector("#detail").open && document.querySelector("#detail code").textContent.startsWith("class ")`)
		b.press(kb.Escape)
		b.want("Escape closes the picture alone", `!document.querySelector("#detail").open && document.querySelector("#panel").open`)
		b.press(kb.Escape)
		b.want("Escape closes the class", `!document.querySelector("#panel").open`)
		if now := b.text(`document.activeElement.textContent`); now != label {
			t.Errorf("the focus is on %q", now)
		}
	})

	t.Run("a cell of the confusion matrix opens its pictures", func(t *testing.T) {
		b := open(t, desktop)
		b.focus("#confusion .matrix")
		b.press(kb.ArrowDown, kb.ArrowDown, kb.ArrowDown, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight)
		hint := b.text(`document.querySelector("#tip").textContent`)
		if !strings.HasPrefix(hint, "class 03 → class 04") || !strings.Contains(hint, "per run") {
			t.Errorf("the hint reads %q", hint)
		}
		var cell [4]float64
		b.eval(`(() => {
			const [row, column] = [...document.querySelectorAll("#confusion .band")].map((band) => band.getBoundingClientRect());
			return [column.left + column.width / 2, row.top + row.height / 2, 0, 0];
		})()`, &cell)
		b.press(kb.Enter)
		b.want("Enter opens it", `document.querySelector("#panel").open && document.querySelector("#panel-title").textContent === "class 03 → class 04"`)
		b.press(kb.Escape)
		b.want("the focus is back", `document.activeElement.className === "matrix"`)
		b.do(chromedp.MouseClickXY(cell[0], cell[1]))
		b.want("a click opens it", `document.querySelector("#panel").open && document.querySelector("#panel-title").textContent === "class 03 → class 04"`)
		b.want("its pictures are there", `[...document.querySelectorAll("#panel .tile")].every((tile) => tile.title.startsWith("class 03/"))`)
	})

	t.Run("a name beside the confusion matrix opens its class", func(t *testing.T) {
		b := open(t, desktop)
		x, y := b.hover("#confusion .matrix", 0.02, 0.98)
		b.do(chromedp.MouseClickXY(x, y))
		b.want("the last class is open", `document.querySelector("#panel").open && document.querySelector("#panel-title").textContent === "class 11"`)
	})

	t.Run("plots tell their values", func(t *testing.T) {
		b := open(t, desktop)
		for _, test := range []struct{ plot, says string }{
			{"#curves-plot svg[role=img]", "of the classes: at most"},
			{"#runs-plot svg[role=img]", "Run 3"},
			{"#similarity .matrix", "cosine similarity"},
		} {
			b.wait("the plot", fmt.Sprintf("document.querySelector(%q) !== null", test.plot))
			b.hover(test.plot, 0.6, 0.5)
			b.wait("a hint", `!document.querySelector("#tip").hidden`)
			if hint := b.text(`document.querySelector("#tip").textContent`); !strings.Contains(hint, test.says) {
				t.Errorf("%s says %q, not %q", test.plot, hint, test.says)
			}
		}
		b.focus("#curves-plot [tabindex]")
		b.press(kb.End)
		b.want("keys read the plot too", `document.querySelector("#tip").textContent.startsWith("100.0 % of the classes")`)
		b.press(kb.Escape)
		b.want("Escape hides the hint", `document.querySelector("#tip").hidden`)
	})

	t.Run("the map shows pictures", func(t *testing.T) {
		b := open(t, desktop)
		b.focus("#map .map")
		b.press(kb.ArrowRight)
		b.want("the hint has picture and label", `document.querySelector("#tip img") && document.querySelector("#tip").textContent.includes("class ")`)
		b.press(kb.Enter)
		b.want("Enter opens the picture", `document.querySelector("#detail").open && document.querySelector("#detail img") !== null`)
	})

	t.Run("equal and alike pictures stand side by side", func(t *testing.T) {
		b := open(t, desktop)
		b.eval(`document.querySelector("#alike").scrollIntoView({ behavior: "instant" })`, nil)
		b.wait("the pairs", `document.querySelectorAll("#alike .tile").length === 24`)
		b.want("the first is equal, of two classes", `document.querySelector("#alike .likeness").textContent === "equal filesdifferent classes"`)
		b.want("others say how alike they are", `document.querySelectorAll("#alike .likeness")[1].textContent === "similarity 0.99960"`)
		b.want("two pictures stand in a row", `(() => {
			const [a, b] = [...document.querySelectorAll("#alike li li")].map((e) => e.getBoundingClientRect());
			return a.top === b.top && b.left >= a.right && a.width > 80;
		})()`)
		b.want("what has no place is counted", `document.querySelector("#alike-note").textContent.includes("40 pairs, 1 across classes") && document.querySelector("#alike-note").textContent.endsWith("The first 16 pairs are here.")`)
		b.focus("#alike-pairs > button")
		b.press(kb.Enter)
		b.want("the others come, and the focus goes on", `document.querySelectorAll("#alike .tile").length === 32 && document.activeElement === document.querySelectorAll("#alike .tile")[24]`)
		b.press(kb.Enter)
		b.want("a picture opens", `document.querySelector("#detail").open`)
		b.press(kb.Escape)
		b.eval(`(() => { const s = document.querySelector("#model"); s.value = "1"; s.dispatchEvent(new Event("change")); })()`, nil)
		b.want("they stay when another model is chosen", `document.querySelectorAll("#alike .tile").length === 32`)
	})

	t.Run("another model can be chosen", func(t *testing.T) {
		b := open(t, desktop)
		before := b.column(1)
		b.eval(`(() => { const s = document.querySelector("#model"); s.value = "1"; s.dispatchEvent(new Event("change")); })()`, nil)
		if b.column(1) == before {
			t.Error("the class table is the same for both models")
		}
	})

	t.Run("the manifest can be copied", func(t *testing.T) {
		b := open(t, desktop)
		b.showAll()
		b.click("#copy")
		b.wait("an answer", `document.querySelector("#copied").textContent !== ""`)
		b.want("it is JSON", `JSON.parse(document.querySelector("#manifest-json").textContent).seed === "17"`)
	})

	t.Run("nothing moves where that is not wanted", func(t *testing.T) {
		b := open(t, desktop)
		b.want("scrolling is at once", `getComputedStyle(document.documentElement).scrollBehavior === "auto"`)
		b.want("nothing has a transition", `[...document.querySelectorAll("*")].every((e) => getComputedStyle(e).transitionDuration === "0s")`)
		b.do(media("light", "no-preference"))
		b.want("else scrolling is smooth", `getComputedStyle(document.documentElement).scrollBehavior === "smooth"`)
	})

	for _, l := range []look{{400, "light"}, {400, "dark"}, desktop, {1280, "dark"}} {
		t.Run(strconv.Itoa(int(l.width))+" pixels, "+l.scheme, func(t *testing.T) {
			b := open(t, l)
			b.showAll()
			b.want("the scheme is that of the system", `matchMedia("(prefers-color-scheme: dark)").matches === `+strconv.FormatBool(l.scheme == "dark"))
			checkLook(b)
			b.click("#classes-table tbody .open")
			checkLook(b)
			b.click("#panel .tile")
			checkLook(b)
		})
	}
}

// first is the first word.
func first(s string) string { return strings.Fields(s)[0] }

// checkLook fails if the page is wider than the window, or a text hard to read.
func checkLook(b *tab) {
	b.t.Helper()
	b.want("the page is no wider than the window", `document.documentElement.scrollWidth <= innerWidth`)
	var poor []string
	b.eval(poorContrast, &poor)
	for _, text := range poor {
		b.t.Errorf("contrast below 4.5:1: %s", text)
	}
}

// poorContrast lists the texts whose contrast is below 4.5:1, as WCAG 2.2 computes it.
const poorContrast = `(() => {
	const parse = (colour) => { const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
	const over = (top, under) => top.rgb.map((v, i) => v * top.a + under[i] * (1 - top.a));
	const luminance = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const background = (e) => {
		if (!e) return [255, 255, 255];
		const colour = parse(getComputedStyle(e).backgroundColor);
		return colour.a === 1 ? colour.rgb : over(colour, e.tagName === "DIALOG" ? [128, 128, 128] : background(e.parentElement));
	};
	const poor = [];
	let seen = 0;
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const e = node.parentElement;
		if (!node.data.trim() || !e.checkVisibility() || ["SCRIPT", "NOSCRIPT"].includes(e.tagName)) continue;
		seen++;
		const style = getComputedStyle(e), under = background(e);
		const text = over(parse(e.namespaceURI.endsWith("svg") ? style.fill : style.color), under);
		const [low, high] = [luminance(text), luminance(under)].sort((a, b) => a - b);
		const ratio = (high + 0.05) / (low + 0.05);
		if (ratio < 4.5) poor.push(node.data.trim().slice(0, 40) + ": " + ratio.toFixed(2));
	}
	if (seen < 100) poor.push("only " + seen + " texts are there");
	return poor;
})()`

func TestHostileNamesInABrowser(t *testing.T) {
	t.Parallel()
	p := synthetic(t, hostile, 4, 3, 2)
	p.Title = hostile[0]
	p.Manifest = append(p.Manifest, [2]string{hostile[1], hostile[0]})
	b := openTab(t, startBrowser(t), save(t, p), desktop)
	b.showAll()
	for c := range hostile {
		b.eval(`document.querySelectorAll("#classes-table tbody .open")[`+strconv.Itoa(c)+`].click()`, nil)
		b.eval(`document.querySelector("#panel .tile").click()`, nil)
		b.press(kb.Escape, kb.Escape)
	}
	b.want("no name became code", `window.hacked === undefined`)
	b.want("no name became an element", `document.querySelectorAll("img[src=x]").length === 0`)
	b.want("the title is the text", `document.title === `+quoted(hostile[0]))
	b.want("names are there as they are", `[...document.querySelectorAll("#classes-table .open")].some((e) => e.textContent === `+quoted(hostile[1])+`)`)
}

func TestALargePage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: no large page is made")
	}
	p := synthetic(t, classLabels(90), 60, 20, 3)
	fillBudget(p)
	html := written(t, p)
	if len(html) >= 15_000_000 {
		t.Errorf("the page has %d bytes, want less than 15,000,000", len(html))
	}
	b := openTab(t, startBrowser(t), save(t, p), desktop)
	var loaded float64
	b.eval(`performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`, &loaded)
	t.Logf("%.1f MB, DOM content loaded after %.0f ms", float64(len(html))/1e6, loaded)
	b.want("all classes are listed", `document.querySelectorAll("#classes-table tbody tr").length === 90`)
	b.want("a row of the confusion matrix can be read", `(document.querySelector("#confusion canvas").clientHeight - 130) / 90 >= 10`)
	b.want("the page is no wider than the window", `document.documentElement.scrollWidth <= innerWidth`)
	b.click("#classes-table tbody .open")
	b.want("a class opens", `document.querySelectorAll("#panel .tile img").length >= 60`)
}

// fillBudget makes the thumbnails as large together as they may be.
func fillBudget(p *Page) {
	each := ThumbnailBudget / len(p.Thumbnails)
	for name, file := range p.Thumbnails {
		// What stands behind a JPEG's end is ignored by those who read it.
		p.Thumbnails[name] = append(file, make([]byte, max(0, each-cost(file)))...)
	}
}
