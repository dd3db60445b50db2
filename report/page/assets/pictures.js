// Pictures: thumbnails, galleries, and the two dialogs that show them.

let thumbnails = null; // read when the first one is shown

// thumbnail gives the address of a picture's JPEG, or "". Heads, which are the same for many, are
// kept apart from scans.
function thumbnail(i) {
  if (!thumbnails) {
    const block = byId("thumbnails");
    thumbnails = JSON.parse(block.textContent);
    block.remove(); // the text is no longer needed, and it is most of the page
  }
  const scan = thumbnails.scans[i];
  return scan && "data:image/jpeg;base64," + btoa(atob(thumbnails.heads[thumbnails.head[i]]) + atob(scan));
}

// picture shows a thumbnail, or says that there is none.
function picture(i) {
  const source = thumbnail(i);
  return source ? make("img", { src: source, alt: `${labels[pictures[i].target]}, ${pictures[i].file}`, decoding: "async" }) : make("span", {}, "no picture");
}

// framed is a picture above some lines of text.
function framed(i, ...lines) {
  return make("li", {}, make("button", { type: "button", class: "tile", title: pathOf(i), onclick: () => openPicture(i) },
    make("span", { class: "frame" }, picture(i)), lines));
}

// tile is a picture with what the runs made of it.
function tile(i, first) {
  const wrong = mistakes(model())[i].length > 0;
  return framed(i, make("span", { class: "line" }, name(first)),
    make("span", { class: wrong ? "line wrong" : "line quiet" }, verdict(model(), i)));
}

// gallery shows some pictures, and more when asked to.
const gallery = (list, first, step = 24) => growing(list, (i) => tile(i, first(i)), step);

// growing shows what is drawn of the first elements of a list, and more when asked to.
function growing(list, draw, step) {
  const grid = make("ul", { class: "gallery" });
  const more = make("button", { type: "button", onclick: () => show(grid.children.length) }, "Show more");
  function show(from) {
    grid.append(...list.slice(from, from + step).map(draw));
    more.hidden = grid.children.length >= list.length;
    if (from) grid.children[from]?.querySelector("button").focus();
  }
  show(0);
  return make("div", {}, grid, more);
}

const labelOf = (i) => labels[pictures[i].target];
const fileOf = (i) => pictures[i].file;

// openDialog fills a dialog and shows it. The browser closes it on Escape and gives the focus back.
function openDialog(id, title, ...content) {
  const dialog = byId(id);
  hideHint();
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: `${id}-title` }, title), make("button", { type: "button", onclick: () => dialog.close() }, "Close")),
    make("div", { class: "body" }, content));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function openClass(c) {
  const m = model(), stats = m.classes[c], all = classPictures(c);
  const isWrong = (i) => mistakes(m)[i].length > 0;
  const wrong = all.filter(isWrong).sort((a, b) => wrongRuns(m, b) / m.evaluated[b] - wrongRuns(m, a) / m.evaluated[a] || a - b);
  const taken = pictures.map((_, i) => i).filter((i) => pictures[i].target !== c && mistakes(m)[i].some((x) => x.prediction === c));
  const part = (title, list, first) => (list.length ? [make("h3", {}, `${title} (${list.length})`), gallery(list, first, 60)] : []);
  openDialog("panel", name(labels[c]),
    make("p", { class: "note" }, `Accuracy ${fixed(stats.accuracy)}, interval ${fixed(stats.low)} to ${fixed(stats.high)}, precision ${fixed(stats.precision)}`,
      several ? [", by ", name(m.name)] : "", "."),
    part("Taken for another class", wrong, fileOf), part("Right", all.filter((i) => m.evaluated[i] && !isWrong(i)), fileOf),
    part("Of other classes, taken for this one", taken, labelOf), part("Not evaluated", all.filter((i) => !m.evaluated[i]), fileOf));
}

function openPair(target, prediction) {
  const m = model();
  const list = classPictures(target).filter((i) => (target === prediction ? rightRuns(m, i) > 0 : mistakes(m)[i].some((x) => x.prediction === prediction)));
  const share = confusion(m)(target, prediction);
  openDialog("panel", [name(labels[target]), " → ", name(labels[prediction])],
    make("p", { class: "note" }, `${picturesPerRun(share)}, ${counted(list.length, "different one", "different ones")} over all runs.`,
      " ", classButton(target), " ", target === prediction ? "" : classButton(prediction)),
    list.length ? gallery(list, fileOf, 60) : make("p", {}, "No picture."));
}

function openPicture(i) {
  const target = pictures[i].target;
  openDialog("detail", name(labels[target]), picture(i),
    make("p", {}, make("code", {}, name(pathOf(i)))),
    data.models.map((m) => make("p", {}, several ? [make("strong", {}, name(m.name)), ": "] : "", judgement(m, i))),
    make("button", { type: "button", onclick: () => { byId("detail").close(); openClass(target); } }, "All pictures of ", name(labels[target])));
}

// judgement says all that a model's runs made of a picture.
function judgement(m, i) {
  const runs = m.evaluated[i];
  if (!runs) return "not evaluated in any run.";
  const text = [`right ${rightRuns(m, i)} of ${counted(runs, "time", "times")}`];
  for (const { prediction, count, margin } of mistakes(m)[i]) {
    text.push(`; taken for `, name(labels[prediction]), ` ${counted(count, "time", "times")}`, margin ? `, by ${fixed(margin)} more similar to it than to its own class` : "");
  }
  return [...text, "."];
}

// randomFrom gives a generator that is the same for the same seed: xorshift, Marsaglia 2003.
function randomFrom(seed) {
  let state = (seed ^ 0x9e3779b9) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function sample(list, n, random) {
  const rest = [...list];
  return Array.from({ length: Math.min(n, rest.length) }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]);
}

// galleries draws the three galleries once they come near the view.
function galleries() {
  const box = byId("galleries"), random = randomFrom(data.seed);
  const part = (title, note, content) => [make("h3", {}, title), make("p", { class: "note" }, note), content];
  let shown = false;

  function randomPart() {
    const evaluated = pictures.map((_, i) => i).filter((i) => model().evaluated[i]);
    const grid = make("div");
    const show = () => grid.replaceChildren(gallery(sample(evaluated, 12, random), labelOf));
    show();
    return [grid, make("button", { type: "button", onclick: show }, "Draw others")];
  }

  function draw() {
    if (!shown) return;
    const m = model(), share = (i) => wrongRuns(m, i) / m.evaluated[i];
    const wrong = pictures.map((_, i) => i).filter((i) => mistakes(m)[i].length)
      .sort((a, b) => meanMargin(m, b) - meanMargin(m, a) || share(b) - share(a) || a - b);
    box.replaceChildren(...[
      part("At random", "What the pictures look like, and what becomes of them.", randomPart()),
      part(`Mistakes (${wrong.length})`, "The worst first: those by far more similar to the class predicted than to their own.",
        wrong.length ? gallery(wrong, labelOf, 12) : make("p", {}, "None.")),
      part(`Suspicious labels (${m.suspicious.length})`, "Wrong in more than half of the runs that evaluate them. Often it is the label that is wrong.",
        m.suspicious.length ? gallery(m.suspicious, labelOf, 12) : make("p", {}, "None.")),
    ].flat(2));
  }

  onModel(draw);
  onView(box, () => { shown = true; draw(); });
}
