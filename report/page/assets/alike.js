// Equal and alike pictures, side by side.

// likeness says how two pictures are alike, and whether their labels differ.
function likeness([a, b, similarity, equal]) {
  return make("p", { class: "likeness" }, equal ? "equal files" : `similarity ${fixed(similarity, similarity < 0.9995 ? 3 : 5)}`,
    pictures[a].target === pictures[b].target ? null : make("span", { class: "flag" }, "different classes"));
}

function alikePair(pair) {
  const [a, b] = pair, first = pictures[a].target === pictures[b].target ? fileOf : labelOf;
  return make("li", {}, likeness(pair), make("ul", { class: "gallery" }, tile(a, first(a)), tile(b, first(b))));
}

function alikePairs() {
  const box = byId("alike-pairs"), { list, total, across, threshold } = data.alike;
  if (!box) return;
  byId("alike-note").append(
    "Pictures whose files are equal, or whose embeddings have a cosine similarity of ", String(threshold), " or more",
    several ? [" by ", name(data.models[0].name)] : "", `: ${counted(total, "pair", "pairs")}, ${across.toLocaleString("en")} across classes, which come first. `,
    "Where two of different classes show the same, at least one label is wrong.",
    list.length < total ? ` The first ${counted(list.length, "pair", "pairs")} are here.` : "");
  if (!list.length) {
    box.append(make("p", {}, "None."));
    return;
  }
  const step = 12, grid = make("ul", { class: "alike" });
  const more = make("button", { type: "button", onclick: () => show(grid.children.length + step, true) }, "Show more");
  let shown = 0; // 0 until the section comes near the view
  function show(n, focus) {
    const from = grid.children.length;
    shown = Math.min(n, list.length);
    grid.append(...list.slice(from, shown).map(alikePair));
    more.hidden = shown >= list.length;
    if (focus) grid.children[from]?.querySelector("button").focus();
  }
  onView(box, () => { show(step); box.append(grid, more); });
  onModel(() => {
    if (!shown) return;
    grid.replaceChildren();
    show(shown);
  });
}
