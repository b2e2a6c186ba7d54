// The draft's sentences by keys and clicks, and answers to what the edit points to. The server says what became of each
// sentence; here the reader drops one, brings it back, or goes to edit it, and what decided it is noted. A plain script.
(() => {
  if (window.clinicalblipCorrection) return;
  const words = WORDS; // put in by launch_arguments
  const sentences = () => [...document.querySelectorAll("#ai-draft .cb-sentence")];
  const boxOf = (key) => document.querySelector(`#${key.split(":")[0]} textarea`);
  const store = () => document.querySelector("#correction :is(textarea, input)");
  const draft = () => document.querySelector("#draft-id :is(textarea, input)")?.value || "";
  let walked = "", walkedOf = ""; // the key of the sentence that is walked to, and its draft
  let lastShown = "";
  let fatesBefore = null; // what had become of the sentences before a tick

  function read() {
    let kept = {};
    try {
      kept = JSON.parse(store()?.value || "{}");
    } catch { /* another page's: begun anew */ }
    if (kept.draft !== draft()) kept = {};
    return { draft: draft(), sentences: {}, errors: {}, named: [], shown: [], dismissed: [], ...kept };
  }

  function write(change, { quietly = false } = {}) {
    const box = store();
    if (!box || !/^[0-9a-f]{32}$/.test(draft())) return;
    const now = read();
    change(now);
    const text = JSON.stringify(now);
    if (text === box.value) return;
    box.value = text;
    box.dispatchEvent(Object.assign(new Event("input", { bubbles: true }), { quietly })); // else it is not sent with a save
  }

  function set(box, text, cursor) {
    window.clinicalblipKeeping.writes(box, "kept"); // it takes the draft's words away, or brings them back
    box.value = text;
    box.setSelectionRange(cursor, cursor);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const decide = (keys, by) => write((now) => { for (const key of keys) now.sentences[key] = by; });

  // Where a sentence that was dropped stood: behind the one before it that still stands in the box.
  function placeFor(sentence) {
    const section = sentence.dataset.key.split(":")[0];
    const before = sentences().filter((one) => one.dataset.key.startsWith(`${section}:`) && one.dataset.final);
    const at = sentences().indexOf(sentence);
    const last = before.filter((one) => sentences().indexOf(one) < at).pop();
    return last ? Number(last.dataset.final.split(",")[1]) : 0;
  }

  function drop(sentence, by) { // or bring back
    const box = boxOf(sentence.dataset.key);
    if (!box || box.disabled) return;
    const text = box.value;
    fatesBefore = null;
    if (sentence.dataset.fate === "dropped") {
      const at = placeFor(sentence);
      const [before, behind] = [text.slice(0, at), text.slice(at)];
      const words = (before && !/\s$/.test(before) ? " " : "") + sentence.textContent + (behind && !/^\s/.test(behind) ? " " : "");
      set(box, before + words + behind, at + words.length);
    } else {
      let [from, to] = sentence.dataset.final.split(",").map(Number);
      while (to < text.length && text[to] === " ") to += 1;
      if (to === text.length) while (from > 0 && text[from - 1] === " ") from -= 1;
      set(box, text.slice(0, from) + text.slice(to), from);
    }
    decide([sentence.dataset.key], by);
  }

  function edit(sentence) {
    const box = boxOf(sentence.dataset.key);
    if (!box || box.disabled || !sentence.dataset.final) return false;
    window.clinicalblipTicks.showText();
    const [from, to] = sentence.dataset.final.split(",").map(Number);
    box.focus();
    box.setSelectionRange(from, to);
    return true;
  }

  const current = () => (walkedOf === draft() && sentences().find((one) => one.dataset.key === walked)) || null;

  function walkTo(sentence) {
    [walked, walkedOf] = [sentence.dataset.key, draft()];
    mark();
  }

  function mark() {
    const here = current();
    for (const one of sentences()) one.classList.toggle("cb-walked", one === here);
    here?.scrollIntoView({ block: "nearest" });
  }

  function walk(step) {
    const all = sentences();
    if (!all.length) return false;
    const at = all.indexOf(current());
    walkTo(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))]);
    return true;
  }

  function accept() {
    const here = current();
    if (!here) return false;
    if (here.dataset.fate !== "dropped") decide([here.dataset.key], "key");
    walk(1);
    return true;
  }

  function acceptRest() { // all that is left as it is
    const decided = read().sentences;
    const left = sentences().filter((one) => one.dataset.fate === "kept" && !(one.dataset.key in decided));
    if (!left.length) return false;
    decide(left.map((one) => one.dataset.key), "rest at once");
    return true;
  }

  function answer(item, state) {
    write((now) => {
      const before = now.errors[item.dataset.error];
      if (before?.state === state) delete now.errors[item.dataset.error];
      else now.errors[item.dataset.error] = { ...before, state };
    });
  }

  function answerNext(state) {
    const item = document.querySelector('#ai-draft [data-error][data-state="ignored"]');
    if (!item) return false;
    answer(item, state);
    return true;
  }

  function lookAt(item) {
    const box = document.querySelector(`#${item.dataset.section} textarea`);
    const [from, to] = item.dataset.span.split(",").map(Number);
    if (!box || box.disabled) return;
    window.clinicalblipTicks.showText();
    box.focus();
    box.setSelectionRange(from, to);
  }

  function dismiss(item) {
    write((now) => { now.dismissed = [...new Set([...now.dismissed, item.dataset.remark])]; });
  }

  // An error named by hand: of the words of the draft that are selected, or of a finding that the draft lacks.
  function selectedPassage() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const first = sentences().find((one) => one.contains(range.startContainer));
    const last = sentences().find((one) => one.contains(range.endContainer));
    const [section, from] = (first?.dataset.key || ":").split(":");
    const [other, begin] = (last?.dataset.key || ":").split(":");
    if (!first || !last || section !== other) return null;
    const [start, end] = [Number(from) + range.startOffset, Number(begin) + range.endOffset];
    return start < end ? { section, start, end, text: String(selection) } : null;
  }

  function walkedPassage() { // who has no mouse selects nothing in the draft
    const here = current();
    if (!here) return null;
    const [section, start] = here.dataset.key.split(":");
    return { section, start: Number(start), end: Number(start) + here.textContent.length, text: here.textContent };
  }

  function choice(form, name, label, options, words) {
    const field = form.appendChild(document.createElement("label"));
    field.textContent = `${label} `;
    const select = field.appendChild(document.createElement("select"));
    select.name = name;
    const fill = (names) => select.replaceChildren(...names.map((value) => new Option(value ? words[value] || value : "", value)));
    fill(options);
    return Object.assign(select, { fill });
  }

  function nameError() {
    if (!sentences().length) return false;
    const { naming } = words;
    const passage = selectedPassage() || walkedPassage();
    const dialog = document.createElement("dialog");
    dialog.className = "cb-dialog";
    const form = dialog.appendChild(document.createElement("form"));
    form.method = "dialog";
    form.appendChild(document.createElement("p")).textContent = passage ? `“${passage.text}”` : naming.missing_finding;
    const of_passage = Object.keys(naming.categories).filter((name) => name !== "missing finding");
    const category = choice(form, "category", naming.category, passage ? of_passage : ["missing finding"], naming.categories);
    const observation = choice(form, "observation", naming.observation, ["", ...naming.observations], {});
    const significance = choice(form, "significance", naming.significance, [], naming.significances);
    const allow = () => significance.fill(["", ...(/ finding$/.test(category.value) ? naming.of_finding : naming.of_attribute)]);
    category.addEventListener("change", allow);
    allow();
    for (const [value, label] of [["add", naming.add], ["", naming.cancel]]) {
      const button = form.appendChild(document.createElement("button"));
      [button.value, button.textContent] = [value, label];
    }
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "add") return;
      const { section = null, start = null, end = null } = passage || {};
      const named = { category: category.value, section, start, end };
      const again = (one) => start !== null && ["category", "section", "start", "end"].every((name) => one[name] === named[name]);
      write((now) => {
        now.named = now.named.filter((one) => !again(one)); // said anew
        now.named.push({ ...named, observation: observation.value || null, significance: significance.value || null });
      });
    });
    dialog.showModal();
    return true;
  }

  document.addEventListener("input", ({ isTrusted, target }) => { // what is typed after a tick is none
    if (isTrusted && target.closest?.("#findings, #impression")) fatesBefore = null;
  }, true);
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const sentence = target.closest("#ai-draft .cb-sentence");
    if (sentence && !String(window.getSelection())) {
      walkTo(sentence);
      drop(sentence, "click");
    }
    const item = target.closest("[data-error]");
    if (item && target.dataset.answer) answer(item, target.dataset.answer);
    const named = target.closest("[data-named]");
    if (named && target.matches("button")) write((now) => { now.named.splice(Number(named.dataset.named), 1); });
    const remark = target.closest("[data-remark]");
    if (remark) (target.closest(".cb-dismiss") ? dismiss : lookAt)(remark);
  });
  document.addEventListener("change", ({ target }) => {
    const item = target.closest?.("[data-error]");
    if (item && target.matches("select"))
      write((now) => {
        const before = now.errors[item.dataset.error] || { state: "confirmed" };
        now.errors[item.dataset.error] = { ...before, significance: target.value || null };
      });
  });

  document.addEventListener("clinicalblip-keys", () => {
    const { keys } = window.clinicalblip;
    const add = (names, name, does) => keys.add({ keys: names, says: words.does[name], group: words.group, does });
    const evidence = () => (keys.holds("s") ? window.clinicalblip.viewer?.evidence : null); // it walks while its key is held
    add(["j"], "walk_on", () => evidence()?.walk(1) || walk(1));
    add(["k"], "walk_back", () => evidence()?.walk(-1) || walk(-1));
    add(["e"], "edit", () => (current() ? edit(current()) : false));
    add(["x"], "drop", () => (current() ? drop(current(), "key") : false));
    add(["y"], "confirm", () => answerNext("confirmed"));
    add(["Shift+y"], "discard", () => answerNext("discarded"));
    add(["a"], "rest", acceptRest);
    add(["Shift+x"], "name", nameError);
    new MutationObserver(() => { mark(); decideByTick(); }).observe(document.querySelector("#ai-draft"), { childList: true, subtree: true });
    new MutationObserver(() => {
      const shown = [...document.querySelectorAll("#remarks [data-remark]")].map((one) => one.dataset.remark);
      const now = `${draft()} ${shown}`;
      if (!shown.length || now === lastShown) return;
      lastShown = now;
      write((now) => { now.shown = [...new Set([...now.shown, ...shown])]; }, { quietly: true });
    }).observe(document.querySelector("#remarks"), { childList: true, subtree: true });
  }, { once: true });

  function end() { // no sentence is walked to any more
    if (!current()) return false;
    walked = "";
    mark();
    return true;
  }

  // What a tick does with sentences of the draft was decided by it, once the server says what became of them.
  const fates = () => new Map(sentences().map((one) => [one.dataset.key, one.dataset.fate]));
  function decideByTick() {
    const before = fatesBefore;
    if (!before) return;
    const changed = [...fates()].filter(([key, fate]) => before.has(key) && before.get(key) !== fate).map(([key]) => key);
    if (!changed.length) return;
    fatesBefore = null;
    decide(changed, "tick");
  }

  window.clinicalblipCorrection = {
    accept,
    end,
    /** The report was just changed by a tick. */
    ticked() { fatesBefore ||= fates(); },
  };
})();
