// The report as ticks, in the place of its text: the server says how the text is ticked and changes it by a tick; here
// one walks through the rows, by keys or clicks. A plain script.
(() => {
  if (window.clinicalblipTicks) return;
  const words = WORDS; // put in by launch_arguments
  const KEPT = "clinicalblip-ticks", GRID = "#ticks [role=grid]", BEHIND = 200; // milliseconds
  const BEGUN = "#new"; // ends the key of a row that only this page has yet
  const find = (selector) => document.querySelector(selector);
  const boxOf = (name) => find(`#${name} textarea`);
  const rows = () => [...document.querySelectorAll(`${GRID} .cb-tick`)];
  const regionOf = (row) => row.closest("[data-region]");
  const opened = new Set(); // the regions of which all is shown
  const renamed = new Map(); // rows that were called otherwise when their key was pressed
  let on = false, current = "", shown = null, asking = false, chord = "", behindSince = 0, wantsFocus = false;

  // Which of the two is shown stays in this browser.
  function keep() {
    try {
      if (on) localStorage.setItem(KEPT, "true"); else localStorage.removeItem(KEPT);
    } catch { /* a browser without storage forgets it */ }
  }

  function show(ticked, { focus = true } = {}) {
    on = ticked;
    find("#final").classList.toggle("cb-ticked", on);
    for (const button of document.querySelectorAll("#report-view [data-view]"))
      button.setAttribute("aria-pressed", String((button.dataset.view === "ticks") === on));
    if (!on && focus) boxOf("findings").focus();
    if (on) {
      refresh();
      wantsFocus = focus && !toRow(rowOf(current) || walk()[0]); // once the rows are there
    }
  }

  function choose(ticked) {
    if (find("#case") && !find("#case [data-ticks=shown]")) return; // a reader study that shows no ticks for this case
    show(ticked);
    keep();
  }

  function showText(from, to) { // at a place of the findings, if one is given
    if (on) choose(false);
    if (from === undefined) return;
    boxOf("findings").focus();
    boxOf("findings").setSelectionRange(from, to);
  }

  // The rows

  const rowOf = (key) => rows().find((row) => row.dataset.row === key) || null;
  const isShown = (row) => row.dataset.state !== "" || opened.has(regionOf(row).dataset.region) || row.dataset.row === current;
  // What the arrows walk through: a region of which nothing is shown is walked to as well, to be opened.
  const walk = () => [...document.querySelectorAll(`${GRID} [data-region]`)].flatMap((region) => {
    const seen = [...region.querySelectorAll(".cb-tick")].filter(isShown);
    return seen.length ? seen : [region.querySelector(".cb-tick")];
  });

  function mark() {
    for (const row of rows()) {
      const here = row.dataset.row === current;
      row.classList.toggle("cb-here", here);
      row.classList.toggle("cb-unmentioned", !isShown(row));
      row.tabIndex = here ? 0 : -1;
    }
    for (const region of document.querySelectorAll(`${GRID} [data-region]`))
      region.querySelector(".cb-tick-rest")?.setAttribute("aria-expanded", String(opened.has(region.dataset.region)));
  }

  function toRow(row) {
    if (!row) return false;
    current = row.dataset.row;
    mark();
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return true;
  }

  function step(by) {
    const all = walk();
    return toRow(all[Math.min(all.length - 1, Math.max(0, all.findIndex((row) => row.dataset.row === current) + by))]);
  }

  function stepRegion(by) {
    const regions = [...document.querySelectorAll(`${GRID} [data-region]`)];
    const at = Math.min(regions.length - 1, Math.max(0, regions.indexOf(regionOf(rowOf(current))) + by));
    return toRow(walk().find((row) => regionOf(row) === regions[at]));
  }

  function open(region, whole) {
    if (whole) opened.add(region.dataset.region); else opened.delete(region.dataset.region);
    mark();
  }

  function openHere(whole) {
    const row = rowOf(current);
    if (!row) return false;
    const region = regionOf(row);
    if (!whole) current = ""; // which is hidden as well where it says nothing
    open(region, whole);
    const inRegion = walk().filter((one) => regionOf(one) === region);
    return toRow((whole && inRegion.find((one) => one.dataset.state === "" && one !== row)) || (inRegion.includes(row) ? row : inRegion[0]));
  }

  function another() { // a row for a second finding of its kind, which is there once it says something
    const row = rowOf(current);
    if (!row || row.dataset.state === "") return false;
    return toRow(begin(row.dataset.observation));
  }

  function begin(observation) { // below the rows of its kind, as long as one is at it
    const key = observation + BEGUN;
    const row = rows().filter((one) => one.dataset.observation === observation).at(-1);
    if (!row || rowOf(key)) return rowOf(key);
    const copy = row.cloneNode(true);
    Object.assign(copy.dataset, { row: key, finding: "", state: "" });
    copy.setAttribute("aria-label", observation.toLowerCase());
    copy.querySelector(".cb-tick-said").textContent = "";
    copy.querySelector("q")?.remove();
    for (const button of copy.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.value === ""));
    for (const select of copy.querySelectorAll("select")) select.value = "";
    row.after(copy);
    return copy;
  }

  // What the server says and does

  const stands = () => ["findings", "impression"].map((name) => boxOf(name)?.value).join("\0");
  const isLocked = () => boxOf("findings")?.disabled ?? true;

  function say(text) {
    const place = find(".cb-ticks-said");
    if (place && place.textContent !== text) place.textContent = text;
  }

  async function ask(message, asked = current) { // of the row with this key
    asking = true;
    behindSince ||= performance.now();
    try {
      const said = await window.clinicalblipKeeping.change("session/ticks", message);
      if (said?.moved) window.clinicalblipCorrection.ticked();
      if (said?.shown !== undefined) put(said, message.action !== "show" && asked);
    } catch {
      if (message.action !== "show") say(words.unreachable);
    } finally {
      asking = false;
    }
  }

  const refresh = () => (asking || isLocked() ? undefined : ask({ action: "show" }));

  function put(said, changed) { // `changed` is the key of the row in which something was done, false where one only looked
    const did = changed !== false;
    const place = find(".cb-ticks-shown");
    const focused = place.contains(document.activeElement);
    const scrolled = find(GRID)?.scrollTop || 0;
    place.innerHTML = said.shown;
    shown = `${said.findings}\0${said.impression}`;
    const ticked = find(`${GRID} [data-ticked]`);
    if (did && ticked && !rowOf(changed)) {
      renamed.set(changed, ticked.dataset.row);
      if (current === changed) current = ticked.dataset.row;
    }
    if (current.endsWith(BEGUN)) begin(current.slice(0, -BEGUN.length));
    if (!rowOf(current)) current = walk()[0]?.dataset.row || "";
    mark();
    find(GRID).scrollTop = scrolled;
    if (did || said.said) say(said.said);
    behindSince = stands() === shown ? 0 : behindSince;
    if (on && (wantsFocus || focused)) toRow(rowOf(current));
    wantsFocus = false;
  }

  let last = Promise.resolve(); // one tick after another: each begins with what the one before left
  function tick(part, value) {
    const key = current;
    last = last.then(() => {
      const row = rowOf(key) || rowOf(renamed.get(key));
      if (!row || isLocked()) return undefined;
      const { observation, finding } = row.dataset;
      return ask({ action: "tick", observation, finding: finding ? JSON.parse(finding) : null, part, value }, row.dataset.row);
    });
  }

  function act(action) {
    if (isLocked()) return false;
    last = last.then(() => ask({ action }));
    return true;
  }

  setInterval(() => {
    if (!on) return;
    const waits = shown !== null && stands() !== shown;
    if (isLocked()) return say(find("#ai-draft .cb-writing") ? words.writing : "");
    if (!waits) {
      if (!asking) behindSince = 0;
      if (find(".cb-ticks-said")?.textContent === words.behind) say("");
    } else {
      behindSince ||= performance.now();
    }
    if (behindSince && performance.now() - behindSince > BEHIND) say(words.behind);
    if (waits || shown === null) refresh();
  }, 60);

  // Keys and clicks

  const LETTERS = {
    zone: { u: "upper", m: "middle", l: "lower", a: "apical", b: "basal", p: "perihilar", r: "retrocardiac", d: "diffuse" },
    change: { n: "new", u: "unchanged", l: "larger", s: "smaller", r: "resolved" },
  };

  const offered = (part) => [...(rowOf(current)?.querySelectorAll(`select[data-part=${part}] option`) || [])].filter((one) => one.value);
  const letterOf = (part, value) => Object.entries(LETTERS[part]).find(([, name]) => name === value)?.[0];

  function beginChord(part) {
    const values = offered(part);
    chord = part; // also where nothing is offered: the second key is meant for it
    const letters = values.filter(({ value }) => letterOf(part, value)).map(({ value, text }) => `${letterOf(part, value).toUpperCase()} ${text}`);
    say(words[part].replace("{letters}", letters.join(", ") || words.nothing));
    return true;
  }

  window.addEventListener("keydown", (event) => { // before the table of keys: the second key of two
    if (!chord || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const part = chord, value = LETTERS[part][event.key.toLowerCase()];
    chord = "";
    say("");
    if (!event.target.closest?.(GRID) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (offered(part).some((one) => one.value === value)) tick(part, event.shiftKey && part === "zone" ? `+${value}` : value);
  }, true);

  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const view = target.closest("#report-view [data-view]");
    if (view) return choose(view.dataset.view === "ticks");
    const action = target.closest("#ticks [data-action]");
    if (action) return void act(action.dataset.action);
    const region = target.closest(`${GRID} .cb-tick-rest`)?.closest("[data-region]");
    if (region) return open(region, !opened.has(region.dataset.region));
    const sentence = target.closest(`${GRID} .cb-not-ticked`);
    if (sentence) return showText(...sentence.dataset.span.split(",").map(Number));
    const row = target.closest(`${GRID} .cb-tick`);
    if (!row || target.closest("select")) return;
    toRow(row);
    const chip = target.closest("[data-part]");
    if (chip) tick(chip.dataset.part, chip.dataset.value);
  });
  document.addEventListener("change", ({ target }) => {
    const row = target.closest?.(`${GRID} .cb-tick`);
    if (!row || !target.matches("select")) return;
    toRow(row);
    tick(target.dataset.part, target.value);
  });
  document.addEventListener("focusin", ({ target }) => { // a screen reader goes where it likes
    const row = target.matches?.(`${GRID} .cb-tick`) ? target : null;
    if (row && row.dataset.row !== current) toRow(row);
  });

  document.addEventListener("clinicalblip-keys", () => {
    const { keys } = window.clinicalblip;
    const anywhere = (names, name, does) => keys.add({ keys: names, says: words.does[name], group: words.group, does });
    const add = (names, name, does) => keys.add({ keys: names, says: words.does[name], group: words.group, does, within: GRID });
    anywhere(["Alt+t", "F2"], "view", () => choose(!on));
    anywhere(["Alt+n"], "fill_in", () => act("fill in"));
    anywhere(["Alt+i"], "impression", () => act("impression"));
    add(["ArrowUp", "ArrowDown"], "walk", ({ key }) => step(key === "ArrowUp" ? -1 : 1));
    add(["ArrowRight", "ArrowLeft"], "open", ({ key }) => openHere(key === "ArrowRight"));
    add(["PageUp", "PageDown"], "region", ({ key }) => stepRegion(key === "PageUp" ? -1 : 1));
    add(["Home", "End"], "end", ({ key }) => toRow(walk().at(key === "Home" ? 0 : -1)));
    add(["p", "a", "u"], "certainty", ({ key }) => tick("certainty", { p: "present", a: "absent", u: "uncertain" }[key.toLowerCase()]));
    add(["Delete", "Backspace"], "none", () => tick("certainty", ""));
    add(["l", "r", "b"], "side", ({ key }) => tick("side", { l: "left", r: "right", b: "both" }[key.toLowerCase()]));
    add(["1", "2", "3", "4"], "degree", ({ key }) => tick("degree", ["trace", "small", "moderate", "large"][key - 1]));
    add(["z"], "zone", () => beginChord("zone"));
    add(["c"], "change", () => beginChord("change"));
    add(["+"], "another", another);
    add(["Enter", "e"], "edit", () => {
      const row = rowOf(current);
      if (!row) return false;
      if (row.dataset.span) showText(...row.dataset.span.split(",").map(Number)); else showText(boxOf("findings").value.length, boxOf("findings").value.length);
      return true;
    });
    let before = false;
    try {
      before = localStorage.getItem(KEPT) === "true";
    } catch { /* a browser without storage begins with the text */ }
    if (before && !find("#case")) show(true, { focus: false });
  }, { once: true });

  window.clinicalblipTicks = {
    showText,
    /** Show the report ticked, or as text, as a reader study has it for a case; the browser's own choice stays. */
    show: (ticked) => show(ticked, { focus: false }),
  };
})();
