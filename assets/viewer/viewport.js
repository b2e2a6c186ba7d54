// Where a film lies on its canvas: zoom, place, quarter turns and mirroring. Film and canvas are in their own pixels.

const MOST = 16; // canvas pixels a film pixel
const IDENTITY = [1, 0, 0, 1]; // how directions on the film turn into directions on the canvas: x' = ax + cy, y' = bx + dy

/** The place of a film of `columns` x `rows` on a canvas of `width` x `height`. */
export class Viewport {
  film = { columns: 1, rows: 1 };
  canvas = { width: 1, height: 1 };
  #scale = 1;
  #centre = [0.5, 0.5]; // what lies in the middle of the canvas, as parts of the film's sides
  #turn = [...IDENTITY];
  #fits = true; // follows the canvas as long as the reader has not zoomed

  /** Take another size of film or canvas; what lies in the middle stays there, as large a part of it, or 1:1. */
  resize(film, canvas) {
    const zoom = this.#scale / this.fitScale;
    this.film = { columns: film.columns, rows: film.rows };
    this.canvas = { width: canvas.width, height: canvas.height };
    if (this.#scale !== 1) this.#scale = zoom * this.fitScale;
    this.#settle();
  }

  /** The scale at which the whole film is seen. */
  get fitScale() {
    const [columns, rows] = this.#turnedSides();
    return Math.min(this.canvas.width / columns, this.canvas.height / rows);
  }

  /** Canvas pixels a film pixel. */
  get scale() {
    return this.#scale;
  }

  /** Whether the film is turned or mirrored. */
  get isTurned() {
    return this.#turn.some((part, index) => part !== IDENTITY[index]);
  }

  /** Everything that another pane takes over when zoom and place are linked. */
  get place() {
    return { zoom: this.#scale / this.fitScale, centre: [...this.#centre], fits: this.#fits };
  }

  set place({ zoom, centre, fits }) {
    [this.#scale, this.#centre, this.#fits] = [zoom * this.fitScale, [...centre], fits];
    this.#settle();
  }

  /** Everything that is kept with the session. */
  get state() {
    return { ...this.place, turn: [...this.#turn] };
  }

  set state({ turn, ...place }) {
    this.#turn = [...turn];
    this.place = place;
  }

  /** The whole film. */
  fit() {
    [this.#fits, this.#centre] = [true, [0.5, 0.5]];
    this.#settle();
  }

  /** The whole film, neither turned nor mirrored. */
  reset() {
    this.#turn = [...IDENTITY];
    this.fit();
  }

  /** Zoom by a factor; the point of the film under this point of the canvas stays there. */
  zoomAt(x, y, factor) {
    this.#scaleAt(x, y, this.#scale * factor);
  }

  /** One pixel of the film on one of the canvas. */
  oneToOne() {
    this.#scaleAt(this.canvas.width / 2, this.canvas.height / 2, 1);
  }

  /** Move the film by so many pixels of the canvas. */
  pan(x, y) {
    const [columns, rows] = this.#direction(-x / this.#scale, -y / this.#scale);
    this.#centre = [this.#centre[0] + columns / this.film.columns, this.#centre[1] + rows / this.film.rows];
    this.#settle();
  }

  /** Turn clockwise by quarters. */
  rotate(quarters) {
    for (let turn = 0; turn < (quarters % 4 + 4) % 4; turn++) {
      const [a, b, c, d] = this.#turn;
      this.#turn = [-b, a, -d, c].map((part) => part + 0); // without -0
    }
    this.#settle();
  }

  /** Swap left and right as they are shown, or with `vertical` top and bottom. */
  mirror(vertical = false) {
    const [a, b, c, d] = this.#turn;
    this.#turn = (vertical ? [a, -b, c, -d] : [-a, b, -c, d]).map((part) => part + 0);
    this.#settle();
  }

  /** From film to canvas: [a, b, c, d, e, f] with x' = ax + cy + e and y' = bx + dy + f, as a canvas takes it. */
  get toCanvas() {
    const [a, b, c, d] = this.#turn.map((part) => part * this.#scale);
    const [x, y] = [this.#centre[0] * this.film.columns, this.#centre[1] * this.film.rows];
    let [e, f] = [this.canvas.width / 2 - a * x - c * y, this.canvas.height / 2 - b * x - d * y];
    if (Number.isInteger(this.#scale)) [e, f] = [Math.round(e), Math.round(f)]; // so that pixels lie on pixels
    return [a, b, c, d, e, f];
  }

  /** The point of the film under a point of the canvas, in film pixels. */
  filmPoint(x, y) {
    const [, , , , e, f] = this.toCanvas;
    return this.#direction((x - e) / this.#scale, (y - f) / this.#scale);
  }

  /** Where a point of the film lies on the canvas. */
  canvasPoint(x, y) {
    const [a, b, c, d, e, f] = this.toCanvas;
    return [a * x + c * y + e, b * x + d * y + f];
  }

  #direction(x, y) { // on the film, of one on the canvas: the turn's inverse is its transpose
    const [a, b, c, d] = this.#turn;
    return [a * x + b * y, c * x + d * y];
  }

  #turnedSides() {
    const { columns, rows } = this.film;
    return this.#turn[0] === 0 ? [rows, columns] : [columns, rows];
  }

  #scaleAt(x, y, scale) {
    const [column, row] = this.filmPoint(x, y);
    this.#fits = false;
    this.#scale = scale;
    this.#bound();
    const [dx, dy] = this.#direction((x - this.canvas.width / 2) / this.#scale, (y - this.canvas.height / 2) / this.#scale);
    this.#centre = [(column - dx) / this.film.columns, (row - dy) / this.film.rows];
    this.#settle();
  }

  #bound() {
    const fit = this.fitScale;
    if (this.#fits || this.#scale <= Math.min(fit, 1)) this.#scale = this.#fits ? fit : Math.min(fit, 1);
    this.#scale = Math.min(MOST, this.#scale);
  }

  #settle() { // the film stays over the canvas, or in its middle where it is smaller
    this.#bound();
    const [wide, high] = this.#direction(this.canvas.width, this.canvas.height).map((side) => Math.abs(side) / this.#scale);
    this.#centre = [[wide, this.film.columns], [high, this.film.rows]].map(([seen, side], axis) => {
      const slack = Math.max(0, 1 - seen / side) / 2;
      return Math.min(0.5 + slack, Math.max(0.5 - slack, this.#centre[axis]));
    });
  }
}
