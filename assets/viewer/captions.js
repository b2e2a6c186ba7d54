// What stands on the films: which film it is, its window, and how it is turned.

/** Write a pane's lines. `words` are the page's. */
export function writeCaptions(pane, words, { several, modelView }) {
  const { film, element, window, viewport } = pane;
  const line = (name, text) => {
    const part = element.querySelector(name);
    if (part.textContent !== text) part.textContent = text;
  };
  const name = several && film ? `${words[pane.role]} · ` : "";
  line(".cb-caption", film ? name + film.caption : "");
  const zoom = `${Math.round(viewport.scale * 100)} %`;
  line(".cb-window", film?.levels.length ? `C ${Math.round(window.centre)}  W ${Math.round(window.width)}  ${zoom}` : "");
  const marks = film ? [window.inverted && words.inverted, viewport.isTurned && words.turned, !film.whole && words.loading_whole, modelView] : [];
  line(".cb-mark", marks.filter(Boolean).join(" · "));
  element.classList.toggle("cb-has-film", Boolean(film));
}

/** Outline on the film where text was found. */
export function outlineText(pen, pane) {
  const { film, viewport } = pane;
  const scale = globalThis.devicePixelRatio || 1;
  const room = 3 * scale; // so that the line does not cover the letters
  for (const [top, left, bottom, right] of film.text_regions) {
    const corners = [[left, top], [right, bottom]].map(([x, y]) => viewport.canvasPoint(x * film.columns, y * film.rows));
    const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis]).sort((one, other) => one - other));
    for (const [colour, thick] of [["#000", 4], ["#ffc53d", 2]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = thick * scale;
      pen.strokeRect(xs[0] - room, ys[0] - room, xs[1] - xs[0] + 2 * room, ys[1] - ys[0] + 2 * room);
    }
  }
}
