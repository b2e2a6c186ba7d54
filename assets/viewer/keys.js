// The one table of keys: what each does, where it works, and the overlay that shows them. OHIF's keys where it has one.

/**
 * Keys of the page. Each entry has `keys` (as `KeyboardEvent.key` gives them, with "Shift+" or "Ctrl+" before a name
 * where that matters), `does`, what `says`, and the `group` under which the overlay shows it. A key never fires while
 * one types, nor one that a focused control needs itself, except with Ctrl, Alt or Meta, or the function keys. An entry
 * with `within`, a selector, has its keys where the focus is there, before whoever has them elsewhere.
 */
export class KeyTable {
  #entries = [];
  #held = new Set();

  constructor() {
    window.addEventListener("keydown", (event) => this.#press(event), true);
    window.addEventListener("keyup", (event) => this.#release(event.key), true);
    window.addEventListener("blur", () => [...this.#held].forEach((key) => this.#release(key)));
  }

  /** All entries, for the overlay. */
  get entries() {
    return this.#entries;
  }

  /**
   * Add an entry. `does` may return false to leave the key to whoever else wants it. With `held`, `does` is called with
   * true when the key goes down and with false when it comes up. Throws where one of the keys is taken.
   */
  add(entry) {
    for (const key of entry.keys) {
      const other = this.#entries.find((one) => one.keys.includes(key) && one.within === entry.within);
      if (other) throw new Error(`the key ${key} is that of "${other.says}"`);
    }
    this.#entries.push(entry);
  }

  /** Whether a key is held down now. */
  holds(key) {
    return this.#held.has(key.toLowerCase());
  }

  #press(event) {
    if (document.querySelector("dialog[open]:not(.cb-keys)") || event.isComposing) return;
    const modified = event.ctrlKey || event.altKey || event.metaKey || /^F\d+$/.test(event.key);
    if (!modified && isTyping(event)) return;
    const name = keyName(event);
    const called = (one) => one.keys.includes(name);
    const entry = this.#entries.find((one) => one.within && called(one) && event.target.closest?.(one.within)) || this.#entries.find((one) => !one.within && called(one)) || this.#entries.find((one) => one.held && one.keys.includes(event.key.toLowerCase()) && !modified);
    if (!entry) return;
    if (entry.held) {
      event.preventDefault();
      if (event.repeat) return;
      this.#held.add(event.key.toLowerCase());
      entry.does(true);
    } else if (entry.does(event) !== false) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  #release(pressed) {
    const key = pressed.toLowerCase();
    if (!this.#held.delete(key)) return;
    this.#entries.find((one) => one.held && one.keys.includes(key))?.does(false);
  }
}

function isTyping({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (target.closest("textarea, select, [contenteditable=true], [role=listbox], [role=combobox]")) return true;
  if (target.closest("input") && !target.matches("[type=checkbox], [type=radio], [type=button], [type=file]")) return true;
  if (target.matches("[role=separator]") && /^(Arrow(Left|Right)|Home|End)$/.test(key)) return true;
  if (target.matches("input") && (key.startsWith("Arrow") || key === " ")) return true;
  if (target.matches("[type=checkbox], [type=radio]")) return false; // Enter does nothing there
  return [" ", "Enter"].includes(key) && Boolean(target.closest("button, a[href], label, summary"));
}

/** The name of a key: letters without regard to capitals unless Shift is held, then with it. */
export function keyName({ key, shiftKey, ctrlKey, altKey, metaKey }) {
  const plain = key.length === 1 ? key.toLowerCase() : key;
  const shifted = shiftKey && (key.length > 1 || /[a-z]/.test(plain)) ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shifted}${plain}`;
}
