// The work list. Gradio runs this once with `element`, `trigger`, `props` and `watch`; `settings` stands before it.
// The server keeps the list and its order; a message has all rows, or those that changed.

const words = settings.words;
const find = (selector) => element.querySelector(selector);
const nav = find(".cb-list"), rows = find("ol"), reader = find(".cb-list-reader"), filter = find("select");
let current = null, busy = false, advances = false, refused = 0;

const FOLDED = "clinicalblip-list-folded"; // how wide the list is, nothing of what is in it

function rowOf(study) {
  const row = document.createElement("li");
  row.dataset.number = study.number;
  row.dataset.state = study.state;
  const button = row.appendChild(document.createElement("button"));
  button.type = "button";
  button.disabled = study.state === "fault";
  const parts = [["cb-list-number", study.number], ["cb-list-title", study.title], ["cb-list-state", words.states[study.state]]];
  for (const [name, text] of parts) {
    const part = button.appendChild(document.createElement("span"));
    part.className = name;
    part.textContent = text;
  }
  button.setAttribute("aria-label", [words.study.replace("{number}", study.number), study.title, words.states[study.state], study.note].filter(Boolean).join(", "));
  button.title = study.note || study.title;
  if (study.note) {
    const note = row.appendChild(document.createElement("small"));
    note.textContent = study.note;
  }
  return row;
}

function show() { // which rows the filter leaves, and where the reader is
  let any = false;
  for (const row of rows.children) {
    row.hidden = Boolean(filter.value) && row.dataset.state !== filter.value;
    any = any || !row.hidden;
    const here = Number(row.dataset.number) === current;
    row.classList.toggle("cb-list-here", here);
    row.firstElementChild.toggleAttribute("aria-current", here);
    if (here) row.firstElementChild.setAttribute("aria-current", "true");
  }
  rows.dataset.none = any || !rows.children.length ? "" : words.none;
}

function receive(message) {
  busy = false;
  nav.classList.remove("cb-list-busy");
  if (!message.rows && !message.offered) return;
  reader.hidden = !message.offered;
  nav.classList.toggle("cb-list-asks", Boolean(message.offered));
  if (message.offered) {
    reader.pseudonym.value = message.offered;
    return;
  }
  if (message.whole) {
    rows.replaceChildren(...message.rows.map(rowOf));
  } else {
    for (const study of message.rows) rows.querySelector(`[data-number="${study.number}"]`)?.replaceWith(rowOf(study));
  }
  const moved = current !== message.current;
  current = message.current;
  find(".cb-list-progress").textContent = message.progress;
  find(".cb-list-who").textContent = message.reader ? words.reader.replace("{reader}", message.reader) : "";
  find(".cb-list-now").textContent = current ?? "";
  show();
  if (moved) rows.querySelector(".cb-list-here")?.scrollIntoView({ block: "nearest" });
}

async function go(data) { // to another study, once the reader has answered for work that is not saved
  if (busy || reader.hidden === false) return;
  const discard = await window.clinicalblip.mayDiscard();
  if (busy) return; // pressed twice
  busy = true;
  nav.classList.add("cb-list-busy");
  trigger("select", { ...data, discard });
}

function askWhy() { // a reason by its number or a press, undefined where the reader goes on reading
  const dialog = document.createElement("dialog");
  dialog.className = "cb-dialog";
  const text = dialog.appendChild(document.createElement("p"));
  text.textContent = words.why;
  for (const [value, label] of [...Object.entries(words.reasons), ["", words.cancel]]) {
    const button = dialog.appendChild(document.createElement("button"));
    button.type = "button";
    const place = dialog.querySelectorAll("button").length;
    button.textContent = value ? `${place} ${label}` : label;
    button.addEventListener("click", () => dialog.close(value));
  }
  dialog.addEventListener("keydown", (event) => {
    const reason = Object.keys(words.reasons)[Number(event.key) - 1];
    if (reason) dialog.close(reason);
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answered) => dialog.addEventListener("close", () => {
    dialog.remove();
    answered(dialog.returnValue || undefined);
  }));
}

async function skip() {
  if (busy || current === null) return;
  const reason = await askWhy();
  if (reason) await go({ action: "skip", reason });
}

const actions = { next: () => go({ action: "next" }), previous: () => go({ action: "previous" }), skip };

window.clinicalblipWorkList = {
  ...actions,
  notOpening() { // the server refused the call: a message that changes nothing
    refused -= 1;
    return { number: refused };
  },
  saveAndNext() {
    advances = true;
    document.querySelector("#save").click();
  },
  saved(said) { // `said` is empty unless the review is on disk; a question about names leaves the next study for later
    if (said && advances) actions.next();
    if (said || !document.querySelector("#kept-phi .cb-phi")) advances = false;
  },
};

rows.addEventListener("click", (event) => {
  const row = event.target.closest("li");
  if (row && event.target.closest("button")) go({ action: "open", number: Number(row.dataset.number) });
});
for (const button of element.querySelectorAll("[data-action]")) button.addEventListener("click", actions[button.dataset.action]);
filter.addEventListener("change", show);
reader.addEventListener("submit", (event) => {
  event.preventDefault();
  trigger("submit", { pseudonym: reader.pseudonym.value });
});

const fold = find(".cb-list-fold");
function setFolded(folded) {
  nav.classList.toggle("cb-list-folded", folded);
  fold.setAttribute("aria-expanded", String(!folded));
}
fold.addEventListener("click", () => {
  const folded = !nav.classList.contains("cb-list-folded");
  setFolded(folded);
  try {
    localStorage.setItem(FOLDED, String(folded));
  } catch { /* a browser without storage forgets it */ }
});
try {
  if (localStorage.getItem(FOLDED) === "true") setFolded(true);
} catch { /* as above */ }

watch("value", () => { if (props.value) receive(props.value); });
if (props.value) receive(props.value);
