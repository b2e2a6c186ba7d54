// What is said about the films below the screen.

/** The list of warnings and notes. */
export class Warnings {
  #list;
  #words;
  #alerts = [];

  constructor(list, words) {
    [this.#list, this.#words] = [list, words];
  }

  /** Say what is known of the films. */
  update(films) {
    const notes = films.present.flatMap((role) => {
      const { warnings, notes: said } = films.of(role);
      return [...warnings, ...said].map((note) => this.#item(role, note));
    });
    this.#list.replaceChildren(...this.#alerts, ...notes);
  }

  /** Say at once what went wrong with a film, or with files that are none yet (`role` null), until the reader goes on. */
  alert(role, text) {
    const item = this.#item(role, text);
    item.setAttribute("role", "alert");
    this.#alerts.unshift(item);
    this.#list.prepend(item);
  }

  /** The reader goes on with another film: what went wrong before need not be said any longer. */
  clear() {
    for (const item of this.#alerts.splice(0)) item.remove();
  }

  #item(role, text) {
    const item = document.createElement("li");
    item.textContent = role ? `${this.#words[role]}: ${text}` : text;
    return item;
  }
}
