// Line plots as SVG: cumulative accuracy, accuracy per run.

const margins = { top: 12, right: 26, bottom: 44, left: 52 };

// frame draws axes and grid for a width, and gives the scales.
function frame(width, height, x, y, label) {
  const right = width - margins.right, bottom = height - margins.bottom;
  const atX = (v) => margins.left + (v - x.min) / (x.max - x.min || 1) * (right - margins.left);
  const atY = (v) => bottom - (v - y.min) / (y.max - y.min || 1) * (bottom - margins.top);
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  for (const v of y.ticks) {
    svg.append(shape("line", { class: "grid", x1: margins.left, x2: right, y1: atY(v), y2: atY(v) }),
      shape("text", { x: margins.left - 8, y: atY(v) + 4, "text-anchor": "end" }, y.format(v)));
  }
  for (const v of x.ticks) svg.append(shape("text", { x: atX(v), y: bottom + 20, "text-anchor": "middle" }, x.format(v)));
  svg.append(shape("text", { x: (margins.left + right) / 2, y: height - 4, "text-anchor": "middle" }, x.title));
  return { svg, atX, atY, fromX: (px) => x.min + (px - margins.left) / (right - margins.left) * (x.max - x.min), bottom };
}

// ticks gives about n round numbers from min to max.
function ticks(min, max, n) {
  const raw = (max - min || 1) / n;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((s) => s * power >= raw * 0.999));
  const list = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) list.push(i * step);
  return list;
}

// explore lets pointer and arrow keys move a line over a plot's positions 0 … n − 1; content says
// what is there.
function explore(box, plot, n, positionOf, indexAt, content, what) {
  const cross = shape("line", { class: "cross", y1: margins.top, y2: plot.bottom, visibility: "hidden" });
  plot.svg.append(cross);
  let at = 0;
  const show = (i, y) => {
    at = Math.max(0, Math.min(n - 1, i));
    const x = positionOf(at);
    cross.setAttribute("x1", x);
    cross.setAttribute("x2", x);
    cross.setAttribute("visibility", "visible");
    const area = plot.svg.getBoundingClientRect();
    hint(area.left + x, y ?? area.top + area.height / 3, ...content(at));
  };
  const hide = () => { cross.setAttribute("visibility", "hidden"); hideHint(); };
  plot.svg.addEventListener("pointermove", (event) =>
    show(indexAt(event.clientX - plot.svg.getBoundingClientRect().left), event.clientY));
  plot.svg.addEventListener("pointerleave", hide);
  const focus = make("div", { tabindex: "0", role: "group", "aria-label": `${what} Arrow keys read the values.` }, plot.svg);
  focus.addEventListener("focus", () => focus.matches(":focus-visible") && show(at));
  focus.addEventListener("blur", hide);
  const page = Math.max(1, Math.round(n / 10));
  onKeys(focus, { ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1), PageUp: () => show(at - page),
    PageDown: () => show(at + page), Home: () => show(0), End: () => show(n - 1), Escape: hide });
  box.replaceChildren(focus);
}

// legend names the lines; one line needs none.
function legend() {
  if (!several) return null;
  return make("ul", { class: "legend" }, data.models.map((m, i) => make("li", {},
    shape("svg", { width: 24, height: 8, "aria-hidden": "true" },
      shape("line", { x1: 0, x2: 24, y1: 4, y2: 4, "stroke-width": 2.5, stroke: seriesColour(i), "stroke-dasharray": seriesDash(i) })),
    name(m.name))));
}

// steps are the corners of a curve: up to share k of the classes none is more accurate than value
// k.
const steps = (values) => values.flatMap((a, k) => (k ? [[k - 1, a], [k, a]] : [[0, 0]]));

function cumulativePlot() {
  const box = byId("curves-plot"), area = make("div");
  box.append(area, legend() ?? "");
  const n = Math.max(...data.models.map((m) => m.cumulative.length)) - 1;
  onSize(box, (width) => {
    const tens = [0, 0.2, 0.4, 0.6, 0.8, 1];
    const plot = frame(width, Math.min(380, Math.max(240, width * 0.5)),
      { min: 0, max: 1, ticks: tens, format: (v) => percent(v, 0), title: "Share of classes, least accurate first" },
      { min: 0, max: 1, ticks: tens, format: (v) => fixed(v, 1) }, "Cumulative accuracy of each model");
    data.models.forEach((m, i) => {
      const last = m.cumulative.length - 1 || 1;
      plot.svg.append(shape("polyline", { points: steps(m.cumulative).map(([k, a]) => `${plot.atX(k / last)},${plot.atY(a)}`).join(" "),
        fill: "none", stroke: seriesColour(i), "stroke-width": 2, "stroke-linejoin": "round", "stroke-dasharray": seriesDash(i) }));
    });
    const content = (k) => [line(`${percent(k / n)} of the classes: at most`),
      ...data.models.map((m) => pair(name(m.name), fixed(m.cumulative[Math.round(k / n * (m.cumulative.length - 1))])))];
    explore(area, plot, n + 1, (k) => plot.atX(k / n), (px) => Math.ceil(plot.fromX(px) * n), content,
      "Cumulative accuracy.");
  });
}

// runRange spans all runs and intervals, and some room.
function runRange() {
  const values = data.models.flatMap((m) => [...m.runs, m.accuracy.low, m.accuracy.high]).filter(defined);
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(0.005, (high - low) * 0.15);
  return { min: Math.max(0, low - room), max: Math.min(1, high + room) };
}

function runPlot() {
  const box = byId("runs-plot"), area = make("div"), runs = data.models[0].runs.length;
  if (runs === 1) {
    byId("runs").remove();
    byId("to-runs").remove();
    return;
  }
  byId("runs-note").append("A point is one run; the line is the mean, the band its interval" +
    (data.models.some((m) => defined(m.accuracy.corrected)) ? ", corrected for the overlap of the runs" : "") +
    (data.models.some((m) => m.accuracy.kind === "Wilson") ? ", or Wilson's where the runs do not vary." : "."));
  box.append(area, legend() ?? "");
  const range = runRange();
  onSize(box, (width) => {
    const yTicks = ticks(range.min, range.max, 5);
    const digits = Math.max(2, Math.ceil(-Math.log10((yTicks[1] ?? 1) - (yTicks[0] ?? 0)) - 1e-9));
    const xTicks = [...new Set(ticks(0, runs - 1, Math.min(runs, width / 60)).map(Math.round))].filter((v) => v < runs);
    const plot = frame(width, Math.min(320, Math.max(220, width * 0.4)),
      { min: -0.5, max: runs - 0.5, ticks: xTicks, format: String, title: "Run" },
      { ...range, ticks: yTicks, format: (v) => fixed(v, digits) }, "Accuracy of each run");
    data.models.forEach((m, i) => drawRuns(plot, m, i, runs));
    const content = (k) => [line(`Run ${k}`), ...data.models.map((m) => pair(name(m.name), fixed(m.runs[k], 4))),
      ...data.models.filter((m) => defined(m.accuracy.low)).map((m) =>
        pair(several ? make("span", {}, "mean of ", name(m.name)) : "mean",
          `${fixed(m.accuracy.mean)} (${fixed(m.accuracy.low)} to ${fixed(m.accuracy.high)})`))];
    explore(area, plot, runs, (k) => plot.atX(k), (px) => Math.round(plot.fromX(px)), content, "Accuracy per run.");
  });
}

function drawRuns(plot, m, i, runs) {
  const [left, right] = [plot.atX(-0.5), plot.atX(runs - 0.5)], colour = seriesColour(i);
  const { low, high, mean } = m.accuracy;
  if (defined(low)) {
    plot.svg.append(shape("rect", { x: left, width: right - left, y: plot.atY(high), height: plot.atY(low) - plot.atY(high), fill: colour, opacity: 0.13 }));
  }
  plot.svg.append(shape("line", { x1: left, x2: right, y1: plot.atY(mean), y2: plot.atY(mean), stroke: colour, "stroke-width": 1.5, "stroke-dasharray": seriesDash(i) }));
  const radius = runs > 100 ? 2 : 3.5;
  plot.svg.append(...m.runs.map((accuracy, k) => shape("circle", { cx: plot.atX(k), cy: plot.atY(accuracy), r: radius, fill: colour })));
}
