// The film viewer. Gradio runs this once with `element`, `trigger`, `upload`, `props` and `watch`; `settings` stands before it.
// A film comes as gzipped uint16, because a canvas makes 8 bits of a 16-bit PNG; its window is applied here.

const words = settings.words;
const slots = ["frontal", "lateral", "prior"];
const films = {};
let shown = null;
let centre = 0, width = 1, inverted = false, asStored = true;
let zoom = 1, panX = 0, panY = 0;

const find = (selector) => element.querySelector(selector);
const slotOf = (name) => find(`.cb-slot[data-slot="${name}"]`);
const canvas = find("canvas");
const screen = find(".cb-screen");
const sliders = { centre: find(".cb-centre"), width: find(".cb-width") };
const buttons = [".cb-invert", ".cb-farther", ".cb-closer", ".cb-reset"].map(find);
const picture = document.createElement("canvas"); // the film at its own size; the visible canvas zooms it

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}

async function take(film) {
  if (typeof DecompressionStream === "undefined") return { ...film, pixels: null, warnings: [words.old] };
  const [values, greys] = await Promise.all([unpack(film.values), unpack(film.greys)]);
  return { ...film, pixels: new Uint16Array(values), table: new Uint8Array(greys) };
}

function greysOf(film) {
  // PS3.3 C.11.2.1.2, once the reader has moved the window; before that the film's own, which need not be linear.
  const table = new Uint8Array(film.highest + 1);
  for (let value = 0; value <= film.highest; value++) {
    let grey = asStored ? film.table[value] : ((value - centre + 0.5) / Math.max(width - 1, 1e-6) + 0.5) * 255;
    grey = Math.min(255, Math.max(0, grey));
    table[value] = inverted ? 255 - grey : grey;
  }
  return table;
}

function develop() {
  const film = films[shown];
  if (!film || !film.pixels) return draw();
  picture.width = film.columns;
  picture.height = film.rows;
  const pen = picture.getContext("2d");
  const image = pen.createImageData(film.columns, film.rows);
  const out = new Uint32Array(image.data.buffer);
  const table = greysOf(film);
  for (let i = 0; i < out.length; i++) out[i] = 0xff000000 | (table[film.pixels[i]] * 0x010101);
  pen.putImageData(image, 0, 0);
  find(".cb-window").textContent = `C ${Math.round(centre)}  W ${Math.round(width)}`;
  draw();
}

function draw() {
  const scale = window.devicePixelRatio || 1;
  const box = screen.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * scale));
  canvas.height = Math.max(1, Math.round(box.height * scale));
  const pen = canvas.getContext("2d");
  const film = films[shown];
  if (!film || !film.pixels) return;
  const fit = Math.min(canvas.width / film.columns, canvas.height / film.rows) * zoom;
  const [wide, high] = [film.columns * fit, film.rows * fit];
  const slack = (size, room) => Math.max(0, (size - room) / 2);
  panX = Math.min(slack(wide, canvas.width), Math.max(-slack(wide, canvas.width), panX));
  panY = Math.min(slack(high, canvas.height), Math.max(-slack(high, canvas.height), panY));
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, (canvas.width - wide) / 2 + panX, (canvas.height - high) / 2 + panY, wide, high);
}

let due = 0;
function developSoon() {
  if (!due) due = requestAnimationFrame(() => { due = 0; develop(); });
}

function setWindow(newCentre, newWidth) {
  const film = films[shown];
  if (!film) return;
  centre = Math.min(film.highest, Math.max(0, newCentre));
  width = Math.min(2 * Math.max(film.highest, 1), Math.max(1, newWidth));
  asStored = false;
  sliders.centre.value = centre;
  sliders.width.value = width;
  developSoon();
}

function setZoom(factor) {
  zoom = Math.min(12, Math.max(1, zoom * factor));
  draw();
}

function resetView() {
  const film = films[shown];
  zoom = 1; panX = panY = 0;
  if (!film) return;
  centre = film.centre; width = film.width; inverted = film.inverted; asStored = true;
  sliders.centre.max = film.highest;
  sliders.width.max = 2 * Math.max(film.highest, 1);
  sliders.centre.value = centre;
  sliders.width.value = width;
  find(".cb-invert").setAttribute("aria-pressed", "false");
  develop();
}

function invert() {
  inverted = !inverted;
  find(".cb-invert").setAttribute("aria-pressed", String(inverted !== films[shown]?.inverted));
  develop();
}

function show(name) {
  shown = films[name] ? name : slots.find((slot) => films[slot]) || null;
  for (const slot of slots) {
    const card = slotOf(slot);
    const film = films[slot];
    card.classList.toggle("cb-full", Boolean(film));
    card.querySelector(".cb-show").setAttribute("aria-pressed", String(slot === shown));
    card.querySelector(".cb-remove").hidden = !film;
    card.querySelector(".cb-choose span").textContent = film ? words.replace : words.choose;
    card.querySelector(".cb-slot-state").textContent =
      film ? (/^\d/.test(film.caption) ? "" : film.caption.split(" · ")[0]) : slot === "frontal" ? words.required : words.optional;
  }
  const film = films[shown];
  element.querySelector(".cb-viewer").classList.toggle("cb-has-film", Boolean(film));
  for (const control of [...Object.values(sliders), ...buttons]) control.disabled = !film;
  find(".cb-caption").textContent = film ? film.caption : "";
  find(".cb-window").textContent = "";
  const notes = slots.flatMap((slot) => (films[slot]?.warnings || []).map((note) => `${words[slot]}: ${note}`));
  find(".cb-warnings").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  if (film) resetView(); else draw();
}

function say(slot, text) {
  slotOf(slot).classList.remove("cb-reading");
  const item = document.createElement("li");
  item.textContent = text;
  find(".cb-warnings").replaceChildren(item);
}

async function send(slot, file) {
  if (!file) return;
  if (file.size > settings.mebibytes * 2 ** 20) {
    say(slot, words.large.replace("{found}", Math.ceil(file.size / 2 ** 20)).replace("{allowed}", settings.mebibytes));
    return;
  }
  const card = slotOf(slot);
  card.classList.add("cb-reading");
  card.querySelector(".cb-slot-state").textContent = words.reading;
  try {
    // The file's own name often is the patient's: it stays here. The random one cannot be guessed by anybody else.
    const name = `film-${crypto.getRandomValues(new BigUint64Array(2)).join("")}`;
    const { path } = await upload(new File([file], name));
    trigger("upload", { slot, path });
  } catch {
    show(shown);
    say(slot, words.failed);
  }
}

watch("value", async () => {
  const news = props.value && props.value.films;
  if (!news) return;
  let first = null;
  for (const slot of slots) slotOf(slot).classList.remove("cb-reading"); // also of a film that was refused
  for (const [slot, film] of Object.entries(news)) {
    if (film) films[slot] = await take(film); else delete films[slot];
    if (film && !first) first = slot;
  }
  show(first || shown);
});

for (const slot of slots) {
  const card = slotOf(slot);
  const input = card.querySelector("input");
  input.addEventListener("change", () => {
    send(slot, input.files[0]);
    input.value = "";
  });
  card.querySelector(".cb-show").addEventListener("click", () => films[slot] && show(slot));
  card.querySelector(".cb-remove").addEventListener("click", () => trigger("delete", { slot }));
  drop(card, slot);
}
drop(screen, "frontal");

function drop(target, slot) {
  target.addEventListener("dragover", (event) => { event.preventDefault(); target.classList.add("cb-over"); });
  target.addEventListener("dragleave", () => target.classList.remove("cb-over"));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("cb-over");
    send(slot, event.dataTransfer.files[0]);
  });
}

sliders.centre.addEventListener("input", () => setWindow(Number(sliders.centre.value), width));
sliders.width.addEventListener("input", () => setWindow(centre, Number(sliders.width.value)));
find(".cb-invert").addEventListener("click", invert);
find(".cb-closer").addEventListener("click", () => setZoom(1.25));
find(".cb-farther").addEventListener("click", () => setZoom(0.8));
find(".cb-reset").addEventListener("click", resetView);

canvas.addEventListener("pointerdown", (event) => {
  if (!films[shown]) return;
  canvas.setPointerCapture(event.pointerId);
  const moves = event.shiftKey || event.button === 1;
  const from = { x: event.clientX, y: event.clientY, centre, width, panX, panY };
  const perPixel = Math.max(films[shown].highest / 600, 0.25);
  const scale = window.devicePixelRatio || 1;
  const follow = (now) => {
    const [dx, dy] = [now.clientX - from.x, now.clientY - from.y];
    if (!moves) return setWindow(from.centre + dy * perPixel, from.width + dx * perPixel);
    panX = from.panX + dx * scale;
    panY = from.panY + dy * scale;
    draw();
  };
  canvas.addEventListener("pointermove", follow);
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => canvas.removeEventListener("pointermove", follow), { once: true });
});
canvas.addEventListener("wheel", (event) => {
  if (!films[shown]) return;
  event.preventDefault();
  setZoom(event.deltaY < 0 ? 1.12 : 1 / 1.12);
}, { passive: false });
canvas.addEventListener("dblclick", resetView);
canvas.addEventListener("keydown", (event) => {
  if (!films[shown] || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = 40;
  const keys = {
    "+": () => setZoom(1.25), "=": () => setZoom(1.25), "-": () => setZoom(0.8), "0": resetView, i: invert, I: invert,
    ArrowLeft: () => { panX += step; draw(); }, ArrowRight: () => { panX -= step; draw(); },
    ArrowUp: () => { panY += step; draw(); }, ArrowDown: () => { panY -= step; draw(); },
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});
new ResizeObserver(draw).observe(screen);
