// What the reader chooses of a film for the model too: one of the file's windows, and the view.

/** The two lists below the screen. */
export class FilmChoices {
  #lists;
  #words;
  #panes;

  constructor({ element, words, trigger, panes }) {
    this.#lists = { window: element.querySelector(".cb-offered select"), view: element.querySelector(".cb-view select") };
    [this.#words, this.#panes] = [words, panes];
    for (const [question, list] of Object.entries(this.#lists))
      list.addEventListener("change", () => {
        const { role, film } = panes.current;
        if (film) trigger("select", { role, id: film.id, question, answer: list.value });
      });
  }

  /** Offer what the shown film has. */
  update() {
    const { film } = this.#panes.current;
    const { window, view } = this.#lists;
    window.parentElement.hidden = !film || film.windows.length < 2;
    window.replaceChildren(...(film?.windows || []).map((name) => new Option(name, name, false, name === film.window)));
    view.parentElement.hidden = !film || !film.asks_view;
    view.parentElement.classList.toggle("cb-unanswered", Boolean(film) && !film.view_chosen);
    view.parentElement.querySelector("span").textContent = film?.view_chosen ? this.#words.view : this.#words.which_view;
    if (film) view.value = film.view;
  }
}
