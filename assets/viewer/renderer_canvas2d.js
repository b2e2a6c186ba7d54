// Draws a film on a 2D canvas, where there is no WebGL2: what is seen of it is turned into greys anew each time.

/** A renderer on a canvas. */
export class Canvas2dRenderer {
  name = "2D canvas";
  longestSide = Infinity;
  device = "";
  #pen;
  #picture = document.createElement("canvas"); // what is seen of the level, at the level's own size
  #table = new Uint8Array(1);

  constructor(canvas) {
    this.#pen = canvas.getContext("2d", { alpha: false });
  }

  /** Take the table of greys, a grey for each value. */
  setGreys(table) {
    this.#table = Uint32Array.from(table, (grey) => 0xff000000 | (grey * 0x010101));
  }

  /** Draw a level; `toLevel` is from canvas to level pixels, as `setTransform` takes it. */
  draw(level, toLevel) {
    const { canvas } = this.#pen;
    const [a, b, c, d, e, f] = toLevel;
    const corners = [[0, 0], [canvas.width, 0], [0, canvas.height], [canvas.width, canvas.height]]
      .map(([x, y]) => [a * x + c * y + e, b * x + d * y + f]);
    const seen = (axis, side) => {
      const places = corners.map((corner) => corner[axis]);
      return [Math.max(0, Math.floor(Math.min(...places)) - 1), Math.min(side, Math.ceil(Math.max(...places)) + 1)];
    };
    const [[left, right], [top, bottom]] = [seen(0, level.columns), seen(1, level.rows)];
    this.clear();
    if (right <= left || bottom <= top) return;
    this.#fill(level, left, top, right - left, bottom - top);
    this.#pen.setTransform(new DOMMatrix(toLevel).inverse());
    const scale = 1 / Math.hypot(a, b);
    this.#pen.imageSmoothingEnabled = Math.abs(scale - 1) > 1e-6;
    this.#pen.imageSmoothingQuality = "high";
    this.#pen.drawImage(this.#picture, left, top);
  }

  /** Draw nothing. */
  clear() {
    this.#pen.setTransform(1, 0, 0, 1, 0, 0);
    this.#pen.fillStyle = "#000";
    this.#pen.fillRect(0, 0, this.#pen.canvas.width, this.#pen.canvas.height);
  }

  /** Nothing is kept between two drawings. */
  keep() {}

  /** Wait until everything is drawn: for measurements. */
  finish() {
    this.#pen.getImageData(0, 0, 1, 1);
  }

  #fill({ columns: across, values }, left, top, columns, rows) {
    [this.#picture.width, this.#picture.height] = [columns, rows];
    const pen = this.#picture.getContext("2d");
    const image = pen.createImageData(columns, rows);
    const out = new Uint32Array(image.data.buffer);
    const table = this.#table;
    for (let row = 0, at = 0; row < rows; row++) {
      let from = (top + row) * across + left;
      for (let column = 0; column < columns; column++) out[at++] = table[values[from++]];
    }
    pen.putImageData(image, 0, 0);
  }
}
