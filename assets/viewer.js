// The film viewer. Gradio runs this once with `element`, `trigger`, `upload`, `props` and `watch`; `settings` stands before it.
// A film comes as gzipped uint16, because a canvas makes 8 bits of a 16-bit PNG; its window is applied here.

const words = settings.words;
const roles = ["frontal", "lateral", "prior"];
const films = {};
let shown = null;
let centre = 0, width = 1, inverted = false, asStored = true;
let zoom = 1, panX = 0, panY = 0;

const find = (selector) => element.querySelector(selector);
const cardOf = (name) => find(`.cb-film[data-role="${name}"]`);
const canvas = find("canvas");
const screen = find(".cb-screen");
const sliders = { centre: find(".cb-centre"), width: find(".cb-width") };
const choices = { window: find(".cb-offered select"), view: find(".cb-view select") };
const buttons = [".cb-invert", ".cb-farther", ".cb-closer", ".cb-reset"].map(find);
const picture = document.createElement("canvas"); // the film at its own size; the visible canvas zooms it

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}

async function unpackFilm(film, before) {
  if (typeof DecompressionStream === "undefined") return { ...film, pixels: null, warnings: [words.old] };
  // Without values it is the film that is there already, of which something else is now known.
  const pixels = film.values ? new Uint16Array(await unpack(film.values)) : before.pixels;
  return { ...film, values: null, pixels, table: new Uint8Array(await unpack(film.greys)) };
}

function greyTable(film) {
  // PS3.3 C.11.2.1.2, once the reader has moved the window; before that the film's own, which need not be linear.
  const table = new Uint8Array(film.highest + 1);
  for (let value = 0; value <= film.highest; value++) {
    let grey = asStored ? film.table[value] : ((value - centre + 0.5) / Math.max(width - 1, 1e-6) + 0.5) * 255;
    grey = Math.min(255, Math.max(0, grey));
    table[value] = inverted ? 255 - grey : grey;
  }
  return table;
}

function render() {
  const film = films[shown];
  if (!film || !film.pixels) return draw();
  picture.width = film.columns;
  picture.height = film.rows;
  const pen = picture.getContext("2d");
  const image = pen.createImageData(film.columns, film.rows);
  const out = new Uint32Array(image.data.buffer);
  const table = greyTable(film);
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
  const [left, top] = [(canvas.width - wide) / 2 + panX, (canvas.height - high) / 2 + panY];
  pen.drawImage(picture, left, top, wide, high);
  for (const region of film.text_regions) outline(pen, left, top, wide, high, region, scale);
}

function outline(pen, left, top, wide, high, [first, from, last, to], scale) {
  const room = 3 * scale; // so that the line does not cover the letters
  const box = [left + from * wide - room, top + first * high - room, (to - from) * wide + 2 * room, (last - first) * high + 2 * room];
  for (const [colour, thick] of [["#000", 4], ["#ffc53d", 2]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick * scale;
    pen.strokeRect(...box);
  }
}

let due = 0;
function renderSoon() {
  if (!due) due = requestAnimationFrame(() => { due = 0; render(); });
}

function setWindow(newCentre, newWidth) {
  const film = films[shown];
  if (!film) return;
  centre = Math.min(film.highest, Math.max(0, newCentre));
  width = Math.min(2 * Math.max(film.highest, 1), Math.max(1, newWidth));
  asStored = false;
  sliders.centre.value = centre;
  sliders.width.value = width;
  renderSoon();
}

function setZoom(factor) {
  zoom = Math.min(12, Math.max(1, zoom * factor));
  draw();
}

function resetView() {
  zoom = 1; panX = panY = 0;
  resetWindow();
}

function resetWindow() {
  const film = films[shown];
  if (!film) return;
  centre = film.centre; width = film.width; inverted = film.inverted; asStored = true;
  sliders.centre.max = film.highest;
  sliders.width.max = 2 * Math.max(film.highest, 1);
  sliders.centre.value = centre;
  sliders.width.value = width;
  find(".cb-invert").setAttribute("aria-pressed", "false");
  render();
}

function invert() {
  inverted = !inverted;
  find(".cb-invert").setAttribute("aria-pressed", String(inverted !== films[shown]?.inverted));
  render();
}

function show(name) {
  shown = films[name] ? name : roles.find((role) => films[role]) || null;
  update();
  if (films[shown]) resetView(); else draw();
}

function update() {
  for (const role of roles) {
    const card = cardOf(role);
    const film = films[role];
    card.classList.toggle("cb-full", Boolean(film));
    card.querySelector(".cb-show").setAttribute("aria-pressed", String(role === shown));
    card.querySelector(".cb-remove").hidden = !film;
    card.querySelector(".cb-choose span").textContent = film ? words.replace : words.choose;
    card.querySelector(".cb-film-state").textContent = card.classList.contains("cb-reading") ? words.reading
      : film ? (/^\d/.test(film.caption) ? "" : film.caption.split(" · ")[0]) : role === "frontal" ? words.required : words.optional;
  }
  const film = films[shown];
  element.querySelector(".cb-viewer").classList.toggle("cb-has-film", Boolean(film));
  for (const control of [...Object.values(sliders), ...buttons]) control.disabled = !film;
  find(".cb-caption").textContent = film ? film.caption : "";
  find(".cb-window").textContent = "";
  choices.window.parentElement.hidden = !film || film.windows.length < 2;
  choices.window.replaceChildren(...(film?.windows || []).map((name) => new Option(name, name, false, name === film.window)));
  choices.view.parentElement.hidden = !film || !film.asks_view;
  choices.view.parentElement.classList.toggle("cb-unanswered", Boolean(film) && !film.view_chosen);
  choices.view.parentElement.querySelector("span").textContent = film?.view_chosen ? words.view : words.which_view;
  if (film) choices.view.value = film.view;
  const notes = roles.flatMap((role) => [...(films[role]?.warnings || []), ...(films[role]?.notes || [])].map((note) => `${words[role]}: ${note}`));
  find(".cb-warnings").replaceChildren(...notes.map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  showQuestions();
}

function showQuestions() {
  const box = find(".cb-questions");
  const inside = box.contains(document.activeElement);
  const many = roles.filter((role) => films[role]).length > 1;
  const asked = [];
  for (const role of roles.filter((role) => films[role])) {
    const { id, looking, questions } = films[role];
    const name = many ? `${words[role]}: ` : "";
    if (looking) asked.push(paragraph(name + words.looking, "cb-looking"));
    for (const { says, answers } of questions) {
      const part = paragraph(name + says, "cb-question");
      const group = document.createElement("span");
      for (const [answer, label] of answers) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = `cb-answer cb-answer-${answer}`;
        button.textContent = label;
        button.addEventListener("click", () => {
          for (const other of group.children) other.setAttribute("aria-disabled", "true");
          answerQuestion(role, id, answer);
        });
        group.append(button);
      }
      part.append(group);
      asked.push(part);
    }
  }
  box.replaceChildren(...asked);
  if (inside) (box.querySelector("button") || canvas).focus();
}

async function answerQuestion(role, id, question) {
  const discard = question === "mask" ? await mayChange(role) : false;
  if (discard === null) return update();
  trigger("select", { role, id, question, discard });
}

async function mayChange(role) {
  // Whether the reader wants work that is not saved gone: true or false, null to leave everything as it is.
  const page = window.clinicalblip;
  if (!(films[role] || page.draftShown()) || !page.unsaved()) return false;
  return (await page.mayDiscard()) || null;
}

function paragraph(text, look) {
  const part = document.createElement("p");
  part.className = look;
  part.textContent = text;
  return part;
}

function refuse(role, text) {
  cardOf(role).classList.remove("cb-reading");
  addAlert(role, text);
}

function addAlert(role, text) {
  const item = document.createElement("li");
  item.textContent = `${words[role]}: ${text}`;
  item.setAttribute("role", "alert");
  find(".cb-warnings").prepend(item);
}

async function send(role, chosen) {
  const file = chosen[0];
  if (!file) return;
  if (chosen.length > 1) return addAlert(role, words.several);
  if (file.size > settings.mebibytes * 2 ** 20) {
    addAlert(role, words.large.replace("{found}", Math.ceil(file.size / 2 ** 20)).replace("{allowed}", settings.mebibytes));
    return;
  }
  const discard = await mayChange(role);
  if (discard === null) return;
  const card = cardOf(role);
  if (card.classList.contains("cb-reading")) return addAlert(role, words.wait);
  card.classList.add("cb-reading");
  card.querySelector(".cb-film-state").textContent = words.reading;
  try {
    // The file's own name often is the patient's: it stays here. The random one cannot be guessed by anybody else.
    const name = `film-${crypto.getRandomValues(new BigUint64Array(2)).join("")}`;
    const { path } = await upload(new File([file], name));
    trigger("upload", { role, path, discard });
  } catch {
    card.classList.remove("cb-reading");
    update();
    refuse(role, (await window.clinicalblip.refusal()) || words.failed);
  }
}

let last = Promise.resolve(); // one message after another, because a film may still be unpacked when the next arrives
watch("value", () => {
  const { films: news, number } = props.value || {};
  if (news) last = last.then(() => receive(news, number)).catch((error) => {
    console.error(error);
    for (const role of Object.keys(news)) refuse(role, words.unshown);
  });
});

let newest = 0;
async function receive(news, number) {
  // Answers to two presses may arrive in the other order: what is known of films is then older than what is shown.
  const arrived = Object.values(news);
  if (number < newest && arrived.length && arrived.every((film) => film && !film.values)) return;
  newest = Math.max(newest, number);
  let first = null, changed = false;
  for (const [role, film] of Object.entries(news)) {
    const before = films[role];
    if (!film) {
      delete films[role];
    } else if (film.values || before?.id === film.id) {
      films[role] = await unpackFilm(film, before);
      if (before?.id !== film.id) first = first || role;
      else if (role === shown && before.window !== film.window) changed = true;
    }
    if (!film || film.values) cardOf(role).classList.remove("cb-reading");
  }
  // A message without films says that an upload was refused: nothing is waited for any more.
  if (!Object.keys(news).length) for (const role of roles) cardOf(role).classList.remove("cb-reading");
  if (first || !films[shown]) return show(first || shown);
  update();
  if (changed) resetWindow(); else render();
}

for (const role of roles) {
  const card = cardOf(role);
  const input = card.querySelector("input");
  input.addEventListener("change", () => {
    send(role, [...input.files]);
    input.value = "";
  });
  card.querySelector(".cb-show").addEventListener("click", () => films[role] && show(role));
  card.querySelector(".cb-remove").addEventListener("click", async () => {
    const discard = await mayChange(role);
    if (discard !== null) trigger("delete", { role, discard });
  });
  drop(card, role);
}
drop(screen, "frontal");

function drop(target, role) {
  target.addEventListener("dragover", (event) => { event.preventDefault(); target.classList.add("cb-over"); });
  target.addEventListener("dragleave", () => target.classList.remove("cb-over"));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("cb-over");
    send(role, [...event.dataTransfer.files]);
  });
}

for (const [name, choice] of Object.entries(choices))
  choice.addEventListener("change", () => {
    if (films[shown]) trigger("select", { role: shown, id: films[shown].id, question: name, answer: choice.value });
  });
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
