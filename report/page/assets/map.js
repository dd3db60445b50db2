// The map of embeddings: two principal components on a canvas, a point a picture.

// classColour spreads hues by the golden angle, so that classes next to each other in the list
// differ most.
const classColour = (c) => `hsl(${Math.round(c * 137.508) % 360} 62% ${style("--points")})`;

function embeddingMap() {
  if (!data.models.some((m) => m.points)) {
    byId("map").hidden = true;
    return;
  }
  const box = byId("map-plot");
  const canvas = make("canvas", { "aria-hidden": "true" });
  const wrapper = make("div", { class: "map", tabindex: "0", role: "application", "aria-roledescription": "map",
    "aria-label": "Map of the embeddings. Arrow keys go to the nearest picture in that direction, Enter opens it." }, canvas);
  box.append(wrapper);
  const chooser = byId("map-class");
  chooser.append(make("option", { value: "" }, "all classes"), ...labels.map((label, c) => make("option", { value: c }, label)));
  let spots = [], at = -1, lit = null;

  const chosen = () => (chooser.value === "" ? null : Number(chooser.value));

  // layout puts both axes on one scale, since they have one unit.
  function layout(width, height) {
    const points = model().points ?? [];
    const xs = points.map((p) => p[1]), ys = points.map((p) => p[2]);
    const span = (v) => [v.reduce((a, b) => Math.min(a, b), Infinity), v.reduce((a, b) => Math.max(a, b), -Infinity)];
    const [x0, x1] = span(xs), [y0, y1] = span(ys), pad = 14;
    const scale = Math.min((width - 2 * pad) / (x1 - x0 || 1), (height - 2 * pad) / (y1 - y0 || 1));
    const [shiftX, shiftY] = [(width - scale * (x1 - x0)) / 2, (height - scale * (y1 - y0)) / 2];
    spots = points.map(([i, x, y]) => ({ i, x: shiftX + scale * (x - x0), y: height - shiftY - scale * (y - y0), target: pictures[i].target, wrong: mostlyWrong(model(), i) }));
  }

  function draw() {
    const width = box.clientWidth, height = Math.round(Math.min(560, Math.max(300, width * 0.6)));
    const context = canvasOf(canvas, width, height);
    layout(width, height);
    paint(context, width, height);
  }

  function paint(context, width, height) {
    const one = chosen() ?? lit;
    const colours = labels.map((_, c) => classColour(c));
    const ink = style("--text"), radius = spots.length > 2000 ? 2.5 : 3.5;
    context.clearRect(0, 0, width, height);
    for (const spot of [...spots].sort((a, b) => a.wrong - b.wrong)) {
      context.globalAlpha = one === null ? 0.85 : spot.target === one ? 1 : 0.12;
      context.fillStyle = colours[spot.target];
      context.beginPath();
      context.arc(spot.x, spot.y, radius, 0, 7);
      context.fill();
      if (spot.wrong) cross(context, spot, radius + 1.5, ink);
    }
    context.globalAlpha = 1;
    if (at >= 0 && spots[at]) {
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(spots[at].x, spots[at].y, radius + 4, 0, 7);
      context.stroke();
    }
  }

  function cross(context, { x, y }, r, ink) {
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x + r, y - r);
    context.lineTo(x - r, y + r);
    context.stroke();
  }

  function repaint() {
    const context = canvas.getContext("2d");
    paint(context, parseFloat(canvas.style.width), parseFloat(canvas.style.height));
  }

  function mark(index) {
    if (index !== at) {
      at = index;
      lit = at < 0 ? null : spots[at].target;
      repaint();
    }
    if (at < 0) return hideHint();
    const { x, y, i, target } = spots[at], area = wrapper.getBoundingClientRect();
    hint(area.left + x, area.top + y, picture(i), line(make("strong", {}, name(labels[target]))), line(name(pictures[i].file)), line(...verdict(model(), i)));
  }

  function nearest(x, y, within, accept = () => true) {
    let best = -1, least = within * within;
    spots.forEach((spot, k) => {
      const d = (spot.x - x) ** 2 + (spot.y - y) ** 2;
      if (d < least && accept(spot, k)) [best, least] = [k, d];
    });
    return best;
  }

  // go moves to the nearest picture within 45° of a direction.
  function go(dx, dy) {
    if (at < 0) return mark(0);
    const from = spots[at];
    const next = nearest(from.x, from.y, Infinity, (spot, k) => {
      const x = spot.x - from.x, y = spot.y - from.y;
      return k !== at && x * dx + y * dy > 0 && Math.abs(x * dy - y * dx) <= x * dx + y * dy;
    });
    if (next >= 0) mark(next);
  }

  wrapper.addEventListener("pointermove", (event) => {
    const area = wrapper.getBoundingClientRect();
    const found = nearest(event.clientX - area.left, event.clientY - area.top, 14);
    wrapper.style.cursor = found >= 0 ? "pointer" : "";
    mark(found);
  });
  wrapper.addEventListener("pointerleave", () => mark(-1));
  wrapper.addEventListener("blur", () => mark(-1));
  wrapper.addEventListener("focus", () => wrapper.matches(":focus-visible") && spots.length && mark(Math.max(at, 0)));
  const open = () => at >= 0 && openPicture(spots[at].i);
  wrapper.addEventListener("click", open);
  onKeys(wrapper, { ArrowLeft: () => go(-1, 0), ArrowRight: () => go(1, 0), ArrowUp: () => go(0, -1), ArrowDown: () => go(0, 1),
    Enter: open, " ": open, Escape: () => mark(-1) });
  chooser.addEventListener("change", repaint);
  onSize(box, draw);
  onScheme(draw);
  onModel(() => {
    const explained = model().explained;
    at = -1;
    byId("map-note").textContent = "Each point is a picture, placed by the two directions in which the embeddings vary most" +
      (explained ? `, which hold ${percent(explained[0])} and ${percent(explained[1])} of their variance` : "") +
      ". A colour is a class; a cross marks a picture that is wrong in more than half of its runs.";
    if (box.clientWidth) draw();
  });
}
