// Where a sentence of the AI draft came from: with the key held, the area that the model drew on for the sentence under
// the cursor, or for the one that arrows walked to. Asked for on demand; it takes the model seconds.

import { layOver, paint } from "./overlays.js";

const SMOOTH = 16; // pixels that a cell is blended over

/** Shows the evidence of sentences on the panes. */
export class EvidenceView {
  #parts;
  #held = false;
  #sentence = null;
  #cursor = null;
  #walked = null; // the number of the sentence that keys chose, until the mouse moves
  #found = null; // { draft, films, sentences, note }, or while it is asked for { draft }

  constructor(parts) {
    this.#parts = parts;
    document.addEventListener("pointermove", (event) => {
      this.#cursor = event;
      this.#walked = null;
      if (this.#held) this.#look();
    });
  }

  /** The key goes down, or comes up. */
  hold(held) {
    this.#held = held;
    if (held) this.#ask(); else this.#clear();
  }

  /** Go on to the next sentence of the draft (`step` 1), or the one before (-1); false where the key is not held. */
  walk(step) {
    if (!this.#held) return false;
    const sentences = this.#found?.sentences;
    if (!sentences?.length) return true; // they are being asked for
    const at = this.#walked ?? sentences.indexOf(this.#sentence);
    this.#walked = at < 0 && step < 0 ? sentences.length - 1 : Math.min(sentences.length - 1, Math.max(0, at + step));
    this.#look();
    return true;
  }

  /** Lay the area of the sentence over a pane's film. */
  draw(pen, pane) {
    if (!this.#held || !this.#sentence) return;
    const film = this.#found.films.indexOf(pane.role);
    if (film >= 0) layOver(pen, pane, heatMap(this.#sentence.drops, film), true);
  }

  async #ask() {
    const { words, say } = this.#parts;
    const draft = document.querySelector("#draft-id :is(textarea, input)")?.value || "";
    if (!/^[0-9a-f]{32}$/.test(draft)) return say(words.evidence_none);
    if (this.#found?.draft === draft) return this.#look();
    const found = (this.#found = { draft });
    say(words.evidence_asked);
    try {
      const headers = await window.clinicalblipReader();
      const answer = await fetch(`${window.gradio_config.root}/evidence/${draft}`, { headers });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error);
      Object.assign(found, said);
    } catch (error) {
      if (this.#found === found) this.#found = null;
      if (this.#held) say(error.message || words.failed);
      return;
    }
    if (this.#held) this.#look();
  }

  #look() {
    const { panes, say } = this.#parts;
    if (!this.#found?.sentences) return;
    say(this.#found.note);
    const places = this.#places();
    const at = this.#walked ?? this.#underCursor(places);
    const sentence = this.#found.sentences[at] || null;
    if (sentence === this.#sentence) return;
    this.#sentence = sentence;
    mark(places[at]);
    if (this.#walked !== null) places[at]?.startContainer.parentElement.scrollIntoView({ block: "nearest" });
    for (const pane of panes.visible) pane.drawSoon();
  }

  #places() { // where each sentence stands on the page, in their order; undefined for one that does not
    const nodes = [...document.querySelectorAll("#ai-draft p")].flatMap(textsOf);
    let [first, from] = [0, 0];
    return this.#found.sentences.map(({ text }) => {
      for (let at = first; at < nodes.length; at++) {
        const start = nodes[at].data.indexOf(text, at === first ? from : 0);
        if (start < 0) continue;
        [first, from] = [at, start + text.length];
        const range = new Range();
        range.setStart(nodes[at], start);
        range.setEnd(nodes[at], from);
        return range;
      }
      return undefined;
    });
  }

  #underCursor(places) {
    if (!this.#cursor) return -1;
    const { clientX, clientY } = this.#cursor;
    const point = document.caretRangeFromPoint?.(clientX, clientY);
    return point ? places.findIndex((range) => range?.isPointInRange(point.startContainer, point.startOffset)) : -1;
  }

  #clear() {
    [this.#sentence, this.#walked] = [null, null];
    this.#parts.say("");
    CSS.highlights?.delete("cb-evidence");
    for (const pane of this.#parts.panes.visible) pane.drawSoon();
  }
}

function textsOf(paragraph) { // without what is said about a sentence
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
    (node.parentElement.closest(".cb-fate, .cb-sure") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

function mark(range) {
  if (range) CSS.highlights?.set("cb-evidence", new Highlight(range)); else CSS.highlights?.delete("cb-evidence");
}

/** Cells as a picture: the stronger the fall of one film among all films, the more colour; cells that speak against, none. */
function heatMap(films, film) {
  const cells = films[film];
  const most = Math.max(1e-6, ...films.flat(2));
  const small = paint(cells[0].length, cells.length, (index) => {
    const part = Math.max(0, cells[Math.floor(index / cells[0].length)][index % cells[0].length] / most);
    return [255, 140, 0, Math.round(150 * part ** 1.5)];
  });
  const large = Object.assign(document.createElement("canvas"), { width: small.width * SMOOTH, height: small.height * SMOOTH });
  const pen = large.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(small, 0, 0, large.width, large.height);
  return large;
}
