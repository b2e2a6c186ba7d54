// The film viewer: joins its parts. Gradio runs `start` once; `trigger` sends an event to the server, `watch` calls
// back when the server sends a message. Films' values come over a route of our own (film_loader.js); their windows are
// applied here, so that a canvas never makes 8 bits of 16 before the reader has windowed them.

import { addFilmKeys, filmActions, WINDOW_KEY } from "./actions.js";
import { bindColumnWidth } from "./column_width.js";
import { outlineText, writeCaptions } from "./captions.js";
import { FilmCards } from "./film_cards.js";
import { FilmChoices } from "./film_choices.js";
import { FilmLoader } from "./film_loader.js";
import { FilmStore } from "./film_store.js";
import { toggleKeyOverlay } from "./key_overlay.js";
import { KeyTable } from "./keys.js";
import { EvidenceView } from "./evidence.js";
import { readView, writeView } from "./kept_view.js";
import { Loading } from "./loading.js";
import { Panes } from "./panes.js";
import { bindPointers } from "./pointers.js";
import { Questions } from "./questions.js";
import { Toolbar } from "./toolbar.js";
import { Measurements } from "./measurements.js";
import { Measuring } from "./measuring.js";
import { insertIntoReport } from "./report_text.js";
import { ModelView } from "./model_view.js";
import { mayChange } from "./unsaved_work.js";
import { Uploads } from "./uploads.js";
import { Warnings } from "./warnings.js";

const KEPT_AFTER = 300; // milliseconds

/** Make the viewer in `element`; `settings` holds the page's words and the largest file in MiB. */
export function start({ element, trigger, props, watch, settings }) {
  const { words } = settings;
  const find = (selector) => element.querySelector(selector);
  const viewer = find(".cb-viewer");
  if (typeof DecompressionStream === "undefined") find(".cb-empty").textContent = words.old;
  const films = new FilmStore();
  const panes = new Panes({ screen: find(".cb-screen"), films, onChange: () => update() });
  const warnings = new Warnings(find(".cb-warnings"), words);
  const failed = (role, why) => warnings.alert(role, why || words.unshown);
  const loader = new FilmLoader();
  const loading = new Loading({ films, panes, loader, failed });
  const ask = (role) => mayChange(films.of(role));
  const uploads = new Uploads({ settings, trigger, warnings, mayChange: ask, cardOf: (role) => cards.of(role), update, questions: () => questions });
  const cards = new FilmCards({ element, films, words, trigger, uploads, mayChange: ask, show: (role) => panes.show(role) });
  const questions = new Questions({ box: find(".cb-questions"), films, words, trigger, mayChange: ask, update, panes, loader });
  const choices = new FilmChoices({ element, words, trigger, panes });

  const table = new KeyTable();
  const measurements = new Measurements();
  const say = (text) => { find(".cb-help-tool").textContent = text; };
  const measuring = new Measuring({ measurements, words, say });
  const modelView = new ModelView({ panes, loader, words, failed });
  const evidence = new EvidenceView({ panes, words, say });
  const tools = { modelView, windows: false, choose: (role, id, answer) => trigger("select", { role, id, question: "window", answer }) };
  const actions = filmActions({ panes, films, viewer, tools, measuring, insert: insertIntoReport });
  actions.model = () => modelView.toggle();
  actions.keys = () => toggleKeyOverlay(table, words);
  addFilmKeys({ table, actions, panes, films, words, measuring, evidence });
  table.add({ keys: ["?"], says: words.does.keys, group: words.films, does: actions.keys });
  const toolbar = new Toolbar({ element, actions, table, words, panes, films, tools });
  for (const pane of panes.all) {
    pane.marks.push((pen) => modelView.draw(pen, pane), (pen) => evidence.draw(pen, pane), outlineText, (pen) => measuring.draw(pen, pane));
    pane.onDraw = () => {
      writeCaptions(pane, words, { several: films.present.length > 1, modelView: modelView.says(pane) });
      toolbar.update();
      keepSoon();
    };
    bindPointers({ pane, panes, measuring, windows: () => tools.windows || table.holds(WINDOW_KEY) });
    if (pane.renderer.name !== "WebGL2") find(".cb-renderer").textContent = words.no_webgl2;
  }

  function update() {
    cards.update(panes.visible.map((pane) => pane.role), panes.current.role);
    viewer.classList.toggle("cb-has-film", Boolean(panes.current.film));
    choices.update();
    warnings.update(films);
    questions.update();
    toolbar.update();
    loading.update();
    for (const pane of panes.visible) pane.drawSoon(); // after which how they are looked at is kept
  }

  async function receive(message) {
    const { films: news, number } = message;
    await films.receiveUnplaced(message);
    if (message.dropped || !Object.keys(news).length) questions.reading = false;
    const change = await films.receive(news, number);
    if (!change) return update();
    if (Object.values(news).some((film) => !film || film.arrived)) warnings.clear();
    for (const role of change.settled) cards.of(role).classList.remove("cb-reading");
    for (const pane of panes.all) if (change.rewindowed.includes(pane.role)) pane.takeWindow({ ...ownWindowOf(pane) });
    panes.arrange(change.first);
    const shown = films.present.map((role) => films.of(role).id);
    tell("films", { films: shown, resumed: message.resumed === true });
  }

  const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`clinicalblip-${what}`, { detail }));

  const ownWindowOf = ({ film }) => ({ centre: film.centre, width: film.width, asStored: true });

  const view = { panes, films, measurements };
  let [keeps, keepingSoon] = [false, 0]; // nothing is kept before what was kept is back
  const keeping = window.clinicalblipConnection?.known.then(() => {
    readView(window.clinicalblipConnection.view(), view);
    keeps = true;
  });
  function keepSoon() { // how the films are looked at, once nothing has moved for a moment
    clearTimeout(keepingSoon);
    if (keeps) keepingSoon = setTimeout(() => {
      window.clinicalblipKeeping?.keepView(writeView(view));
      tell("look", { panes });
    }, KEPT_AFTER);
  }

  let last = Promise.resolve(keeping); // one message after another, because a film may still be unpacked when the next arrives
  const listen = () => {
    const message = props.value || {};
    if (message.films) last = last.then(() => receive(message)).catch((error) => {
      console.error(error);
      for (const role of Object.keys(message.films)) uploads.refuse(role, words.unshown);
    });
  };

  uploads.dropAnywhere();
  const part = (id) => document.getElementById(id);
  bindColumnWidth({
    workspace: part("workspace"), separator: part("film-width").querySelector("[role=separator]"),
    film: part("film-column"), report: part("report-column"),
  });
  watch("value", listen);
  listen(); // what came before this was loaded
  Object.assign(window.clinicalblip, { keys: table, viewer: { panes, films, measurements, evidence } }); // other parts of the page add their keys
  document.dispatchEvent(new Event("clinicalblip-keys"));
  viewer.classList.add("cb-ready");
  return { panes, films };
}
