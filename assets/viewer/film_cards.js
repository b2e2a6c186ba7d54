// The three places for films: which file, which one is shown, and the way to remove it.

/** The cards above the screen, one a role. */
export class FilmCards {
  #parts;

  constructor({ element, films, words, trigger, uploads, mayChange, show }) {
    this.#parts = { element, films, words };
    for (const role of films.roles) {
      const card = this.of(role);
      const input = card.querySelector("input");
      const send = () => {
        uploads.send(role, [...input.files]);
        input.value = "";
      };
      input.addEventListener("change", send);
      if (input.files.length) queueMicrotask(send); // chosen before this script had come
      card.querySelector(".cb-show").addEventListener("click", () => films.of(role) && show(role));
      card.querySelector(".cb-remove").addEventListener("click", async () => {
        const discard = await mayChange(role);
        if (discard !== null) trigger("delete", { role, discard });
      });
      uploads.drop(card, role);
    }
  }

  /** The card of a role. */
  of(role) {
    return this.#parts.element.querySelector(`.cb-film[data-role="${role}"]`);
  }

  /** Say which films are there, which are shown, and which of them keys and buttons act on. */
  update(shown, active) {
    const { films, words } = this.#parts;
    for (const role of films.roles) {
      const card = this.of(role);
      const film = films.of(role);
      card.classList.toggle("cb-full", Boolean(film));
      card.querySelector(".cb-show").setAttribute("aria-pressed", String(shown.includes(role)));
      card.classList.toggle("cb-active", role === active);
      card.querySelector(".cb-remove").hidden = !film;
      card.querySelector(".cb-choose span").textContent = film ? words.replace : words.choose;
      card.querySelector(".cb-film-state").textContent = card.classList.contains("cb-reading") ? words.reading
        : film ? (/^\d/.test(film.caption) ? "" : film.caption.split(" · ")[0]) : role === "frontal" ? words.required : words.optional;
    }
  }
}
