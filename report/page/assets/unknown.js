// Unknown classes: which score rejects best, and what is accepted wrongly.

// acceptedTile is a picture of a class that was left out, with what it was taken for.
function acceptedTile([i, prediction, score]) {
  return framed(i, make("span", { class: "line" }, name(labelOf(i))),
    make("span", { class: "line wrong" }, "→ ", name(labels[prediction])), make("span", { class: "line quiet" }, fixed(score)));
}

function rejectionTable(o) {
  const rows = o.scores.map((s, i) => row([swatch(i), s.name], estimate(s.auroc), fixed(s.fpr95.mean), ...s.accuracy.map((a) => fixed(a.mean))));
  return make("table", {}, make("thead", {}, make("tr", {}, header("Rejected by"), header("AUROC"), header("Accepted at 95 %"),
    ...data.coverages.map((c) => header(`Accuracy at ${fixed(c, 1)}`)))), make("tbody", {}, rows));
}

function riskPlot(area, o, width) {
  const fifths = [0, 0.2, 0.4, 0.6, 0.8, 1], n = o.scores[0].risk.length;
  const plot = frame(width, Math.min(380, Math.max(240, width * 0.5)),
    { min: 0, max: 1, ticks: fifths, format: (v) => percent(v, 0), title: "Share of the answers that are accepted" },
    { min: 0, max: 1, ticks: fifths, format: (v) => fixed(v, 1) }, "Share of wrong answers among the accepted");
  o.scores.forEach((s, i) => plot.svg.append(shape("polyline", {
    points: s.risk.map((risk, k) => `${plot.atX((k + 1) / n)},${plot.atY(risk)}`).join(" "), fill: "none", stroke: seriesColour(i),
    "stroke-width": 2, "stroke-dasharray": seriesDash(i) })));
  const content = (k) => [line(`${percent((k + 1) / n, 0)} accepted: wrong are`), ...o.scores.map((s) => pair(s.name, fixed(s.risk[k])))];
  explore(area, plot, n, (k) => plot.atX((k + 1) / n), (px) => Math.round(plot.fromX(px) * n) - 1, content, "Risk and coverage.");
}

function unknownClasses() {
  const box = byId("unknown-pictures");
  if (!box) return;
  const area = byId("unknown-plot");
  let width = 0, shown = false;

  function draw() {
    const o = model().openSet;
    byId("unknown-note").textContent = `Each run leaves ${percent(o.share, 0)} of the classes out of its training part and asks about their pictures, too; ` +
      "whatever is answered about these is wrong. AUROC is how likely a picture of a known class scores higher than one of an unknown class: 0.5 says nothing, 1 tells all apart. " +
      "“Accepted at 95 %” is the share of pictures of unknown classes that score as high as 95 % of the others do. The accuracy is that of the answers which are accepted where 80 %, 90 % or all are, " +
      "those that score highest. The lower a curve, the better the score tells what to reject.";
    byId("unknown-table").replaceChildren(rejectionTable(o));
    if (width) riskPlot(area, o, width);
    if (!shown) return;
    box.replaceChildren(make("h3", {}, "Accepted wrongly"),
      make("p", { class: "note" }, `Pictures of classes that were left out, with what they were taken for and their mean score, ${o.best}; the highest first.`,
        o.accepted.length < o.all ? ` The first ${o.accepted.length} of ${o.all.toLocaleString("en")} are here.` : ""), growing(o.accepted, acceptedTile, 12));
  }

  onModel(draw);
  onSize(area, (w) => { width = w; draw(); });
  onView(box, () => { shown = true; draw(); });
}
