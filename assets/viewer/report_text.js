// Puts a text into the reader's report where the cursor last was.

const BOXES = "#findings textarea, #impression textarea";
let last = null;

document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.(BOXES)) last = target;
});

/** Insert a text at the cursor of the box that was typed in last, the findings by default. False where it is locked. */
export function insertIntoReport(text) {
  const box = last?.isConnected ? last : document.querySelector(BOXES);
  if (!text || !box || box.disabled || box.readOnly) return false;
  const at = last === box ? box.selectionStart : box.value.length;
  const before = box.value.slice(0, at);
  const inserted = (before && !/\s$/.test(before) ? " " : "") + text;
  window.clinicalblipKeeping?.writes(box, "filled in");
  box.value = before + inserted + box.value.slice(last === box ? box.selectionEnd : at);
  box.selectionStart = box.selectionEnd = at + inserted.length;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}
