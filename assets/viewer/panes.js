// One or two films side by side: which film where, and what the two panes share.

import { Pane } from "./pane.js";

const WIDE = { prior: 500, other: 620 }; // CSS pixels of the screen from which on two films are shown unasked
const NARROW = window.matchMedia("(max-width: 700px)"); // a phone has room for one

/** The panes in `screen`. `onChange` is called when other films are shown, or another pane is the active one. */
export class Panes {
  active = 0;
  linkedPlace = true;
  linkedWindow = false;
  looks = new Map();
  #films;
  #screen;
  #onChange;
  #count = 1;
  #chosen = false; // whether the reader said how many panes there are

  constructor({ screen, films, onChange }) {
    [this.#screen, this.#films, this.#onChange] = [screen, films, onChange];
    this.all = [...screen.querySelectorAll(".cb-pane")].map((element) => new Pane(element, films, this.looks));
    this.all.forEach((pane, index) => pane.element.addEventListener("pointerdown", () => this.activate(index), true));
    NARROW.addEventListener("change", () => this.arrange());
  }

  /** What is kept with the session. */
  get state() {
    return { count: this.#count, chosen: this.#chosen, links: [this.linkedPlace, this.linkedWindow] };
  }

  set state({ count, chosen, links }) {
    [this.#count, this.#chosen, [this.linkedPlace, this.linkedWindow]] = [count, chosen, links];
  }

  /** The pane that keys and buttons act on. */
  get current() {
    return this.all[this.active];
  }

  /** The panes that are there: one or two. */
  get visible() {
    return this.count === 2 ? this.all : [this.current];
  }

  /** How many panes there are. */
  get count() {
    return NARROW.matches || this.#films.present.length < 2 ? 1 : this.#count;
  }

  /** Have one pane or two, as the reader wants it. */
  setCount(count) {
    [this.#count, this.#chosen] = [count, true];
    this.arrange();
  }

  /** Have windows, or zoom and place, go together or each its own. */
  link({ windows = this.linkedWindow, places = this.linkedPlace }) {
    [this.linkedWindow, this.linkedPlace] = [windows, places];
    this.#changed();
  }

  /** Put the films into the panes; `first` is one that has just come. Prior left, current right; frontal, lateral. */
  arrange(first = null) {
    const { present } = this.#films;
    if (!this.#chosen) {
      const wide = present.includes("prior") ? WIDE.prior : WIDE.other;
      this.#count = present.length > 1 && this.#screen.clientWidth >= wide ? 2 : 1;
    }
    if (this.count === 2) {
      const pair = present.includes("prior") ? ["prior", present.find((role) => role !== "prior")] : present.slice(0, 2);
      const kept = this.all.map((pane) => pane.role);
      const stays = kept[0] !== kept[1] && kept.every((role) => present.includes(role)) && (!first || kept.includes(first));
      (stays ? kept : pair).forEach((role, index) => this.#put(index, role));
      if (first) this.active = Math.max(0, this.all.findIndex((pane) => pane.role === first));
    } else {
      const role = first || (present.includes(this.current.role) ? this.current.role : present[0] || null);
      this.#put(this.active, role);
    }
    this.#screen.classList.toggle("cb-two", this.count === 2);
    this.all.forEach((pane, index) => { pane.element.hidden = this.count === 1 && index !== this.active; });
    for (const pane of this.visible) pane.drawSoon();
    this.#changed();
  }

  /** Show a film in the active pane, or make the pane active that shows it. */
  show(role) {
    const at = this.visible.findIndex((pane) => pane.role === role);
    if (this.count === 2 && at >= 0) return this.activate(at);
    this.#put(this.active, role);
    this.#changed();
  }

  /** The next film in the active pane, or the one before. */
  next(step) {
    const elsewhere = this.visible.filter((pane) => pane !== this.current).map((pane) => pane.role);
    const roles = this.#films.present.filter((role) => !elsewhere.includes(role));
    if (roles.length < 2) return;
    this.show(roles[(roles.indexOf(this.current.role) + step + roles.length) % roles.length]);
  }

  /** Make a pane the one that keys and buttons act on. */
  activate(index) {
    if (index === this.active || this.count === 1) return;
    this.active = index;
    this.#changed();
  }

  /** Change where the film of a pane lies; the other one follows where zoom and place are linked. */
  place(pane, change) {
    if (!pane.film) return;
    change(pane.viewport);
    pane.drawSoon();
    if (this.linkedPlace) this.#others(pane).forEach((other) => {
      other.viewport.place = pane.viewport.place;
      other.drawSoon();
    });
  }

  /** Change the window of a pane; where windows are linked the other takes the same one as a part of its own. */
  window(pane, change) {
    if (!pane.film) return;
    change(pane);
    if (!this.linkedWindow) return;
    for (const other of this.#others(pane)) {
      const { centre, width, asStored, inverted } = pane.window;
      const part = { centre: (centre - pane.film.centre) / pane.film.width, width: width / pane.film.width };
      if (!asStored) other.setWindow(other.film.centre + part.centre * other.film.width, part.width * other.film.width);
      else other.takeWindow({ centre: other.film.centre, width: other.film.width, asStored });
      if (other.window.inverted !== inverted) other.invert();
    }
  }

  #others(pane) {
    return this.visible.filter((other) => other !== pane && other.film);
  }

  #put(index, role) {
    if (!this.all[index].isUpToDate(role)) this.all[index].show(role);
  }

  #changed() {
    this.all.forEach((pane, index) => pane.element.classList.toggle("cb-active", this.count === 2 && index === this.active));
    this.#onChange();
  }
}
