// Probabilities: how good they are, and how often answers of a confidence are right.

const judged = data.models.filter((m) => m.probabilities);

function probabilitiesSection() {
  if (judged.length === 0) return;
  const n = labels.length;
  byId("probabilities-note").append(
    `The lower the better: ${counted(n, "class", "classes")} equally likely have a log loss of ${fixed(Math.log(n))} and a Brier score of ${fixed(1 - 1 / n)}. ` +
    "A point of the plot is a fifteenth of all answers; calibrated probabilities lie on the diagonal.");
  const rows = judged.map((m) => row([several ? swatch(data.models.indexOf(m)) : null, name(m.name)],
    estimate(m.probabilities.logLoss), estimate(m.probabilities.brier), fixed(m.probabilities.error)));
  byId("probabilities-table").append(make("table", {},
    make("thead", {}, make("tr", {}, header("Model"), header("Log loss (nats)"), header("Brier score"), header("Calibration error"))),
    make("tbody", {}, rows)));
  reliabilityPlot();
}

function reliabilityPlot() {
  const box = byId("probabilities-plot"), area = make("div");
  box.append(area, legend() ?? "");
  const points = judged.flatMap((m) => m.probabilities.bins.map(([confidence, accuracy, answers]) => ({ m, confidence, accuracy, answers })));
  points.sort((a, b) => a.confidence - b.confidence);
  onSize(box, (width) => {
    const fifths = [0, 0.2, 0.4, 0.6, 0.8, 1];
    const plot = frame(width, Math.min(380, Math.max(240, width * 0.5)),
      { min: 0, max: 1, ticks: fifths, format: (v) => fixed(v, 1), title: "Mean confidence of the answers" },
      { min: 0, max: 1, ticks: fifths, format: (v) => fixed(v, 1) }, "Share of right answers by confidence");
    plot.svg.append(shape("line", { class: "diagonal", x1: plot.atX(0), y1: plot.atY(0), x2: plot.atX(1), y2: plot.atY(1) }));
    for (const m of judged) {
      const i = data.models.indexOf(m), at = m.probabilities.bins.map(([x, y]) => [plot.atX(x), plot.atY(y)]);
      plot.svg.append(shape("polyline", { points: at.map((xy) => xy.join(",")).join(" "), fill: "none", stroke: seriesColour(i),
        "stroke-width": 1.5, "stroke-dasharray": seriesDash(i) }),
        ...at.map(([x, y]) => shape("circle", { cx: x, cy: y, r: 3.5, fill: seriesColour(i) })));
    }
    const nearest = (px) => {
      const x = plot.fromX(px);
      return points.reduce((best, p, k) => (Math.abs(p.confidence - x) < Math.abs(points[best].confidence - x) ? k : best), 0);
    };
    const content = (k) => {
      const p = points[k];
      return [line(several ? name(p.m.name) : counted(p.answers, "answer", "answers")), pair("confidence", fixed(p.confidence)),
        pair("right", fixed(p.accuracy)), several ? pair("answers", p.answers.toLocaleString("en")) : ""];
    };
    explore(area, plot, points.length, (k) => plot.atX(points[k].confidence), nearest, content, "Reliability of the probabilities.");
  });
}
