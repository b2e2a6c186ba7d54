// One film on the screen: its window, its place, and when both are drawn.

import { greyTable, ownWindow } from "./grey_table.js";
import { Canvas2dRenderer } from "./renderer_canvas2d.js";
import { makeRenderer } from "./renderer.js";
import { Viewport } from "./viewport.js";

/** A canvas that shows one film of the store, with marks on a second canvas above it. */
export class Pane {
  role = null;
  window = { centre: 0, width: 1, inverted: false, asStored: true };
  viewport = new Viewport();
  /** Called with [pen, pane] after each drawing: what else is drawn on the film. */
  marks = [];
  onDraw = () => {};
  #films;
  #due = 0;
  #id; // of the film that is shown
  #looks; // window and place of each film, by its id, so that they come back with it
  #greysOf = "";

  constructor(element, films, looks) {
    [this.element, this.#films, this.#looks] = [element, films, looks];
    this.canvas = element.querySelector(".cb-canvas");
    this.overlay = element.querySelector(".cb-marks");
    this.renderer = makeRenderer(this.canvas);
    this.canvas.addEventListener("webglcontextlost", () => this.#useCanvas2d());
    new ResizeObserver(() => this.draw()).observe(element);
  }

  /** The film that is shown, undefined for none. */
  get film() {
    return this.#films.of(this.role);
  }

  /** Show the film of a role as it was last looked at, or none for null. */
  show(role) {
    this.keepLook();
    this.role = role;
    const { film } = this;
    this.#id = film?.id;
    const look = film && this.#looks.get(film.id);
    this.window = look ? { ...look.window } : film ? ownWindow(film) : this.window;
    this.#resize();
    if (look) this.viewport.state = look.place; else this.viewport.reset();
    this.drawSoon();
  }

  /** Remember how the film is looked at. */
  keepLook() {
    if (this.#id) this.#looks.set(this.#id, { window: { ...this.window }, place: this.viewport.state });
  }

  /** Whether it shows the film that the role has now. */
  isUpToDate(role) {
    return this.role === role && this.#id === this.#films.of(role)?.id;
  }

  /** Set the window of the reader, within what the film has. */
  setWindow(centre, width) {
    const { film } = this;
    if (!film) return;
    this.window.centre = Math.min(film.highest, Math.max(0, centre));
    this.window.width = Math.min(2 * Math.max(film.highest, 1), Math.max(1, width));
    this.window.asStored = false;
    this.drawSoon();
  }

  /** Take a window that was made for this film; what is inverted stays so. */
  takeWindow(window) {
    this.window = { ...window, inverted: this.window.inverted };
    this.drawSoon();
  }

  /** Show white as black. */
  invert() {
    this.window.inverted = !this.window.inverted;
    this.drawSoon();
  }

  /** The whole film as it is, through its own window. */
  reset() {
    if (!this.film) return;
    this.viewport.reset();
    this.window = ownWindow(this.film);
    this.drawSoon();
  }

  /** Draw in the next frame, however often it is asked for. */
  drawSoon() {
    if (!this.#due) this.#due = requestAnimationFrame(() => { this.#due = 0; this.draw(); });
  }

  /** Draw the film through its window at its place, and the marks on it. */
  draw() {
    this.#resize();
    const { film, renderer } = this;
    const levels = (film?.levels || []).filter((level) => Math.max(level.rows, level.columns) <= renderer.longestSide);
    renderer.keep(levels);
    if (levels.length) {
      this.#setGreys();
      const level = this.#level(levels);
      renderer.draw(level, this.#toLevel(level));
    } else {
      renderer.clear();
    }
    const pen = this.overlay.getContext("2d");
    pen.clearRect(0, 0, this.overlay.width, this.overlay.height);
    if (levels.length) for (const mark of this.marks) mark(pen, this);
    this.onDraw(this);
  }

  /** A point of the page on the canvas, in its pixels. */
  canvasPoint({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / Math.max(1, box.width);
    return [(clientX - box.left) * scale, (clientY - box.top) * scale];
  }

  #resize() {
    const scale = window.devicePixelRatio || 1;
    const box = this.element.getBoundingClientRect();
    const [width, height] = [box.width, box.height].map((side) => Math.max(1, Math.round(side * scale)));
    for (const canvas of [this.canvas, this.overlay])
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    if (this.film) this.viewport.resize(this.film, { width, height });
  }

  #setGreys() { // again only where another film, or another window, is shown
    const { film, window } = this;
    const key = [film.picture, film.window, ...Object.values(window)].join(" ");
    if (key === this.#greysOf) return;
    this.#greysOf = key;
    this.renderer.setGreys(greyTable(film, window));
  }

  #level(levels) { // the smallest that still has a pixel for each of the canvas
    const enough = levels.filter((level) => level.columns / this.film.columns >= Math.min(1, this.viewport.scale));
    return enough.at(-1) || levels[0];
  }

  #toLevel(level) {
    const toFilm = new DOMMatrix(this.viewport.toCanvas).inverse();
    const { a, b, c, d, e, f } = new DOMMatrix().scale(level.columns / this.film.columns, level.rows / this.film.rows).multiply(toFilm);
    return [a, b, c, d, e, f];
  }

  #useCanvas2d() { // the graphics driver gave up: a canvas that once had WebGL2 can have nothing else
    const canvas = this.canvas.cloneNode();
    const focused = document.activeElement === this.canvas;
    this.canvas.replaceWith(canvas);
    if (focused) canvas.focus({ preventScroll: true });
    [this.canvas, this.renderer, this.#greysOf] = [canvas, new Canvas2dRenderer(canvas), ""];
    this.drawSoon();
  }
}
