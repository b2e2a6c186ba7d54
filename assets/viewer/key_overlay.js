// The overlay that shows every key.

/** Show the keys of a table, in its groups, or close the overlay where it is open. */
export function toggleKeyOverlay(table, words) {
  const open = document.querySelector("dialog.cb-keys");
  if (open) return open.close();
  const dialog = document.createElement("dialog");
  dialog.className = "cb-dialog cb-keys";
  dialog.setAttribute("aria-label", words.keys);
  for (const [group, entries] of grouped(table.entries)) {
    const list = document.createElement("dl");
    for (const { keys, says, held } of entries) {
      const [key, meaning] = [document.createElement("dt"), document.createElement("dd")];
      key.append(...keys.flatMap((name, index) => {
        const part = document.createElement("kbd");
        part.textContent = SHOWN[name] || name.replace("Arrow", "").replace(/(^|\+)([a-z])$/, (_, plus, letter) => plus + letter.toUpperCase());
        return index ? [" ", part] : [part];
      }));
      meaning.textContent = held ? `${says} (${words.held})` : says;
      list.append(key, meaning);
    }
    const heading = document.createElement("h2");
    heading.textContent = group;
    const section = document.createElement("section");
    section.append(heading, list);
    dialog.append(section);
  }
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const SHOWN = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", "-": "−" };

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) || []), entry]);
  return groups;
}
