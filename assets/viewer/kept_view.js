// How the films are looked at, kept with the reader's session: windows, places, panes and measurements; no words.

const VERSION = 1;
const MOST = 8000; // characters: a session holds three films

/** Everything that is kept, as a short text. */
export function writeView({ panes, films, measurements }) {
  for (const pane of panes.visible) pane.keepLook();
  const ids = films.present.map((role) => films.of(role).id);
  const of = (found) => Object.fromEntries(ids.map((id) => [id, found(id)]).filter(([, value]) => value));
  const text = JSON.stringify({
    version: VERSION, panes: panes.state, looks: of((id) => panes.looks.get(id)), measured: of((id) => measurements.of({ id })),
  }, (_, value) => (typeof value === "number" ? Math.round(value * 1e5) / 1e5 : value));
  return ids.length && text.length <= MOST ? text : "";
}

/** Take what was kept; anything that is not of this version is as if nothing were. */
export function readView(text, { panes, measurements }) {
  let kept = null;
  try {
    kept = JSON.parse(text || "null");
  } catch {
    return;
  }
  if (kept?.version !== VERSION) return;
  panes.state = kept.panes;
  for (const [id, look] of Object.entries(kept.looks)) panes.looks.set(id, look);
  for (const [id, all] of Object.entries(kept.measured)) for (const one of all) measurements.add({ id }, one);
}
