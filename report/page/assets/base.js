// What all parts share: the data, elements, numbers, colours, the hint beside the pointer.

const data = JSON.parse(byId("data").textContent);
const labels = data.labels;
const several = data.models.length > 1;
const series = 6; // colours of the style sheet

// The model that the parts below the run plot show. They say by onModel how to draw themselves.
let current = 0;
const redraws = [];
const onModel = (redraw) => redraws.push(redraw);
const model = () => data.models[current];

function byId(id) { return document.getElementById(id); }

// make builds an element. Texts become text nodes, so no name from a file system can be taken for
// markup.
function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

// A name of either writing direction must not turn the text around it.
const name = (text) => make("bdi", {}, text);

const undefinedText = "–";
const defined = (x) => x !== null && x !== undefined;
const fixed = (x, places = 3) => (defined(x) ? x.toFixed(places).replace("-", "−") : undefinedText);
const percent = (x, places = 1) => (defined(x) ? fixed(100 * x, places) + " %" : undefinedText);
const signed = (x, places) => (x > 0 ? "+" : "") + fixed(x, places);
const counted = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

// places gives three decimals, or up to six where fewer would print a half-width as 0.
function places(half) {
  for (let p = 3; defined(half) && p < 6; p++) if (Math.round(half * 10 ** p) >= 1) return p;
  return defined(half) && half > 0 ? 6 : 3;
}

const style = (property) => getComputedStyle(document.documentElement).getPropertyValue(property).trim();
const seriesColour = (i) => `var(--series-${i % series})`;
const seriesDash = (i) => ["", "7 4", "2 4"][Math.floor(i / series) % 3];

// mix goes from one colour of the style sheet to another, both #rrggbb.
function mix(from, to, share) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map((i) => Math.round(part(from, i) + (part(to, i) - part(from, i)) * share)).join(" ")})`;
}

// onSize draws now and whenever the width of the box changes.
function onSize(box, draw) {
  let width = 0;
  new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    draw(width);
  }).observe(box);
}

// onScheme draws again when light turns to dark: a canvas does not follow the style sheet.
function onScheme(draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

// onView waits until a box comes near the view.
function onView(box, show) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    show();
  }, { rootMargin: "300px" });
  observer.observe(box);
}

// hint shows content beside a point of the window.
function hint(x, y, ...content) {
  const tip = byId("tip");
  tip.replaceChildren(...content);
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = x + 14 + width < innerWidth ? x + 14 : x - 14 - width;
  const top = y + 14 + height < innerHeight ? y + 14 : y - 14 - height;
  tip.style.left = Math.max(4, left) + "px";
  tip.style.top = Math.max(4, top) + "px";
}

function hideHint() { byId("tip").hidden = true; }

const line = (...content) => make("div", {}, ...content);
const pair = (left, right) => make("div", { class: "pair" }, make("span", {}, left), make("span", {}, right));

// canvasOf gives a canvas whose pixels are those of the screen, and a context that counts in CSS
// pixels.
function canvasOf(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return context;
}

// onKeys calls the action of a key, which is then the page's own and does not scroll. Enter and
// space act when they are released: what they open gets the focus, and must not get the rest of the
// stroke, too.
function onKeys(element, actions) {
  let held = "";
  element.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === "Enter" || event.key === " ") held = event.key;
    else action();
  });
  element.addEventListener("keyup", (event) => {
    if (held && event.key === held) actions[held]();
    held = "";
  });
}
