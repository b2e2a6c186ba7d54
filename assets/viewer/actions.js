// Everything that keys and buttons do to the films, and the keys that do it. Words stand in wording.py.

import { PRESETS } from "./grey_table.js";
import { perPixel } from "./pointers.js";

const STEP = 60; // canvas pixels that the film is moved by a key
const CLOSER = 1.25;
const DIRECTIONS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
const WINDOW_STEP = 12; // pixels of a drag that an arrow stands for while the window's key is held

/** The window's key: with it held, a drag or an arrow changes the window. */
export const WINDOW_KEY = "w";

const PRESET_KEYS = { own: "3", wide: "4", narrow: "5", dark: "6", bright: "7" }; // 1 and 2 say how many films are shown

/** The actions by name: each takes nothing, and gives false where there is no film to act on. */
export function filmActions({ panes, films, viewer, tools, measuring, insert }) {
  const onFilm = (act) => () => (panes.current.film ? void act(panes.current) : false);
  const place = (change) => onFilm((pane) => panes.place(pane, change));
  const turn = (change) => onFilm((pane) => { change(pane.viewport); pane.drawSoon(); });
  const middle = ({ canvas }, factor) => [canvas.width / 2, canvas.height / 2, factor];
  return {
    one: () => panes.setCount(1),
    two: () => panes.setCount(2),
    both: () => panes.setCount(panes.count === 2 ? 1 : 2),
    other: () => (panes.count === 2 ? panes.activate(1 - panes.active) : panes.next(1)),
    next: () => panes.next(1),
    previous: () => panes.next(-1),
    closer: place((viewport) => viewport.zoomAt(...middle(viewport, CLOSER))),
    farther: place((viewport) => viewport.zoomAt(...middle(viewport, 1 / CLOSER))),
    fit: place((viewport) => viewport.fit()),
    actual: place((viewport) => viewport.oneToOne()),
    left: place((viewport) => viewport.pan(STEP, 0)),
    right: place((viewport) => viewport.pan(-STEP, 0)),
    up: place((viewport) => viewport.pan(0, STEP)),
    down: place((viewport) => viewport.pan(0, -STEP)),
    clockwise: turn((viewport) => viewport.rotate(1)),
    anticlockwise: turn((viewport) => viewport.rotate(-1)),
    mirror: turn((viewport) => viewport.mirror()),
    flip: turn((viewport) => viewport.mirror(true)),
    invert: onFilm((pane) => panes.window(pane, () => pane.invert())),
    reset: onFilm((pane) => {
      panes.window(pane, () => pane.reset());
      panes.place(pane, () => {});
    }),
    window: () => { tools.windows = !tools.windows; },
    link_windows: () => panes.link({ windows: !panes.linkedWindow }),
    link_places: () => panes.link({ places: !panes.linkedPlace }),
    full_screen: () => (document.fullscreenElement ? document.exitFullscreen() : viewer.requestFullscreen?.()),
    ...Object.fromEntries(Object.entries(PRESETS).map(([name, make]) => [
      `preset_${name}`, onFilm((pane) => panes.window(pane, () => pane.takeWindow(make(pane.film)))),
    ])),
    distance: onFilm((pane) => measuring.begin(pane, "distance")),
    ratio: onFilm((pane) => measuring.begin(pane, "ratio")),
    set_point: () => measuring.setPoint(),
    cancel: () => measuring.cancel(),
    remove: () => measuring.remove(panes.current),
    write: () => insert(measuring.text(panes.current)),
    next_window: onFilm((pane) => {
      const { windows, window, id } = pane.film;
      if (windows.length < 2) return;
      tools.choose(pane.role, id, windows[(windows.indexOf(window) + 1) % windows.length]);
    }),
  };
}

/**
 * The keys of the films, for the table: arrows window while the window's key is held, walk the sentences of the draft
 * while that of the evidence is, and move with Shift.
 */
export function addFilmKeys({ table, actions, panes, films, words, measuring, evidence }) {
  const add = (keys, name, does = actions[name]) =>
    table.add({ keys, says: words.does[name], group: words.films, does: () => (films.present.length ? does() : false) });
  const arrow = (name, across, along) => () => {
    if (evidence.walk(across + along) || measuring.move(across, along)) return undefined;
    if (!table.holds(WINDOW_KEY)) return actions[name]();
    const pane = panes.current;
    if (!pane.film) return false;
    const step = WINDOW_STEP * perPixel(pane.film);
    panes.window(pane, () => pane.setWindow(pane.window.centre + along * step, pane.window.width + across * step));
    return undefined;
  };
  add(["1"], "one");
  add(["2"], "two");
  table.add({ keys: ["ArrowLeft"], says: words.does.other, group: words.films, does: filmsOnly(arrow("other", -1, 0)) });
  table.add({ keys: ["ArrowRight"], says: words.does.other, group: words.films, does: filmsOnly(arrow("other", 1, 0)) });
  table.add({ keys: ["ArrowUp"], says: words.does.previous, group: words.films, does: filmsOnly(arrow("previous", 0, -1)) });
  table.add({ keys: ["ArrowDown"], says: words.does.next, group: words.films, does: filmsOnly(arrow("next", 0, 1)) });
  add(["+"], "closer");
  add(["-"], "farther");
  add(["="], "fit");
  add(["o"], "actual");
  for (const [key, name] of [["Left", "left"], ["Right", "right"], ["Up", "up"], ["Down", "down"]])
    add([`Shift+Arrow${key}`], name, () => measuring.move(...DIRECTIONS[name], true) || actions[name]());
  table.add({ keys: [WINDOW_KEY], says: words.does.window_key, group: words.films, held: true, does: () => {} });
  for (const [name, key] of Object.entries(PRESET_KEYS)) add([key], `preset_${name}`);
  add(["v"], "next_window");
  add(["i"], "invert");
  add(["r"], "clockwise");
  add(["l"], "anticlockwise");
  add(["Shift+h"], "mirror");
  add(["Shift+v"], "flip");
  add([" "], "reset");
  add(["d"], "distance");
  add(["c"], "ratio");
  const draft = () => window.clinicalblipCorrection; // its sentences have these keys where no measurement needs them
  const filmOr = (name, other) => () => (films.present.length && actions[name]() !== false ? undefined : other());
  table.add({ keys: ["Enter"], says: words.does.set_point, group: words.films, does: filmOr("set_point", () => draft()?.accept() ?? false) });
  table.add({ keys: ["Escape"], says: words.does.cancel, group: words.films, does: filmOr("cancel", () => draft()?.end() ?? false) });
  add(["Delete", "Backspace"], "remove");
  add(["t"], "write");
  add(["m"], "model");
  add(["Shift+k"], "link_windows");
  add(["Shift+j"], "link_places");
  table.add({ keys: ["s"], says: words.does.evidence, group: words.films, held: true, does: (held) => evidence.hold(held) });
  add(["f"], "full_screen");

  function filmsOnly(does) {
    return () => (films.present.length ? does() : false);
  }
}

/** The key that does an action, as the buttons' titles name it; "" for none. */
export const keyOf = (table, says) => table.entries.find((entry) => entry.says === says)?.keys[0] || "";
