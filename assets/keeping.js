// What a reader types is on the server within half a second. A plain script, after connection.js.
// The boxes are looked at a few times a second, so that what the page itself writes into them is kept as well as keys.
(() => {
  if (window.clinicalblipKeeping) return;
  const words = WORDS; // put in by launch_arguments
  const connection = window.clinicalblipConnection;
  const texts = ["context-indication", "context-history", "context-technique", "context-comparison", "context-prior-report",
    "context-hints", "findings", "impression", "reference-findings", "reference-impression", "comment", "correction"];
  const verdicts = ["accepted", "minor edits", "major edits", "rejected"];
  const PART = 9000; // characters: as JSON under 60 KiB even where each takes six bytes
  const sent = {}; // what stands in each box, as the server has it; null where that is not known
  const refused = {}; // what it does not take
  let view = ""; // how the films are looked at: the viewer says it by `keepView`
  const report = ["findings", "impression"];
  const earlier = {}; // what stood in a box of the report before something was pasted, where the server has not seen it
  const pasted = new Set(); // the boxes in which something was
  let number = 0, begun = false, sending = null, server = "";

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
    const box = boxOf(name);
    if (!box) return undefined;
    if (name === "consent") return String(box.checked);
    return box.disabled ? undefined : box.value;
  }

  function changed() {
    if (!begun) return {};
    if (server !== connection.server()) { // it was restarted: what it has of before is not known
      for (const name of Object.keys(sent)) sent[name] = null;
      server = connection.server();
    }
    const boxes = {};
    for (const name of [...texts, "overall", "verdict", "would-sign", "consent", "view"]) {
      const value = read(name);
      const before = sent[name] === undefined ? (name === "consent" ? "false" : "") : sent[name];
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
    if (answer.status === 413 || answer.status === 400) return false;
    if (!answer.ok) throw new Error(String(answer.status));
    return true;
  }

  async function sendBox(name, value, keepalive, whole = false) {
    const own = nextNumber(), parts = Math.max(1, Math.ceil(value.length / PART));
    for (let part = 0; part < parts; part += 1) {
      const text = value.slice(part * PART, (part + 1) * PART);
      const message = parts === 1 ? { number: own, boxes: { [name]: value }, whole } : { number: own, name, part, parts, text };
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
      if (name in earlier) await sendBox(name, earlier[name], keepalive);
      delete earlier[name];
      await sendBox(name, value, keepalive, pasted.has(name));
      pasted.delete(name);
    }
    failed = 0;
  }

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
    const said = unreached ? words.offline : long ? words.tooLong : waits ? words.notYet : Object.keys(sent).length ? words.kept : "";
    place.classList.toggle("cb-not-kept", unreached || long || waits);
    if (place.textContent !== said) place.textContent = said;
  }

  setInterval(() => {
    if (!sending && Date.now() >= again && Object.keys(changed()).length) flush();
    show();
  }, 200);

  function leaving() { // while the page is closed nothing can be waited for
    for (const [name, value] of Object.entries(changed())) sendBox(name, value, true).catch(() => {});
  }
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leaving(); });
  window.addEventListener("pagehide", leaving);

  // What is pasted, dropped, cut or corrected by the browser is a step of its own in the report's history.
  const boxesOfReport = report.map((name) => `#${name} textarea`).join(", ");
  document.addEventListener("beforeinput", (event) => {
    const name = report.find((one) => event.target === boxOf(one));
    if (!name) return;
    if (/^insertFrom|^deleteBy|^insertReplacement/.test(event.inputType)) {
      if (event.target.value !== (sent[name] ?? "")) earlier[name] ??= event.target.value;
      pasted.add(name);
    }
    if (/^history/.test(event.inputType) && connection.isReached()) { // by the browser's menu
      event.preventDefault();
      step(event.inputType === "historyRedo");
    }
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
