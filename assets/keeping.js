// What a reader types is on the server within half a second. A plain script, after connection.js.
// The boxes are looked at a few times a second, so that what the page itself writes into them is kept as well as keys.
(() => {
  if (window.clinicalblipKeeping) return;
  const words = WORDS; // put in by launch_arguments
  const connection = window.clinicalblipConnection;
  const texts = ["context-indication", "context-history", "context-technique", "context-comparison", "context-prior-report",
    "context-hints", "findings", "impression", "reference-findings", "reference-impression", "comment", "correction"];
  const verdicts = ["accepted", "minor edits", "major edits", "rejected"];
  const ticks = ["consent", "reading-consent"];
  const questions = [1, 2, 3, 4, 5].map((number) => `question-${number}`); // of a reader study
  const places = Array.from({ length: 40 }, (_, place) => String(place + 1));
  const PART = 9000; // characters: as JSON under 60 KiB even where each takes six bytes
  const sent = {}; // what stands in each box, as the server has it; null where that is not known
  const refused = {}; // what it does not take
  let view = ""; // how the films are looked at: the viewer says it by `keepView`
  const report = ["findings", "impression"];
  // What came into a box of the report in different ways, or in different places, goes to the server one after another.
  const TYPED = { origin: "typed", whole: false };
  const MOST_WAITING = 60; // texts; what is changed beyond, while the server cannot be reached, is one change
  const waiting = { findings: [], impression: [] }; // earlier texts that the server has not seen, and how each came in
  const coming = {}; // how what was changed last came in, and where the cursor then stood
  const told = new Set(); // the boxes whose next input was told of before it
  let number = 0, begun = false, sending = null, server = "";
  let full = ""; // why the server takes nothing just now; it is sent again

  function boxOf(name) {
    return document.querySelector(`#${name} :is(textarea, input)`);
  }

  function chosen(name, values) {
    const options = [...document.querySelectorAll(`#${name} input`)];
    return options.length ? values[options.findIndex((option) => option.checked)] || "" : undefined;
  }

  // What stands in a box, or nothing where it is not shown or the page is writing into it.
  function read(name) {
    if (name === "overall") return chosen(name, ["1", "2", "3", "4", "5"]);
    if (name === "verdict") return chosen(name, verdicts);
    if (name === "would-sign") return chosen(name, ["yes", "no"]);
    if (name === "view") return view;
    if (questions.includes(name)) return chosen(name, places);
    const box = boxOf(name);
    if (!box) return undefined;
    if (ticks.includes(name)) return String(box.checked);
    return box.disabled ? undefined : box.value;
  }

  function changed() {
    if (!begun) return {};
    if (server !== connection.server()) { // it was restarted: what it has of before is not known
      for (const name of Object.keys(sent)) sent[name] = null;
      server = connection.server();
    }
    const boxes = {};
    for (const name of [...texts, "overall", "verdict", "would-sign", ...ticks, ...questions, "view"]) {
      const value = read(name);
      const before = sent[name] === undefined ? (ticks.includes(name) ? "false" : "") : sent[name];
      if (value !== undefined && value !== before && value !== refused[name]) boxes[name] = value;
    }
    return boxes;
  }

  const nextNumber = () => { number = Math.max(number + 1, Date.now(), connection.number() + 1); return number; };

  async function post(message, keepalive) {
    const answer = await connection.call(new URL("session/boxes", document.baseURI), {
      method: "POST", keepalive, body: JSON.stringify(message), signal: AbortSignal.timeout(connection.SHORT),
      headers: { "content-type": "application/json", ...connection.headers() },
    });
    full = answer.status === 429 ? (await answer.json()).detail || "" : "";
    if (answer.status === 413 || answer.status === 400) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    return true;
  }

  async function sendBox(name, value, keepalive, how = {}) {
    const own = nextNumber(), parts = Math.max(1, Math.ceil(value.length / PART));
    for (let part = 0; part < parts; part += 1) {
      const text = value.slice(part * PART, (part + 1) * PART);
      const message = parts === 1 ? { number: own, boxes: { [name]: value }, ...how } : { number: own, name, part, parts, text, ...how };
      if (!await post(message, keepalive)) {
        refused[name] = value;
        return;
      }
    }
    delete refused[name];
    sent[name] = value;
  }

  async function sendAll(keepalive) {
    await connection.known;
    for (const [name, value] of Object.entries(changed())) {
      if (report.includes(name)) await sendReport(name, keepalive);
      else await sendBox(name, value, keepalive);
    }
    failed = 0;
  }

  async function sendReport(name, keepalive) {
    const value = read(name); // now: what came in meanwhile may be waiting already
    if (value === undefined) return;
    if (waiting[name].at(-1)?.text !== value) waiting[name].push({ text: value, how: wayOf(name) });
    while (waiting[name].length) {
      const { text, how } = waiting[name][0];
      await sendBox(name, text, keepalive, how);
      waiting[name].shift();
      if (refused[name] !== undefined) waiting[name].length = 0;
    }
  }

  const wayOf = (name) => (({ origin, whole }) => ({ origin, whole }))(coming[name] || TYPED);

  let failed = 0, again = 0;
  function flush(keepalive = false) { // true once everything that stands in the boxes is on the server
    sending ||= sendAll(keepalive).then(() => true, () => {
      failed += 1;
      again = Date.now() + Math.min(300 * failed, 2000);
      return false;
    }).finally(() => { sending = null; });
    return sending;
  }

  function show() {
    const place = document.querySelector("#kept p");
    if (!place) return;
    const boxes = Object.keys(changed());
    const long = Object.keys(refused).some((name) => read(name) === refused[name]);
    const waits = boxes.length > 0 || sending !== null;
    const unreached = failed > 1 || !connection.isReached();
    const said = full && connection.isReached() ? full : unreached ? words.offline : long ? words.tooLong : waits ? words.notYet : Object.keys(sent).length ? words.kept : "";
    place.classList.toggle("cb-not-kept", unreached || long || waits);
    if (place.textContent !== said) place.textContent = said;
  }

  setInterval(() => {
    if (!sending && Date.now() >= again && Object.keys(changed()).length) flush();
    show();
  }, 200);

  function leaving() { // while the page is closed nothing can be waited for
    for (const [name, value] of Object.entries(changed())) {
      for (const { text, how } of waiting[name] || []) sendBox(name, text, true, how).catch(() => {});
      sendBox(name, value, true, report.includes(name) ? wayOf(name) : {}).catch(() => {});
    }
  }
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leaving(); });
  window.addEventListener("pagehide", leaving);

  // How what comes next into a box comes in. What came in before in another way, or elsewhere in the box, is put aside.
  function come(name, origin, whole) {
    const box = boxOf(name), before = coming[name];
    const seen = waiting[name].at(-1)?.text ?? sent[name] ?? "";
    const goesOn = before && !before.whole && !whole && before.origin === origin
      && (box.selectionStart === before.cursor || box.selectionEnd === before.cursor);
    if (before && !goesOn && box.value !== seen && waiting[name].length < MOST_WAITING)
      waiting[name].push({ text: box.value, how: wayOf(name) });
    coming[name] = { origin, whole, cursor: null };
    told.add(name);
  }

  // What is pasted, dropped, cut or corrected by the browser is a step of its own in the report's history; what is
  // corrected or dictated counts as typed, what is dropped as pasted, and what another program puts in as well.
  const boxesOfReport = report.map((name) => `#${name} textarea`).join(", ");
  document.addEventListener("beforeinput", (event) => {
    const name = report.find((one) => event.target === boxOf(one));
    if (!name) return;
    const { inputType } = event;
    const whole = /^(insertFrom(?!Composition)|deleteBy(?!Composition)|insertReplacement|history)/.test(inputType);
    come(name, /^insertFrom(Paste|Drop|Yank)/.test(inputType) ? "pasted" : "typed", whole);
    if (/^history/.test(event.inputType) && connection.isReached()) { // by the browser's menu
      event.preventDefault();
      step(event.inputType === "historyRedo");
    }
  }, true);

  document.addEventListener("input", ({ target }) => {
    const name = report.find((one) => target === boxOf(one));
    if (!name) return;
    if (!told.delete(name)) coming[name] = { origin: "pasted", whole: true }; // nobody said how it came in
    coming[name].cursor = target.selectionEnd;
  }, true);

  // A step of the report's history back, or forward again: the server has the steps, and is first told what stands here.
  let stepping = Promise.resolve();
  function step(redo) {
    stepping = stepping.then(() => takeStep(redo));
  }

  async function takeStep(redo) {
    const tooLong = report.filter((name) => refused[name] !== undefined && refused[name] === read(name));
    for (const name of tooLong) if (!redo) write(name, sent[name] ?? "", 0); // the server never had it
    if (tooLong.length) return;
    while (sending || report.some((name) => name in changed())) if (!await flush()) return;
    if (report.some((name) => read(name) === undefined)) return; // a draft is being written into them
    sending = askForStep(redo).then(() => true, () => false).finally(() => { sending = null; }); // nothing is sent beside it
    await sending;
  }

  const askForStep = (redo) => askToChange("session/history", { redo });

  // What the server makes of the report, which is put into its boxes.
  async function askToChange(path, message) {
    const before = report.map(read);
    let said;
    try {
      const answer = await connection.call(new URL(path, document.baseURI), {
        method: "POST", body: JSON.stringify({ number: nextNumber(), ...message }), signal: AbortSignal.timeout(connection.SHORT),
        headers: { "content-type": "application/json", ...connection.headers() },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      said = await answer.json();
    } catch (error) { // whether the server took the step is not known: it is told again what stands here
      for (const name of report) sent[name] = null;
      throw error;
    }
    if (!said.moved) return said;
    for (const name of report) sent[name] = said[name];
    if (report.some((name, place) => read(name) !== before[place])) return said; // more was typed meanwhile: that stays
    const [[name], ...others] = Object.entries(said.cursors);
    if (!others.length && document.activeElement?.matches(boxesOfReport)) boxOf(name).focus(); // to see what changed
    for (const [box, cursor] of Object.entries(said.cursors)) write(box, said[box], cursor);
    return said;
  }

  async function change(path, message) { // once what stands in the boxes is on the server
    while (sending || report.some((name) => name in changed())) if (!await flush()) throw new Error("not reached");
    let said;
    sending = askToChange(path, message).then((answer) => { said = answer; return true; }, () => false).finally(() => { sending = null; });
    if (!await sending) throw new Error("not reached");
    return said;
  }

  function write(name, text, cursor) {
    const box = boxOf(name);
    told.add(name); // the server knows of it
    coming[name] = { ...TYPED, cursor };
    box.value = text;
    box.setSelectionRange(cursor, cursor);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  window.clinicalblipKeeping = {
    /** Take back the report's last step, or with `redo` do it again; false where the key is the browser's own. */
    step(redo, { target }) {
      const elsewhere = target instanceof Element && target.matches("textarea, input:not([type=checkbox], [type=radio]), select");
      if (!connection.isReached() || (elsewhere && !target.matches(boxesOfReport))) return false;
      step(redo);
      return true;
    },
    /** Have the server change the report after all steps before; gives its answer, throws where there is none. */
    change(path, message) {
      const asked = stepping.then(() => change(path, message));
      stepping = asked.catch(() => {});
      return asked;
    },
    /** A script of the page is about to write into a box of the report: words of the "kept" draft, or "filled in". */
    writes(box, origin) {
      const name = report.find((one) => box === boxOf(one));
      if (name) come(name, origin, true);
    },
    /** Begin to keep: the page shows what the session held. */
    begin() { begun = true; },
    /** Send what is not on the server yet; true once it is. */
    flush: async () => Boolean(await flush()) && Object.keys(changed()).length === 0,
    /** Whether something that stands in the boxes is not on the server. */
    waits: () => Object.keys(changed()).length > 0,
    /** Keep how the films are looked at: a short text of the viewer's own, no words of the reader. */
    keepView(text) { view = text; },
  };
})();
