// From values to greys: the table that a window makes.

/** A window: `asStored` is the film's own, with its own table, which need not be linear; otherwise PS3.3 C.11.2.1.2. */
export function ownWindow(film) {
  return { centre: film.centre, width: film.width, inverted: false, asStored: true };
}

/**
 * The grey, 0 to 255, of each value from 0 to `film.highest` (Uint8Array). `inverted` shows the negative of what the
 * film is, which may itself be stored as one (MONOCHROME1).
 */
export function greyTable(film, { centre, width, inverted, asStored }) {
  const table = new Uint8Array(film.highest + 1);
  const negative = inverted !== film.inverted;
  for (let value = 0; value <= film.highest; value++) {
    const grey = asStored ? film.table[value] : 255 * ramp(value, centre, width);
    // A half is rounded as it is shown, so a film has the same greys when it is stored as MONOCHROME1.
    table[value] = Math.round(negative ? 255 - grey : grey);
  }
  return table;
}

function ramp(value, centre, width) {
  if (width <= 1) return value > centre - 0.5 ? 1 : 0;
  return Math.min(1, Math.max(0, (value - centre + 0.5) / (width - 1) + 0.5));
}

/** Windows relative to the film's own, by name, for the number keys. */
export const PRESETS = {
  own: (film) => ownWindow(film),
  wide: (film) => relative(film, 0, 1.6),
  narrow: (film) => relative(film, 0, 0.6),
  dark: (film) => relative(film, film.inverted ? 0.25 : -0.25, 0.5),
  bright: (film) => relative(film, film.inverted ? -0.25 : 0.25, 0.5),
};

function relative(film, shift, part) {
  return { centre: film.centre + shift * film.width, width: Math.max(1, part * film.width), inverted: false, asStored: false };
}
