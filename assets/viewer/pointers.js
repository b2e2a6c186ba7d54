// What mouse and finger do to a pane.

/** How far a window moves for a pixel of the pointer: the film's values lie within 600 pixels. */
export const perPixel = (film) => Math.max(film.highest / 600, 0.25);

/**
 * Let a pane be dragged, pinched, windowed and zoomed. `windows` says whether a plain drag windows; `measuring` gets
 * the first chance at a press, and says whether it took it.
 */
export function bindPointers({ pane, panes, windows, measuring }) {
  const target = pane.element;
  const down = new Map(); // pointers that are down, by id, where they were last
  let drag = null;

  target.addEventListener("pointerdown", (event) => {
    if (!pane.film || event.target.closest("button, select, input")) return;
    pane.canvas.focus({ preventScroll: true });
    down.set(event.pointerId, event);
    if (down.size > 1) {
      drag = null;
      measuring.cancelDrag();
    } else if (event.button === 0 && !event.shiftKey && measuring.press(pane, event)) {
      drag = measuring.follow;
    } else {
      drag = event.button === 2 || (event.button === 0 && !event.shiftKey && windows()) ? windowBy : panBy;
    }
    target.setPointerCapture(event.pointerId);
  });
  target.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return measuring.hover(pane, event);
    if (down.size === 2) pinch(before, event); else drag?.(pane, event, before);
    down.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"])
    target.addEventListener(end, (event) => {
      if (drag === measuring.follow) measuring.release(pane, event);
      down.delete(event.pointerId);
      drag = null;
    });
  target.addEventListener("contextmenu", (event) => event.preventDefault());
  target.addEventListener("wheel", (event) => {
    if (!pane.film) return;
    event.preventDefault();
    const factor = Math.exp(-Math.sign(event.deltaY) * Math.min(0.4, Math.max(0.1, Math.abs(event.deltaY) / 900)));
    panes.place(pane, (viewport) => viewport.zoomAt(...pane.canvasPoint(event), factor));
  }, { passive: false });
  target.addEventListener("dblclick", () => panes.place(pane, (viewport) => viewport.fit()));

  function panBy(_, event, before) {
    const [x, y] = difference(pane, event, before);
    panes.place(pane, (viewport) => viewport.pan(x, y));
  }

  function windowBy(_, event, before) {
    const step = perPixel(pane.film);
    const [across, along] = [event.clientX - before.clientX, event.clientY - before.clientY];
    panes.window(pane, () => pane.setWindow(pane.window.centre + along * step, pane.window.width + across * step));
  }

  function pinch(before, event) {
    const other = [...down.values()].find((one) => one.pointerId !== event.pointerId);
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const middle = (one) => ({ clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 });
    const [x, y] = difference(pane, middle(event), middle(before));
    panes.place(pane, (viewport) => {
      viewport.pan(x, y);
      viewport.zoomAt(...pane.canvasPoint(middle(event)), apart(event) / Math.max(1, apart(before)));
    });
  }
}

function difference(pane, event, before) {
  const [to, from] = [pane.canvasPoint(event), pane.canvasPoint(before)];
  return [to[0] - from[0], to[1] - from[1]];
}
