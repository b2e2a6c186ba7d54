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
    || document.querySelector(":is(#overall, #verdict) input:checked") !== null;
  // The server may know of work that the browser does not: it then has refused a change with this sentence.
  const refused = () => document.querySelector("#message")?.textContent.trim() === words.unsaved;
  const unsaved = () => filled() && (edits > savedUpTo || refused());

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return; // Escape answers the question there
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      press("draft");
    } else if (event.key === "Escape") {
      press("stop");
    }
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.closest?.(`${boxes}, #overall, #verdict, #consent`)) edits += 1;
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });

  // Gradio tells a handler of a refused call nothing: why it was refused is in the answer, as it passes here.
  const call = window.fetch.bind(window);
  let refusal = Promise.resolve("");
  window.fetch = async (...request) => {
    const answer = await call(...request);
    if (!answer.ok && answer.url.includes("/gradio_api/")) refusal = reason(answer.clone());
    return answer;
  };
  async function reason(answer) {
    let said = "";
    try {
      const body = await answer.json();
      said = String(body.detail || body.error || "");
    } catch { /* no JSON: nothing for a reader */ }
    if (answer.status === 503 && /^Queue is full/.test(said)) return words.full;
    return [413, 429, 503].includes(answer.status) ? said : "";
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
    draftShown: () => !document.querySelector("#ai-draft .cb-none"),
    mayDiscard() { // true only where the reader was asked and said so
      if (!unsaved()) return Promise.resolve(false);
      asked = asked || ask().finally(() => { asked = null; });
      return asked;
    },
    saving() { // what was said about the save before goes
      if (savingUpTo === null) savingUpTo = edits;
      return "";
    },
    saved(said) { // `said` is empty unless the review is on disk
      if (said) savedUpTo = savingUpTo ?? savedUpTo;
      savingUpTo = null;
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
