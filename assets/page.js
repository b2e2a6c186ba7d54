() => {
  const words = WORDS; // put in by launch_arguments
  // What the page does by itself in the browser: keys, copying, and a question before unsaved work is lost.
  const press = (id) => {
    const button = document.querySelector(`#${id}`);
    if (button && !button.disabled) button.click();
  };
  // Edits are counted, so that what is typed while a save is on its way is not taken for saved.
  let edits = 0, savedUpTo = 0, savingUpTo = null;
  const boxes = "#findings, #impression, #comment, #reference-findings, #reference-impression";
  const filled = () => [...document.querySelectorAll(`:is(${boxes}) :is(textarea, input)`)].some((box) => box.value.trim())
    || document.querySelector(":is(#overall, #verdict, #would-sign, [id^=question-]) input:checked") !== null;
  // The server may know of work that the browser does not: it then has refused a change with this sentence.
  let known = false;
  const refused = () => document.querySelector("#message")?.textContent.trim() === words.unsaved;
  const unsaved = () => filled() && (edits > savedUpTo || known || refused());

  // The keys of the page join the films' in one table (viewer/keys.js), whose overlay shows them all.
  const list = (action, ...values) => window.clinicalblipWorkList?.[action](...values); // work_list.js runs first
  const keys = {
    draft: [["Ctrl+Enter"], () => press("draft")],
    save: [["Ctrl+s"], () => press("save")],
    save_and_next: [["Ctrl+Shift+Enter"], () => list("saveAndNext")],
    next: [["Alt+PageDown", "n"], () => list("next")],
    previous: [["Alt+PageUp", "p"], () => list("previous")],
    skip: [["Alt+Delete"], () => list("skip")],
    undo: [["Ctrl+z"], (event) => window.clinicalblipKeeping.step(false, event)],
    verdict: [["Alt+1", "Alt+2", "Alt+3", "Alt+4"], ({ key }) => document.querySelectorAll("#verdict input")[key - 1]?.click()],
    redo: [["Ctrl+Shift+z", "Ctrl+y"], (event) => window.clinicalblipKeeping.step(true, event)],
  };
  document.addEventListener("clinicalblip-keys", () => {
    for (const [name, [names, act]] of Object.entries(keys))
      window.clinicalblip.keys.add({ keys: names, does: act, says: words.keys[name], group: words.keyGroup });
  }, { once: true });
  document.addEventListener("keydown", (event) => { // also while one types, so it is not in the table
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return; // it answers a question there
    press("stop");
    if (event.target.closest?.(boxes)) event.target.blur(); // back to the keys of the draft's sentences
  }, true);
  document.addEventListener("input", (event) => { // what was only shown is noted quietly
    if (!event.quietly && event.target.closest?.(`${boxes}, #overall, #verdict, #would-sign, #consent, #reading-consent, #correction, [id^=question-]`)) edits += 1;
  }, true);
  // That nothing was changed need not be said any longer: the reader goes on with something else.
  const goOn = () => {
    if (!refused()) return;
    known = true;
    press("go-on");
  };
  document.addEventListener("input", ({ quietly }) => quietly || goOn(), true);
  // The reports are compared again a few times a second while one changes, however it does.
  let comparing = null;
  document.addEventListener("input", ({ target, quietly }) => {
    if (quietly || !target.closest?.("#findings, #impression, #reference-findings, #reference-impression, #correction")) return;
    comparing ||= setTimeout(() => { comparing = null; press("compare"); }, 150);
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (window.clinicalblipKeeping.waits()) event.preventDefault(); // what is on the server comes back
  });

  // What is known before is a drawer: it closes to a line once a draft is being written, and opens for a new study. While
  // a reader study is read it stays as the reader left it: a key more under some arms would count as time of theirs.
  const box = (field) => [field.querySelector("label span")?.textContent.trim(), field.querySelector("textarea").value.trim()];
  function drawer(open) {
    const fields = [...document.querySelectorAll("#context-boxes .cb-field")].map(box).filter(([, text]) => text);
    document.querySelector("#context").classList.toggle("cb-closed", !open);
    document.querySelector(".cb-drawer").setAttribute("aria-expanded", String(open));
    document.querySelector(".cb-drawer-line").textContent = open ? "" : fields.map(([name, text]) => `${name}: ${text}`).join(" · ");
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".cb-drawer")) drawer(document.querySelector("#context").classList.contains("cb-closed"));
  });
  document.addEventListener("clinicalblip-keys", () => { // the page's parts are there
    const panel = document.querySelector("#ai-draft");
    let state = "none";
    const follow = () => {
      const now = panel.querySelector(".cb-writing") ? "writing" : panel.querySelector(".cb-none") ? "none" : "written";
      if (now !== state && !document.querySelector("#case")) drawer(now === "none");
      state = now;
    };
    new MutationObserver(follow).observe(panel, { childList: true, subtree: true });
    follow();
  }, { once: true });

  // Gradio tells a handler of a refused call nothing: why it was refused is in the answer, as it passes here.
  const call = window.fetch.bind(window);
  let refusal = Promise.resolve("");
  window.fetch = async (...request) => {
    const answer = await call(...request);
    if (!answer.ok && answer.url.includes("/gradio_api/")) refusal = reason(answer.clone());
    return answer;
  };
  async function reason(answer) {
    try {
      const body = await answer.json();
      return String(body.detail || body.error || "");
    } catch { // a proxy before the server answered
      return "";
    }
  }

  function ask() {
    const dialog = document.createElement("dialog");
    dialog.className = "cb-dialog";
    const text = dialog.appendChild(document.createElement("p"));
    text.textContent = words.question;
    for (const [label, value] of [[words.keep, ""], [words.discard, "discard"]]) {
      const button = dialog.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => dialog.close(value));
    }
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((answered) => dialog.addEventListener("close", () => {
      dialog.remove();
      answered(dialog.returnValue === "discard");
    }));
  }

  let asked = null; // one question at a time, however often it is pressed
  let number = 0;
  window.clinicalblip = {
    unsaved,
    contextChanged() { // another study's texts are in the boxes: a closed drawer says those
      drawer(!document.querySelector("#context").classList.contains("cb-closed"));
    },
    draftShown: () => !document.querySelector("#ai-draft .cb-none"),
    async mayDiscard() { // true only where the reader was asked and said so
      // What is on its way to the server must not arrive after the study that it was typed in is gone.
      await Promise.race([window.clinicalblipKeeping.flush(), new Promise((over) => setTimeout(over, 500))]);
      if (!unsaved()) return false;
      asked = asked || ask().then((discard) => {
        asked = null;
        if (discard) known = false;
        return discard;
      });
      return asked;
    },
    saving() { // what was said about the save before goes
      if (savingUpTo === null) savingUpTo = edits;
      return "";
    },
    saved(said) { // `said` is empty unless the review is on disk
      if (said) [savedUpTo, known] = [savingUpTo ?? savedUpTo, false];
      savingUpTo = null;
      list("saved", said);
    },
    async refusal() { // the sentence of the last call that the server refused, if it had one
      const said = await refusal;
      refusal = Promise.resolve("");
      return said;
    },
    async failed() { // for the line of messages
      const line = document.createElement("p");
      line.className = "cb-message";
      line.setAttribute("role", "alert");
      line.textContent = (await this.refusal()) || words.unexpected;
      return line.outerHTML;
    },
    noFilmChanged() { // the viewer stops waiting for a film
      number -= 1;
      return { films: {}, number };
    },
    scrollTo(question) { // once it stands there
      const part = (name) => document.querySelector(`#${name}`);
      setTimeout(() => {
        if (!part(question)?.querySelector(".cb-phi")) return;
        for (const name of [question, `${question}-mask`]) part(name)?.scrollIntoView({ block: "nearest" });
      }, 100);
    },
    async copy(findings, impression) {
      goOn();
      const text = [["FINDINGS", findings], ["IMPRESSION", impression]]
        .filter(([, body]) => body && body.trim())
        .map(([heading, body]) => `${heading}:\n${body.trim()}`)
        .join("\n\n");
      const button = document.querySelector("#copy");
      const label = button.textContent;
      let worked = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch { // a page over plain http has no clipboard; the old way still works there
        const box = document.createElement("textarea");
        box.value = text;
        document.body.append(box);
        box.select();
        worked = document.execCommand("copy");
        box.remove();
      }
      button.textContent = worked ? words.copied : words.notCopied;
      setTimeout(() => { button.textContent = label; }, 1500);
    },
  };
}
