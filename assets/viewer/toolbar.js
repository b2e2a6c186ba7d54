// The few buttons below the films; everything else is in the menu, and has a key.

import { keyOf } from "./actions.js";

const PRESSED = { // which buttons stay down, and when
  both: ({ panes }) => panes.count === 2,
  window: ({ tools }) => tools.windows,
  model: ({ tools }) => tools.modelView.isOn,
  invert: ({ panes }) => panes.current.window.inverted,
  link_windows: ({ panes }) => panes.linkedWindow,
  link_places: ({ panes }) => panes.linkedPlace,
};

/** Buttons with `data-does`, each the name of an action. */
export class Toolbar {
  #parts;
  #buttons;

  constructor(parts) {
    const { element, actions, table, words } = (this.#parts = parts);
    this.#buttons = [...element.querySelectorAll("[data-does]")];
    const menu = element.querySelector(".cb-more");
    for (const button of this.#buttons) {
      const name = button.dataset.does;
      const key = keyOf(table, words.does[name]);
      if (key) button.title = `${words.does[name]} (${key === " " ? words.space : key.toUpperCase().replace("SHIFT+", "Shift+")})`;
      button.addEventListener("click", () => {
        actions[name]();
        menu.open = false;
        this.update();
      });
    }
    document.addEventListener("pointerdown", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }

  /** Say what is on, and what can be used. */
  update() {
    const { panes, films } = this.#parts;
    for (const button of this.#buttons) {
      const { does } = button.dataset;
      button.disabled = !panes.current.film || (["both", "link_windows", "link_places"].includes(does) && films.present.length < 2);
      if (PRESSED[does]) button.setAttribute("aria-pressed", String(Boolean(PRESSED[does](this.#parts))));
    }
  }
}
