// From what the server packs to a film's values, at several sizes. Runs in the worker.

/** The bytes of a gzip stream, as a Uint8Array. */
export async function gunzip(data) {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Values (Uint16Array, row by row) from zigzag differences along each row, all low bytes before all high bytes. */
export function values(bytes, rows, columns) {
  const count = rows * columns;
  if (bytes.length !== 2 * count) throw new Error("the film did not arrive whole");
  const out = new Uint16Array(count);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0, value = 0; column < columns; column++, at++) {
      const zigzag = bytes[at] | (bytes[count + at] << 8);
      value += (zigzag >>> 1) ^ -(zigzag & 1);
      out[at] = value;
    }
  }
  return out;
}

/** The level, half as large: each value the mean of four, rounded; an odd last row or column is left out. */
export function halve({ rows, columns, values: from }) {
  const half = { rows: rows >> 1, columns: columns >> 1 };
  const out = new Uint16Array(half.rows * half.columns);
  for (let row = 0, at = 0; row < half.rows; row++) {
    let above = 2 * row * columns;
    for (let column = 0; column < half.columns; column++, at++, above += 2)
      out[at] = (from[above] + from[above + 1] + from[above + columns] + from[above + columns + 1] + 2) >> 2;
  }
  return { ...half, values: out };
}

/** The film at its own size and at halves of it, the largest first, down to about `smallest` pixels a side. */
export function levels(film, smallest) {
  const found = [film];
  for (let last = film; Math.max(last.rows, last.columns) >= 2 * smallest && Math.min(last.rows, last.columns) > 1;)
    found.push((last = halve(last)));
  return found;
}
