// Files on their way to the server: chosen, dropped, refused.

/** Sends the file that a reader chose for a film. */
export class Uploads {
  #parts;

  constructor(parts) {
    this.#parts = parts;
  }

  /** Send the file that was chosen for a role; several are sent as if they were dropped. Says why where one is not. */
  async send(role, chosen) {
    const { settings, trigger, warnings, mayChange, cardOf, update } = this.#parts;
    const { words } = settings;
    if (chosen.length > 1) return this.sendAll(chosen);
    warnings.clear();
    const [file] = chosen;
    if (!file || !this.#fits(role, file)) return;
    const discard = await mayChange(role);
    if (discard === null) return;
    const card = cardOf(role);
    if (card.classList.contains("cb-reading")) return warnings.alert(role, words.wait);
    card.classList.add("cb-reading");
    card.querySelector(".cb-film-state").textContent = words.reading;
    try {
      trigger("upload", { role, file: await upload(file), discard });
    } catch {
      card.classList.remove("cb-reading");
      update();
      this.refuse(role, (await window.clinicalblip.refusal()) || words.failed);
    }
  }

  /** Send files of which the server finds out, or asks, which films they are. */
  async sendAll(files) {
    const { settings, trigger, warnings, mayChange, update } = this.#parts;
    const { words } = settings;
    const questions = this.#parts.questions();
    warnings.clear();
    if (files.length > settings.files) {
      return warnings.alert(null, words.too_many.replace("{count}", files.length).replace("{most}", settings.files));
    }
    if (!files.length || !files.every((file) => this.#fits(null, file))) return;
    if (questions.reading) return warnings.alert(null, words.wait);
    const discard = await mayChange(null);
    if (discard === null) return;
    questions.reading = true;
    update();
    try {
      const tokens = [];
      for (const file of files) tokens.push({ file: await upload(file) });
      trigger("submit", { files: tokens, discard });
    } catch {
      questions.reading = false;
      update();
      warnings.alert(null, (await window.clinicalblip.refusal()) || words.failed);
    }
  }

  #fits(role, { size }) {
    const { warnings, settings: { words, mebibytes } } = this.#parts;
    const fits = size <= mebibytes * 2 ** 20;
    if (!fits) warnings.alert(role, words.large.replace("{found}", Math.ceil(size / 2 ** 20)).replace("{allowed}", mebibytes));
    return fits;
  }

  /** Wait for this film no longer, and say why. */
  refuse(role, text) {
    this.#parts.cardOf(role).classList.remove("cb-reading");
    this.#parts.warnings.alert(role, text);
  }

  /** Let a file be dropped on the card of its role. */
  drop(card, role) {
    takeDrops(card, card, (files) => this.send(role, files));
  }

  /** Let files be dropped anywhere else: a browser would leave the page for them. */
  dropAnywhere() {
    takeDrops(document, document.querySelector(".cb-viewer"), (files) => this.sendAll(files));
  }
}

function takeDrops(target, marked, take) {
  const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types || [])].includes("Files"); // text goes to its box
  let over = 0;
  const leave = () => marked.classList.remove("cb-over");
  target.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    marked.classList.add("cb-over");
    clearTimeout(over);
    over = setTimeout(leave, 250); // it is said again and again for as long as it is true
  });
  target.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
    if (!document.querySelector("dialog[open]")) take([...event.dataTransfer.files]);
  });
}

/** Upload a file; gives the token under which the server has it. */
async function upload(file) {
  const form = new FormData();
  form.append("files", file, "film"); // the file's own name often is the patient's: it stays here
  const address = `${window.gradio_config.root}/gradio_api/upload`;
  const answer = await fetch(address, { method: "POST", headers: { "X-ClinicalBLIP": "page" }, body: form });
  if (!answer.ok) throw new Error("refused");
  return (await answer.json())[0];
}
