// What the reader is asked about the films before a draft, and which film is which where their files do not say.

import { greyTable, ownWindow } from "./grey_table.js";
import { paint } from "./overlays.js";

/** The questions above the screen, each with its answers. */
export class Questions {
  /** Whether files that were dropped are on their way. */
  reading = false;
  #parts;
  #pictures = new Map(); // small ones of the films without a role, by their ids

  constructor(parts) {
    this.#parts = parts;
  }

  /** Ask what is open now; the focus stays at its answer, goes to the next question, or to the film where none is left. */
  update() {
    const { box, films, words, panes } = this.#parts;
    const inside = box.contains(document.activeElement);
    const { answers: focused } = document.activeElement?.dataset || {};
    const asked = this.reading ? [paragraph(words.reading_dropped, "cb-looking")] : [];
    for (const film of films.unplaced) {
      const part = paragraph(film.says, "cb-question");
      part.prepend(this.#picture(film));
      part.append(buttons(film.id, film.answers, (answer) => this.#place(film.id, answer)));
      asked.push(part);
    }
    for (const id of this.#pictures.keys()) if (!films.unplaced.some((film) => film.id === id)) this.#pictures.delete(id);
    for (const role of films.present) {
      const { id, looking, questions } = films.of(role);
      const name = films.present.length > 1 ? `${words[role]}: ` : "";
      if (looking) asked.push(paragraph(name + words.looking, "cb-looking"));
      for (const { says, answers } of questions) {
        const part = paragraph(name + says, "cb-question");
        part.append(buttons(id, answers, (answer) => this.#answer(role, id, answer)));
        asked.push(part);
      }
    }
    box.replaceChildren(...asked);
    const all = [...box.querySelectorAll("button")];
    if (inside) (all.find((button) => button.dataset.answers === focused) || all[0] || panes.current.canvas).focus();
  }

  #picture(film) {
    const { words, loader } = this.#parts;
    if (!this.#pictures.has(film.id)) {
      const place = document.createElement("span");
      place.className = "cb-small";
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", words.dropped);
      this.#pictures.set(film.id, place);
      loader.load(film.picture, "preview").then((levels) => {
        const { columns, rows, values } = levels.at(-1);
        const greys = greyTable(film, ownWindow(film));
        place.append(paint(columns, rows, (index) => {
          const grey = greys[values[index]];
          return [grey, grey, grey, 255];
        }));
      }, () => {}); // answered meanwhile, or gone: the question says so where it is answered
    }
    return this.#pictures.get(film.id);
  }

  async #place(id, answer) {
    const { films, trigger, mayChange, update } = this.#parts;
    const discard = answer === "study" ? await window.clinicalblip.mayDiscard() : answer ? await mayChange(answer) : false;
    if (discard === null || (answer === "study" && window.clinicalblip.unsaved() && !discard)) return update();
    trigger("input", { id, answer, discard });
  }

  async #answer(role, id, question) {
    const { trigger, mayChange, update } = this.#parts;
    const discard = question === "mask" ? await mayChange(role) : false;
    if (discard === null) return update();
    trigger("select", { role, id, question, discard });
  }
}

function buttons(id, answers, take) {
  const group = document.createElement("span");
  for (const [answer, label] of answers) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `cb-answer cb-answer-${answer || "none"}`;
    button.dataset.answers = `${id} ${answer}`; // another drawing of the questions is the same answer
    button.textContent = label;
    button.addEventListener("click", () => {
      if (button.hasAttribute("aria-disabled")) return; // a double click is one answer
      for (const other of group.children) other.setAttribute("aria-disabled", "true");
      take(answer);
    });
    group.append(button);
  }
  return group;
}

function paragraph(text, look) {
  const part = document.createElement("p");
  part.className = look;
  part.textContent = text;
  return part;
}
