// Matrices of classes on a canvas: confusion and similarity.

const largestMatrix = 500; // classes; of more, nothing could be seen

// matrix draws cells and names. of has label, colour(r, c), hint(r, c), and may have number(r, c)
// and open(r, c).
function matrix(box, of) {
  const n = labels.length;
  const canvas = make("canvas", { "aria-hidden": "true" });
  const bands = [make("div", { class: "band" }), make("div", { class: "band" })];
  const wrapper = make("div", { class: "matrix", tabindex: "0", role: "application", "aria-roledescription": "matrix",
    "aria-label": of.label }, canvas, bands);
  box.append(wrapper);
  let cell = 0, left = 0, top = 0, at = [0, 0];

  function layout() {
    const context = canvas.getContext("2d");
    context.font = "12px system-ui, sans-serif";
    const longest = Math.min(130, Math.max(...labels.map((label) => context.measureText(label).width)) + 10);
    [left, top] = n > 200 ? [8, 8] : [longest, longest];
    cell = Math.max(n > 200 ? 4 : 11, Math.min(40, Math.floor((box.clientWidth - left - 1) / n * 4) / 4));
  }

  function draw() {
    layout();
    const side = n * cell;
    const context = canvasOf(canvas, left + side + 1, top + side + 1);
    context.fillStyle = style("--surface");
    context.fillRect(left, top, side, side);
    const gap = cell >= 8 ? 1 : 0;
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        const colour = of.colour(r, c);
        if (!colour) continue;
        context.fillStyle = colour;
        context.fillRect(left + c * cell, top + r * cell, cell - gap, cell - gap);
        if (cell >= 26 && of.number) number(context, r, c, colour);
      }
    }
    context.strokeStyle = style("--line");
    context.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
    if (cell >= 9) names(context);
  }

  function number(context, r, c, colour) {
    context.fillStyle = inkOn(colour);
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(of.number(r, c), left + (c + 0.5) * cell, top + (r + 0.5) * cell);
  }

  function names(context) {
    context.fillStyle = style("--muted");
    context.font = `${Math.min(12, cell - 0.5)}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    labels.forEach((label, i) => {
      const text = shortened(context, label, left - 8);
      context.textAlign = "right";
      context.fillText(text, left - 6, top + (i + 0.5) * cell);
      context.save();
      context.translate(left + (i + 0.5) * cell, top - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillText(text, 0, 0);
      context.restore();
    });
  }

  function mark(r, c, y) {
    at = [r, c];
    place(bands[0], 0, top + r * cell, left + n * cell, cell);
    place(bands[1], left + c * cell, 0, cell, top + n * cell);
    const area = wrapper.getBoundingClientRect();
    hint(area.left + left + (c + 0.5) * cell, y ?? area.top + top + (r + 0.5) * cell, ...of.hint(r, c));
  }

  function unmark() {
    for (const band of bands) band.hidden = true;
    hideHint();
  }

  // step moves by keys and keeps the cell in view.
  function step(dr, dc) {
    const clamp = (v) => Math.max(0, Math.min(n - 1, v));
    const [r, c] = [clamp(at[0] + dr), clamp(at[1] + dc)];
    const x = left + c * cell;
    if (x < box.scrollLeft || x + cell > box.scrollLeft + box.clientWidth) box.scrollLeft = x - box.clientWidth / 2;
    mark(r, c);
    bands[1].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const cellOf = (event) => {
    const area = wrapper.getBoundingClientRect();
    return [Math.floor((event.clientY - area.top - top) / cell), Math.floor((event.clientX - area.left - left) / cell)];
  };
  const inside = (i) => i >= 0 && i < n;

  wrapper.addEventListener("pointermove", (event) => {
    const [r, c] = cellOf(event);
    const onName = inside(r) !== inside(c) && Math.min(r, c) < 0;
    wrapper.style.cursor = onName || (inside(r) && inside(c) && of.open) ? "pointer" : "";
    if (inside(r) && inside(c)) mark(r, c, event.clientY);
    else unmark();
  });
  wrapper.addEventListener("pointerleave", unmark);
  wrapper.addEventListener("click", (event) => {
    const [r, c] = cellOf(event);
    if (inside(r) && inside(c)) of.open?.(r, c);
    else if (inside(r) && c < 0) openClass(r);
    else if (inside(c) && r < 0) openClass(c);
  });
  wrapper.addEventListener("focus", () => wrapper.matches(":focus-visible") && mark(...at));
  wrapper.addEventListener("blur", unmark);
  const open = () => (of.open ?? openClass)(...at);
  onKeys(wrapper, { ArrowUp: () => step(-1, 0), ArrowDown: () => step(1, 0), ArrowLeft: () => step(0, -1), ArrowRight: () => step(0, 1),
    PageUp: () => step(-10, 0), PageDown: () => step(10, 0), Home: () => step(0, -n), End: () => step(0, n),
    Enter: open, " ": open, Escape: unmark });

  onSize(box, draw);
  onScheme(draw);
  onModel(() => { if (box.clientWidth) draw(); });
}

function place(band, x, y, width, height) {
  band.hidden = false;
  Object.assign(band.style, { left: x + "px", top: y + "px", width: width + "px", height: height + "px" });
}

function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && context.measureText(letters.join("") + "…").width > width) letters.pop();
  return letters.join("") + "…";
}

// inkOn is the text colour that stands out more from rgb(r g b).
function inkOn(colour) {
  const luminance = (rgb) => rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  return luminance(colour.match(/\d+/g).map(Number)) > 0.179 ? "#000000" : "#ffffff";
}

function confusionMatrix() {
  const box = byId("confusion-plot");
  if (labels.length > largestMatrix) {
    box.append(`A matrix of ${labels.length} classes could not be read. These pairs are confused most:`);
    return;
  }
  const share = (r, c) => confusion(model())(r, c) / (model().classes[r].support || 1);
  matrix(box, {
    label: "Confusion matrix, true class by prediction. Arrow keys move, Enter opens the pictures of a cell.",
    colour(r, c) {
      const s = share(r, c);
      if (!s) return null;
      return r === c ? mix(style("--surface"), style("--accent"), 0.1 + 0.8 * s) : mix(style("--surface"), style("--wrong"), 0.15 + 0.85 * Math.sqrt(s));
    },
    number: (r, c) => perRun(confusion(model())(r, c)),
    hint: (r, c) => [
      line(make("strong", {}, name(labels[r])), " → ", make("strong", {}, name(labels[c]))),
      line(`${picturesPerRun(confusion(model())(r, c))}, ${percent(share(r, c))} of `, name(labels[r])),
    ],
    open: openPair,
  });
}

// perRun writes a mean count. A single run has whole numbers, and a small mean never shows as 0.
function perRun(x) {
  if (model().runs.length === 1 || x === 0) return String(x);
  return x < 0.05 ? "<0.1" : x.toFixed(1);
}

function picturesPerRun(x) {
  const count = perRun(x);
  return `${count} ${count === "1" ? "picture" : "pictures"} per run`;
}

// confusedPairs lists what is confused most, for those who would rather read than look.
function confusedPairs() {
  const box = byId("confused");
  onModel(() => {
    const pairs = model().confused;
    box.replaceChildren(...(pairs.length ? [make("h3", {}, "Most confused"), make("ol", { class: "pairs" }, pairs.map(([t, p, count, share]) =>
      make("li", {}, make("button", { type: "button", class: "open", onclick: () => openPair(t, p) }, name(labels[t]), " → ", name(labels[p])),
        ` ${perRun(count)} per run, ${percent(share)}`)))] : []));
  });
}

function similarityMatrix() {
  const box = byId("similarity-plot");
  if (labels.length > largestMatrix || !data.models.some((m) => m.similarity)) {
    byId("similarity").hidden = true;
    return;
  }
  const range = () => {
    const values = (model().similarity ?? []).flatMap((list, r) => list.filter((v, c) => defined(v) && r !== c));
    const low = values.reduce((a, b) => Math.min(a, b), 1), high = values.reduce((a, b) => Math.max(a, b), -1);
    return { low, high: Math.max(high, low + 1e-6) };
  };
  let bounds = range();
  const between = (share) => mix(style("--surface"), style("--accent"), 0.02 + 0.93 * share);
  onModel(() => { bounds = range(); });
  const value = (r, c) => model().similarity?.[r][c];
  matrix(box, {
    label: "Similarity of classes. Arrow keys move, Enter opens the class of the row.",
    colour: (r, c) => (r === c ? mix(style("--line"), style("--line"), 0) : defined(value(r, c)) ? between((value(r, c) - bounds.low) / (bounds.high - bounds.low)) : null),
    number: (r, c) => (r === c ? "" : fixed(value(r, c), 2)),
    hint: (r, c) => [line(make("strong", {}, name(labels[r])), " and ", make("strong", {}, name(labels[c]))), line(`cosine similarity ${fixed(value(r, c))}`)],
  });
  similarityScale(between, () => bounds);
}

function similarityScale(between, bounds) {
  const canvas = make("canvas", { "aria-hidden": "true" }), low = make("span"), high = make("span");
  byId("similarity").append(make("div", { class: "scale" }, low, canvas, high));
  const draw = () => {
    const context = canvasOf(canvas, 160, 10);
    for (let x = 0; x < 160; x++) {
      context.fillStyle = between(x / 159);
      context.fillRect(x, 0, 1, 10);
    }
    low.textContent = fixed(bounds().low, 2);
    high.textContent = fixed(bounds().high, 2);
  };
  onModel(draw);
  onScheme(draw);
}
