// Pictures laid over a film: what the model saw, and where a sentence came from.

/** A canvas of `columns` x `rows` whose pixels `colour(index)` gives as [red, green, blue, alpha], 0 to 255. */
export function paint(columns, rows, colour) {
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(columns, rows);
  for (let index = 0; index < columns * rows; index++) image.data.set(colour(index), 4 * index);
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** Lay a picture over the whole of a pane's film; `smooth` blends its pixels. */
export function layOver(pen, pane, picture, smooth) {
  const { film, viewport } = pane;
  pen.save();
  pen.setTransform(...viewport.toCanvas);
  pen.imageSmoothingEnabled = smooth;
  pen.drawImage(picture, 0, 0, film.columns, film.rows);
  pen.restore();
}
