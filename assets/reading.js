// How a study is read, by this page's own clock: times and counts, no words. It lies in the page's memory alone, and is
// sent with a save whose reader ticked that it may be kept. A plain script.
(() => {
  if (window.clinicalblipReading) return;
  const IDLE = 60, LOOKING = 120; // seconds without a touch after which nobody reads; with a film on the screen
  const CAME_WITH_THE_STUDY = 2; // seconds after opening, in which a draft that nobody saw being written was there already
  const READS = "#film-column, #machine, #final, #differences, #review"; // where a first key or press is one of reading
  const MODIFIERS = ["Control", "Shift", "Alt", "Meta"];
  const find = (places) => document.querySelector(places);
  const now = () => performance.now() / 1000; // goes on evenly, whatever is done to the clock of the machine
  const draftId = () => find("#draft-id :is(textarea, input)")?.value || "";
  let reading = null; // of the study that is open
  let last = now(); // when something was touched last, or the page came to be seen again
  let typed = 0; // when the report was changed last

  const seconds = () => now() - reading.opened;

  function open(interrupted, films) {
    reading = {
      opened: now(), interrupted, films, active: 0, firstWord: null, draftEnded: null, firstAction: null,
      reference: null, verdict: null, windows: new Set(), zooms: new Set(), prior: false, looks: {}, draft: "",
      wrote: null, sentences: {}, errors: {}, named: [], fates: new Map(), answers: answersNow(),
    };
    last = typed = now();
    followDraft();
    followReference();
  }

  // Which study is read: a film that stays makes it the same one, and so do films that come back after a break.
  document.addEventListener("clinicalblip-films", ({ detail: { films, resumed } }) => {
    if (resumed) {
      if (!reading) open(true, films);
      else if (!films.length) reading.interrupted = true; // the server lost them; they may be chosen again
      reading.films = films;
      reading.waits = !films.length;
    } else if (!films.length) {
      reading = null;
    } else if (reading && (reading.waits || !reading.films.length || films.some((film) => reading.films.includes(film)))) {
      [reading.films, reading.waits] = [films, false];
    } else {
      open(false, films);
    }
  });

  function followDraft() {
    const panel = find("#ai-draft");
    if (!reading || !panel) return;
    const writing = panel.querySelector(".cb-writing"), id = draftId();
    if (writing) reading.wrote ||= { firstWord: null };
    if (writing?.querySelector("p")) reading.wrote.firstWord ??= seconds();
    if (!writing && /^[0-9a-f]{32}$/.test(id)) {
      if (id !== reading.draft) newDraft(id);
      reading.wrote = null; // or it failed, and the draft before is shown again
    }
    for (const { dataset } of panel.querySelectorAll(".cb-sentence[data-fate]")) {
      const [from, to] = (dataset.final || "0,0").split(",").map(Number);
      const fate = `${dataset.fate} ${to - from}`, before = reading.fates.get(dataset.key);
      if (before !== undefined && before !== fate) reading.sentences[dataset.key] = Math.max(0, typed - reading.opened);
      reading.fates.set(dataset.key, fate);
    }
  }

  function newDraft(id) {
    const at = seconds(), came = at < CAME_WITH_THE_STUDY; // ahead, or while nobody looked
    const draftEnded = reading.wrote || !came ? at : reading.interrupted ? null : 0;
    Object.assign(reading, {
      draft: id, draftEnded, firstWord: reading.wrote?.firstWord ?? draftEnded,
      sentences: {}, errors: {}, named: [], fates: new Map(), answers: answersNow(),
    });
  }

  function followReference() {
    if (reading && reading.reference === null && find("#reference-findings textarea")) reading.reference = seconds();
  }

  // What was answered: the keys and choices of correction.js, which have no words either.
  function answersNow() {
    let said = {};
    try {
      said = JSON.parse(find("#correction :is(textarea, input)")?.value || "{}");
    } catch { /* another page's */ }
    return said.draft === draftId() ? { sentences: {}, errors: {}, named: [], ...said } : { sentences: {}, errors: {}, named: [] };
  }

  function followAnswers() {
    const before = reading.answers, after = answersNow(), at = seconds();
    for (const key of Object.keys(after.sentences)) if (after.sentences[key] !== before.sentences[key]) reading.sentences[key] = at;
    for (const key of Object.keys({ ...before.errors, ...after.errors }))
      if (JSON.stringify(after.errors[key]) !== JSON.stringify(before.errors[key])) reading.errors[key] = at;
    const earlier = before.named.map((error, place) => [JSON.stringify(error), reading.named[place] ?? null]);
    reading.named = after.named.map((error) => {
      const place = earlier.findIndex(([text]) => text === JSON.stringify(error));
      return place < 0 ? at : earlier.splice(place, 1)[0][1];
    });
    reading.answers = after;
  }

  // Time at work: from one touch to the next, as far as nobody is idle before it comes.
  function onScreen() {
    const box = find("#viewer .cb-has-film .cb-screen")?.getBoundingClientRect();
    return Boolean(box) && box.bottom > 0 && box.top < window.innerHeight;
  }

  function settle(seen = document.visibilityState === "visible") {
    const at = now();
    if (reading && seen) {
      const gap = at - Math.max(last, reading.opened);
      reading.active += Math.max(0, gap <= IDLE ? gap : Math.min(gap, onScreen() ? LOOKING : IDLE));
    }
    last = at;
  }

  for (const touch of ["pointerdown", "pointermove", "wheel", "keydown", "keyup", "input", "scroll", "touchmove"])
    document.addEventListener(touch, ({ isTrusted }) => { if (isTrusted) settle(); }, { capture: true, passive: true });
  document.addEventListener("visibilitychange", () => settle(document.visibilityState === "hidden")); // until now it was seen

  for (const act of ["pointerdown", "wheel", "keydown"]) document.addEventListener(act, (event) => {
    if (!reading || !event.isTrusted || reading.firstAction !== null || !(event.target instanceof Element)) return;
    const key = event.type === "keydown" && event.target === document.body && !event.ctrlKey && !event.altKey && !event.metaKey
      && !MODIFIERS.includes(event.key) && !["n", "p", "?"].includes(event.key.toLowerCase());
    if (key || event.target.closest(READS)) reading.firstAction = seconds();
  }, { capture: true, passive: true });

  document.addEventListener("input", ({ target }) => {
    if (!reading || !(target instanceof Element)) return;
    if (target.closest("#findings, #impression")) typed = now();
    if (target.closest("#correction")) followAnswers();
    if (target.closest("#verdict")) reading.verdict = seconds();
  }, true);

  // How the films are looked at, once nothing has moved for a moment.
  document.addEventListener("clinicalblip-look", ({ detail: { panes } }) => {
    if (!reading) return;
    const { current, visible } = panes;
    if (visible.some((pane) => pane.film && pane.role === "prior")) reading.prior = true;
    if (!current.film) return;
    const { centre, width, inverted } = current.window, { zoom, fits } = current.viewport.place;
    const look = `${Math.round(centre)} ${Math.round(width)} ${inverted}`;
    if ((reading.looks[current.film.id] ??= look) !== look) reading.windows.add(look); // not the one that it came with
    if (!fits && zoom > 1.005) reading.zooms.add(zoom.toFixed(2));
  });

  document.addEventListener("clinicalblip-keys", () => { // the page's parts are there
    new MutationObserver(followDraft).observe(find("#ai-draft"), { childList: true, subtree: true });
    new MutationObserver(followReference).observe(find("#differences"), { childList: true, subtree: true });
  }, { once: true });

  const rounded = (value) => (value === null ? null : Math.round(value * 10) / 10);
  const all = (times) => Object.fromEntries(Object.entries(times).map(([key, time]) => [key, rounded(time)]));

  window.clinicalblipReading = {
    /** Seconds since the study was opened; null where none is. */
    seconds: () => (reading ? rounded(seconds()) : null),
    /** How the study was read until now, as JSON; empty without the reader's consent to it. */
    async said(consents) {
      if (!consents || !reading) return "";
      // How the report's characters came in is counted by the server, which first is told of the last of them.
      await Promise.race([window.clinicalblipKeeping.flush(), new Promise((over) => setTimeout(over, 500))]);
      settle();
      followDraft();
      followReference();
      const { viewer } = window.clinicalblip;
      return JSON.stringify({
        draft: reading.draft, saved_seconds: rounded(seconds()), active_seconds: rounded(Math.min(reading.active, seconds())),
        first_word_seconds: rounded(reading.firstWord), draft_ended_seconds: rounded(reading.draftEnded),
        first_action_seconds: rounded(reading.firstAction), reference_opened_seconds: rounded(reading.reference),
        verdict_seconds: rounded(reading.verdict), sentence_seconds: all(reading.sentences), error_seconds: all(reading.errors),
        named_seconds: reading.named.map(rounded), windows: reading.windows.size, zooms: reading.zooms.size,
        prior_viewed: viewer?.films.present.includes("prior") ? reading.prior : null, interrupted: reading.interrupted,
      });
    },
  };
})();
