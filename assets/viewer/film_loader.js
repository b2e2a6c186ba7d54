// Films from the server: asked for here, so that the request names the session, and unpacked in a worker.

/** Loads films' values. */
export class FilmLoader {
  #worker = null;
  #waiting = new Map();
  #number = 0;

  /** The levels of a film, the largest first; `size` is "preview" or "whole". Throws what a reader can be told. */
  async load(picture, size, signal) {
    const answer = await fetch(`${window.gradio_config.root}/films/${picture}/${size}`, { signal });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || "");
    const [rows, columns] = ["x-film-rows", "x-film-columns"].map((name) => Number(answer.headers.get(name)));
    const packed = await answer.arrayBuffer();
    return await this.#unpack({ packed, rows, columns });
  }

  #unpack(film) {
    if (!this.#worker) {
      this.#worker = new Worker(new URL("./film_worker.js", import.meta.url), { type: "module" });
      this.#worker.onmessage = ({ data: { id, levels, error } }) => {
        const { resolve, reject } = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (error) reject(new Error("", { cause: error })); else resolve(levels);
      };
      this.#worker.onerror = (event) => {
        for (const { reject } of this.#waiting.values()) reject(new Error("", { cause: event.message }));
        this.#waiting.clear();
      };
    }
    const id = this.#number++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...film }, [film.packed]);
    });
  }
}
