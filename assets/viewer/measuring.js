// The tool that measures: points set by mouse or by keys, handles that can be dragged, and how it all is drawn.

import { LINES, lengthText, measurementText, spacingText } from "./measurements.js";

const NEAR = 9; // CSS pixels within which a handle is meant
const STEPS = { coarse: 6, fine: 1 }; // canvas pixels that a key moves the point
const COLOURS = { distance: ["#ffd54a"], ratio: ["#ff8a65", "#4dd0e1"] };

/** Measures on the panes; `words` are the page's. */
export class Measuring {
  #parts;
  #active = null; // { pane, kind, points, cursor }
  #handle = null; // { measurement, line, end } while one is dragged
  #selected = null; // { film, measurement }

  constructor(parts) {
    this.#parts = parts;
    this.follow = (pane, event) => this.hover(pane, event);
  }

  /** Whether points are being set. */
  get isActive() {
    return this.#active !== null;
  }

  /** Begin to measure in a pane: the first point waits in its middle. */
  begin(pane, kind) {
    if (!pane.film) return;
    const { width, height } = pane.viewport.canvas;
    this.#active = { pane, kind, points: [], cursor: pane.viewport.filmPoint(width / 2, height / 2) };
    pane.canvas.focus({ preventScroll: true });
    this.#say();
    pane.drawSoon();
  }

  /** Set the next point where the cursor is; false where nothing is being measured. */
  setPoint() {
    const tool = this.#active;
    if (!tool) return false;
    tool.points.push([...tool.cursor]);
    if (tool.points.length === 2 * LINES[tool.kind]) this.#finish(tool);
    this.#say();
    tool.pane.drawSoon();
    return true;
  }

  /** Move the point that is being set, in canvas pixels; false where nothing is being measured. */
  move(across, along, fine = false) {
    const tool = this.#active;
    if (!tool) return false;
    const step = fine ? STEPS.fine : STEPS.coarse;
    const [x, y] = tool.pane.viewport.canvasPoint(...tool.cursor);
    this.#moveCursor(tool.pane.viewport.filmPoint(x + across * step, y + along * step));
    return true;
  }

  /** Measure no more; false where nothing is being measured. */
  cancel() {
    if (!this.#active) return false;
    const { pane } = this.#active;
    this.#active = null;
    this.#say();
    pane.drawSoon();
    return true;
  }

  /** Remove what was measured last, or touched last, on the pane's film; false where there is nothing. */
  remove(pane) {
    const measurement = this.#chosen(pane);
    if (!measurement) return false;
    this.#parts.measurements.remove(pane.film, measurement);
    this.#selected = null;
    pane.drawSoon();
    return true;
  }

  /** What was measured, or touched, last on the pane's film, as it is written into a report; "" for nothing. */
  text(pane) {
    const measurement = this.#chosen(pane);
    return measurement ? measurementText(measurement, pane.film, this.#parts.words) : "";
  }

  /** A press on a pane: sets a point, or takes a handle. Says whether it did. */
  press(pane, event) {
    if (this.#active?.pane === pane) {
      this.#moveCursor(this.#filmPoint(pane, event));
      this.#active.pressed = [event.clientX, event.clientY];
      return this.setPoint() || true;
    }
    this.#handle = this.#handleAt(pane, event);
    return this.#handle !== null;
  }

  /** The pointer moves: the point that is being set, or the handle, follows. */
  hover(pane, event) {
    const point = this.#filmPoint(pane, event);
    if (this.#handle) {
      const { measurement, line, end } = this.#handle;
      measurement.lines[line][end] = point;
      pane.drawSoon();
    } else if (this.#active?.pane === pane) {
      this.#moveCursor(point);
    }
  }

  /** The pointer is let go: the end of a line that was drawn by dragging. */
  release(pane, event) {
    const tool = this.#active;
    this.#handle = null;
    if (tool?.pane !== pane || tool.points.length % 2 === 0 || !tool.pressed) return;
    if (Math.hypot(event.clientX - tool.pressed[0], event.clientY - tool.pressed[1]) > NEAR) this.setPoint();
  }

  /** A second finger came down: what the first one did was no drag. */
  cancelDrag() {
    this.#handle = null;
  }

  /** Draw what was measured on a pane's film, and what is being measured. */
  draw(pen, pane) {
    for (const measurement of this.#parts.measurements.of(pane.film)) this.#drawOne(pen, pane, measurement);
    const tool = this.#active;
    if (tool?.pane !== pane) return;
    const points = [...tool.points, tool.cursor];
    const lines = Array.from({ length: Math.ceil(points.length / 2) }, (_, line) => points.slice(2 * line, 2 * line + 2));
    this.#drawOne(pen, pane, { kind: tool.kind, lines }, false);
    drawCross(pen, pane.viewport.canvasPoint(...tool.cursor));
  }

  #finish(tool) {
    const { points, kind, pane } = tool;
    const lines = Array.from({ length: LINES[kind] }, (_, line) => points.slice(2 * line, 2 * line + 2));
    const measurement = { kind, lines };
    this.#parts.measurements.add(pane.film, measurement);
    this.#selected = { id: pane.film.id, measurement };
    this.#active = null;
  }

  #say() { // what comes next, for eyes and screen readers
    const { words, say } = this.#parts;
    const tool = this.#active;
    say(!tool ? "" : tool.kind === "distance" ? words.set_distance : tool.points.length < 2 ? words.set_heart : words.set_chest);
  }

  #moveCursor(point) {
    const { film, drawSoon } = this.#active.pane;
    const sides = [film.columns, film.rows];
    this.#active.cursor = point.map((place, axis) => Math.min(sides[axis], Math.max(0, place)));
    drawSoon.call(this.#active.pane);
  }

  #filmPoint(pane, event) {
    return pane.film ? pane.viewport.filmPoint(...pane.canvasPoint(event)) : [0, 0];
  }

  #chosen(pane) {
    const all = this.#parts.measurements.of(pane.film);
    return all.includes(this.#selected?.measurement) ? this.#selected.measurement : all.at(-1);
  }

  #handleAt(pane, event) {
    const [x, y] = pane.canvasPoint(event);
    const near = NEAR * (window.devicePixelRatio || 1);
    for (const measurement of this.#parts.measurements.of(pane.film))
      for (const [line, ends] of measurement.lines.entries())
        for (const [end, point] of ends.entries()) {
          const [toX, toY] = pane.viewport.canvasPoint(...point);
          if (Math.hypot(toX - x, toY - y) > near) continue;
          this.#selected = { id: pane.film.id, measurement };
          return { measurement, line, end };
        }
    return null;
  }

  #drawOne(pen, pane, { kind, lines }, done = true) {
    const { words } = this.#parts;
    const scale = window.devicePixelRatio || 1;
    for (const [number, ends] of lines.entries()) {
      const points = ends.map((point) => pane.viewport.canvasPoint(...point));
      drawLine(pen, points, COLOURS[kind][number], scale);
      if (points.length < 2) continue;
      const length = lengthText(ends, pane.film, words);
      const where = spacingText(pane.film, words);
      const name = kind === "ratio" ? `${[words.heart, words.chest][number]} ` : "";
      const ratio = kind === "ratio" && done && number === 1 ? ` · ${measurementText({ kind, lines }, pane.film, words)}` : "";
      label(pen, points, name + length + (where ? ` ${where}` : "") + ratio, COLOURS[kind][number], scale);
    }
  }
}

function drawLine(pen, points, colour, scale) {
  for (const [stroke, thick] of [["#000c", 4], [colour, 1.6]]) {
    pen.strokeStyle = stroke;
    pen.lineWidth = thick * scale;
    pen.beginPath();
    if (points.length === 2) {
      pen.moveTo(...points[0]);
      pen.lineTo(...points[1]);
    }
    for (const [x, y] of points) {
      pen.moveTo(x + 4 * scale, y);
      pen.arc(x, y, 4 * scale, 0, 2 * Math.PI);
    }
    pen.stroke();
  }
}

function drawCross(pen, [x, y]) {
  const arm = 10 * (window.devicePixelRatio || 1);
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1;
  pen.beginPath();
  for (const [across, along] of [[arm, 0], [0, arm]]) {
    pen.moveTo(x - across, y - along);
    pen.lineTo(x + across, y + along);
  }
  pen.stroke();
}

function label(pen, [[x, y], [toX, toY]], text, colour, scale) {
  pen.font = `600 ${12 * scale}px system-ui, sans-serif`;
  const width = pen.measureText(text).width;
  const [left, top] = [Math.max(0, Math.min(Math.max(x, toX) + 8 * scale, pen.canvas.width - width - 8 * scale)), (y + toY) / 2 + 6 * scale];
  pen.fillStyle = "#000b";
  pen.fillRect(left, top, width + 8 * scale, 17 * scale);
  pen.fillStyle = colour;
  pen.fillText(text, left + 4 * scale, top + 13 * scale);
}
