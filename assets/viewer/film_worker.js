// The worker that unpacks films, so that the page never waits for one.

import { gunzip, levels, values } from "./film_values.js";

const SMALLEST = 384; // pixels of a side: less than the smallest pane shows

self.onmessage = async ({ data: { id, packed, rows, columns } }) => {
  try {
    const found = levels({ rows, columns, values: values(await gunzip(packed), rows, columns) }, SMALLEST);
    self.postMessage({ id, levels: found }, found.map((level) => level.values.buffer));
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
