// What draws films on a canvas: WebGL2 where the browser has it, a 2D canvas otherwise.

import { Canvas2dRenderer } from "./renderer_canvas2d.js";
import { webgl2Renderer } from "./renderer_webgl2.js";

/** A renderer for a canvas that has none yet. */
export function makeRenderer(canvas) {
  return webgl2Renderer(canvas) || new Canvas2dRenderer(canvas);
}
