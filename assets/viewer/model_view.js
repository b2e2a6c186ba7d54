// "What the model saw": the film at the model's size, in the greys that it got.

import { layOver, paint } from "./overlays.js";

/** Shows films as the model saw them, as long as it is on. */
export class ModelView {
  isOn = false;
  #parts;
  #pictures = new Map(); // by picture and window, since the model sees the film through its window

  constructor(parts) {
    this.#parts = parts;
  }

  /** Show it, or the film again. */
  toggle() {
    this.isOn = !this.isOn;
    for (const pane of this.#parts.panes.visible) pane.drawSoon();
  }

  /** Lay it over a pane's film, once it is there. */
  draw(pen, pane) {
    if (!this.isOn) return;
    const key = `${pane.film.picture} ${pane.film.window}`;
    const picture = this.#pictures.get(key);
    if (picture === undefined) this.#load(key, pane);
    else if (picture) layOver(pen, pane, picture, false);
  }

  /** The line that stands on the film as long as it is on. */
  says({ film }) {
    const picture = this.isOn && this.#pictures.get(`${film?.picture} ${film?.window}`);
    return picture ? this.#parts.words.model_saw.replace("{columns}", picture.width).replace("{rows}", picture.height) : "";
  }

  async #load(key, pane) {
    this.#pictures.set(key, null);
    try {
      const [{ columns, rows, values }] = await this.#parts.loader.load(pane.film.picture, "model");
      this.#pictures.set(key, paint(columns, rows, (index) => {
        const grey = Math.round(values[index] / 257);
        return [grey, grey, grey, 255];
      }));
    } catch (error) {
      this.#pictures.delete(key);
      this.isOn = false;
      this.#parts.failed(pane.role, error.message);
    }
    pane.drawSoon();
  }
}
