// When films' values are loaded and let go of: a first picture at once, the whole film right after it.

/** Loads what the panes show; `failed` is told the role and why. */
export class Loading {
  #parts;
  #under_way = new Map(); // by picture

  constructor(parts) {
    this.#parts = parts;
  }

  /** Load what is shown, stop loading what is not, and free it. */
  update() {
    const { films, panes } = this.#parts;
    const shown = panes.visible.map((pane) => pane.role).filter((role) => films.of(role));
    const pictures = new Set(shown.map((role) => films.of(role).picture));
    for (const [picture, stop] of this.#under_way)
      if (!pictures.has(picture)) {
        stop.abort();
        this.#under_way.delete(picture);
      }
    for (const role of films.present) if (!shown.includes(role)) films.free(role);
    for (const role of shown) this.#load(role);
  }

  async #load(role) {
    const { films, loader, failed } = this.#parts;
    const { picture, whole, levels } = films.of(role);
    if (whole || this.#under_way.has(picture)) return;
    const stop = new AbortController();
    this.#under_way.set(picture, stop);
    try {
      for (const size of levels.length ? ["whole"] : ["preview", "whole"])
        this.#show(role, picture, await loader.load(picture, size, stop.signal), size === "whole");
    } catch (error) {
      if (stop.signal.aborted) return;
      console.error(error.cause || error);
      failed(role, error.message);
    } finally {
      if (this.#under_way.get(picture) === stop) this.#under_way.delete(picture);
    }
  }

  #show(role, picture, levels, whole) {
    const film = this.#parts.films.of(role);
    if (film?.picture !== picture) return; // another film took its place meanwhile
    Object.assign(film, { levels, whole });
    if (whole) performance.mark(`clinicalblip whole ${role}`); else performance.mark(`clinicalblip first ${role}`);
    for (const pane of this.#parts.panes.all) if (pane.role === role) pane.drawSoon();
  }
}
