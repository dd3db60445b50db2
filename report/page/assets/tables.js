// Tables: models, differences, classes, manifest.

const header = (text, attributes = {}) => make("th", { scope: "col", ...attributes }, text);
const row = (first, ...cells) =>
  make("tr", {}, make("th", { scope: "row" }, first), cells.map((cell) => make("td", {}, cell)));

function swatch(i) {
  const box = make("span", { class: "swatch", "aria-hidden": "true" });
  box.style.background = seriesColour(i);
  return box;
}

// estimate writes a mean with its intervals: ± half-widths where there are any, else the bounds.
function estimate(e, sign = fixed) {
  const p = places(e.half);
  const mean = sign(e.mean, p);
  if (!defined(e.half)) {
    return [mean, defined(e.low) ? make("span", { class: "sub" }, `${sign(e.low, p)} to ${sign(e.high, p)}${e.kind && `, ${e.kind}`}`) : null];
  }
  return [`${mean} ± ${fixed(e.half, p)}`,
    defined(e.corrected) ? make("span", { class: "sub" }, `corrected ± ${fixed(e.corrected, p)}`) : null];
}

function modelTable() {
  const rows = data.models.map((m, i) => row([several ? swatch(i) : null, name(m.name)],
    estimate(m.accuracy), estimate(m.topk), m.parameters, String(m.dim)));
  byId("models-table").append(make("table", {},
    make("thead", {}, make("tr", {}, header("Model"), header("Accuracy"), header(`Top-${data.topK} accuracy`),
      header("Encoder parameters (M)"), header("Embedding"))),
    make("tbody", {}, rows)));
  byId("intervals").append(data.intervals);
  if (several) byId("differences").append(differenceTable());
}

function differenceTable() {
  const rows = data.models.slice(1).map((m, i) => row([swatch(i + 1), name(m.name)],
    estimate(m.difference.accuracy, signed), percent(m.difference.errors),
    estimate(m.difference.topk, signed), percent(m.difference.topkErrors)));
  return make("div", {}, make("h3", {}, "Difference from ", name(data.models[0].name)),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Differences" }, make("table", {},
      make("thead", {}, make("tr", {}, header("Model"), header("Accuracy"), header("Errors removed"),
        header(`Top-${data.topK} accuracy`), header(`Top-${data.topK} errors removed`))),
      make("tbody", {}, rows))));
}

// classButton opens the pictures of a class.
const classButton = (c) => make("button", { type: "button", class: "open", title: labels[c], onclick: () => openClass(c) }, name(labels[c]));

// track draws where accuracy and interval of a class lie between 0 and 1; the numbers stand beside
// it.
function track(stats) {
  const box = make("span", { class: "track", "aria-hidden": "true" });
  if (!defined(stats.accuracy)) return box;
  if (stats.accuracy < data.threshold) box.classList.add("low");
  const band = make("span"), mark = make("i");
  band.style.left = 100 * stats.low + "%";
  band.style.right = 100 * (1 - stats.high) + "%";
  mark.style.left = 100 * stats.accuracy + "%";
  box.append(band, mark);
  return box;
}

const classColumns = [
  { title: "Class", value: (s) => s.c, cell: (s) => [classButton(s.c),
    s.accuracy < data.threshold && defined(s.accuracy) ? make("span", { class: "flag" }, `below ${data.threshold}`) : null] },
  { title: "Accuracy", value: (s) => s.accuracy, cell: (s) => fixed(s.accuracy) },
  { title: "Interval", value: (s) => s.low, cell: (s) => (defined(s.low) ? `${fixed(s.low)} to ${fixed(s.high)}` : undefinedText) },
  { title: "", cell: track },
  { title: "Precision", value: (s) => s.precision, cell: (s) => fixed(s.precision) },
  { title: "Recall", value: (s) => s.recall, cell: (s) => fixed(s.recall) },
  { title: "F1", value: (s) => s.f1, cell: (s) => fixed(s.f1) },
  { title: "Support", value: (s) => s.support, cell: (s) => fixed(s.support, Number.isInteger(s.support) ? 0 : 1) },
];

// classTable lists the classes, the weakest first until another order is chosen.
function classTable() {
  byId("classes-note").append(
    `Accuracy is over all evaluations of the class's pictures, with the ${percent(data.confidence, 0)} Wilson interval; precision, recall and F1 are means over runs; ` +
    `support is the pictures evaluated per run. Choose a column to sort by it, a class to see its pictures.`);
  const order = { column: 1, ascending: true };
  const body = make("tbody");
  const heads = classColumns.map((column, i) => (column.value
    ? make("th", { scope: "col" }, make("button", { type: "button", onclick: () => sortBy(i) }, column.title))
    : make("td", { "aria-hidden": "true" })));

  function sortBy(i) {
    order.ascending = order.column === i ? !order.ascending : i === 0;
    order.column = i;
    show();
  }

  function show() {
    const value = classColumns[order.column].value;
    const direction = order.ascending ? 1 : -1;
    const stats = model().classes.map((s, c) => ({ ...s, c }));
    stats.sort((a, b) => {
      const x = value(a), y = value(b);
      if (!defined(x) || !defined(y)) return defined(y) - defined(x) || a.c - b.c; // what is undefined comes last
      return direction * (x - y) || a.c - b.c;
    });
    heads.forEach((head, i) => {
      if (i === order.column) head.setAttribute("aria-sort", order.ascending ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...stats.map((s) => {
      const [first, ...rest] = classColumns.map((column) => column.cell(s));
      return row(first, ...rest);
    }));
  }

  byId("classes-table").append(make("table", {}, make("thead", {}, make("tr", {}, heads)), body));
  onModel(show);
}

function manifestTable() {
  byId("manifest-table").append(make("table", {}, make("tbody", {}, data.manifest.map(([key, value]) => row(key, name(value))))));
  const text = byId("manifest-json");
  text.append(data.manifestJSON || JSON.stringify(Object.fromEntries(data.manifest), null, 2));
  byId("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      byId("copied").textContent = "Copied.";
    } catch {
      // A page from a file may not reach the clipboard in every browser.
      getSelection().selectAllChildren(text);
      byId("copied").textContent = "Selected; copy it with Ctrl+C or ⌘C.";
    }
  });
}
