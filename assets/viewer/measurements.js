// What a reader measures on a film: distances, and the cardiothoracic ratio of two lines. All in film pixels.

/** How many lines each kind has; those of the ratio are the heart and the chest at their widest. */
export const LINES = { distance: 1, ratio: 2 };

/** The measurements of each film, by the film's id. */
export class Measurements {
  #byFilm = new Map();

  /** Those of a film, the last one drawn last. */
  of(film) {
    return this.#byFilm.get(film?.id) || [];
  }

  /** Add one: `kind`, and `lines` of [[x, y], [x, y]]. */
  add(film, measurement) {
    this.#byFilm.set(film.id, [...this.of(film), measurement]);
  }

  /** Take one away. */
  remove(film, measurement) {
    this.#byFilm.set(film.id, this.of(film).filter((one) => one !== measurement));
  }
}

/** The length of a line: `mm` where the film's spacing is known, otherwise `pixels`. */
export function lengthOf([[x, y], [toX, toY]], { spacing }) {
  if (!spacing) return { pixels: Math.hypot(toX - x, toY - y) };
  return { mm: Math.hypot((toX - x) * spacing[1], (toY - y) * spacing[0]) };
}

/** The length as it is written into a report: "2.4 cm", "7 mm", "143 pixels". */
export function lengthText(line, film, words) {
  const { mm, pixels } = lengthOf(line, film);
  if (mm === undefined) return words.pixels.replace("{count}", Math.round(pixels));
  return mm < 10 ? `${Math.round(mm)} mm` : `${(mm / 10).toFixed(1)} cm`;
}

/** A finished measurement as it is written into a report; "" where it cannot be said. */
export function measurementText({ kind, lines }, film, words) {
  if (kind === "distance") return lengthText(lines[0], film, words);
  const [heart, chest] = lines.map((line) => Object.values(lengthOf(line, film))[0]);
  return chest ? words.ratio.replace("{ratio}", (heart / chest).toFixed(2)) : "";
}

/** Where the film's spacing was measured, in words; "" where there is none. */
export function spacingText({ spacing, spacing_kind }, words) {
  return spacing ? words.spacing[spacing_kind] || words.spacing.unknown : "";
}
