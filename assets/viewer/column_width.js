// How wide the film's column is beside the report's: by dragging what stands between the two, or by arrows on it.

const KEPT = "clinicalblip-film-width"; // per cent of both columns: the number is all that the browser keeps
const LEAST = { film: 380, report: 520 }; // CSS pixels, as in layout.py
const STEP = 2; // per cent

/** Let the separator between the columns be moved; a double click puts it back to where the page has it. */
export function bindColumnWidth({ workspace, separator, film, report }) {
  let chosen = read();

  const both = () => film.offsetWidth + report.offsetWidth;
  const bounds = () => [Math.ceil(100 * LEAST.film / both()), Math.floor(100 - 100 * LEAST.report / both())];
  function apply() {
    const [least, most] = bounds();
    const part = Math.min(most, Math.max(least, chosen));
    if (chosen !== null) workspace.style.setProperty("--cb-film-width", `${Math.round(part * both() / 100)}px`);
    workspace.classList.toggle("cb-sized", chosen !== null);
    const now = Math.round(100 * film.offsetWidth / both());
    for (const [name, value] of Object.entries({ valuemin: least, valuemax: most, valuenow: now })) separator.setAttribute(`aria-${name}`, value);
  }

  function choose(part) {
    const [least, most] = bounds();
    chosen = part === null ? null : Math.min(most, Math.max(least, Math.round(part)));
    try {
      if (chosen === null) localStorage.removeItem(KEPT); else localStorage.setItem(KEPT, String(chosen));
    } catch { /* a browser without storage forgets it */ }
    apply();
  }

  separator.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // nothing is selected on the way
    separator.focus();
    separator.setPointerCapture(event.pointerId);
  });
  separator.addEventListener("pointermove", ({ pointerId, clientX }) => {
    if (!separator.hasPointerCapture(pointerId)) return;
    choose(100 * (clientX - film.getBoundingClientRect().left) / both());
  });
  separator.addEventListener("dblclick", () => choose(null));
  separator.addEventListener("keydown", (event) => {
    const now = Number(separator.getAttribute("aria-valuenow"));
    const [least, most] = bounds();
    const to = { ArrowLeft: now - STEP, ArrowRight: now + STEP, Home: least, End: most }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  });
  const sizes = new ResizeObserver(() => requestAnimationFrame(apply)); // the window's, and the work list's beside them
  for (const part of [workspace, report]) sizes.observe(part);
  apply();
}

function read() {
  try {
    const part = Number.parseFloat(localStorage.getItem(KEPT));
    return part > 0 && part < 100 ? part : null;
  } catch { // as above
    return null;
  }
}
