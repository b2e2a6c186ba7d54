() => {
  const words = WORDS; // put in by launch_arguments
  // What the page does by itself in the browser: keys, copying, and a question before unsaved edits are lost.
  const press = (id) => {
    const button = document.querySelector(`#${id}`);
    if (button && !button.disabled) button.click();
  };
  let unsaved = false;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      press("draft");
    } else if (event.key === "Escape") {
      press("stop");
    }
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.closest?.("#findings, #impression, #comment")) unsaved = true;
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });

  window.clinicalblip = {
    saved() { // once the page shows that a review is on disk
      setTimeout(() => { if (document.querySelector("#saved .cb-saved")) unsaved = false; }, 500);
    },
    scrollTo(question) { // once it stands there
      const part = (name) => document.querySelector(`#${name}`);
      setTimeout(() => {
        if (!part(question)?.querySelector(".cb-phi")) return;
        for (const name of [question, `${question}-mask`]) part(name)?.scrollIntoView({ block: "nearest" });
      }, 100);
    },
    cleared(findings, impression) { if (!findings && !impression) unsaved = false; },
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
      button.textContent = worked ? words.copied : words.failed;
      setTimeout(() => { button.textContent = label; }, 1500);
    },
  };
}
