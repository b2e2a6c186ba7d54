// Draws a film with WebGL2: its values lie in the graphics memory, and a window is a table of greys.

const VERTICES = `#version 300 es
void main() { // one triangle over everything
  gl_Position = vec4(vec2(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1), 0, 1);
}`;
const FRAGMENTS = `#version 300 es
precision highp float; precision highp int; precision highp usampler2D; precision highp sampler2D;
uniform usampler2D film; uniform sampler2D greys;
uniform mat3 toFilm; uniform ivec2 sides; uniform float height;
out vec4 colour;
float grey(ivec2 at) {
  uint value = texelFetch(film, clamp(at, ivec2(0), sides - 1), 0).r;
  return texelFetch(greys, ivec2(value & 255u, value >> 8), 0).r;
}
void main() {
  vec2 at = (toFilm * vec3(gl_FragCoord.x, height - gl_FragCoord.y, 1)).xy;
  if (any(lessThan(at, vec2(0))) || any(greaterThan(at, vec2(sides)))) { colour = vec4(0, 0, 0, 1); return; }
  ivec2 corner = ivec2(floor(at - 0.5));
  vec2 part = fract(at - 0.5);
  float above = mix(grey(corner), grey(corner + ivec2(1, 0)), part.x);
  float below = mix(grey(corner + ivec2(0, 1)), grey(corner + ivec2(1, 1)), part.x);
  colour = vec4(vec3(mix(above, below, part.y)), 1);
}`;

/** A renderer on a canvas; null where the browser has no WebGL2. */
export function webgl2Renderer(canvas) {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
  return gl && new WebGl2Renderer(gl);
}

class WebGl2Renderer {
  name = "WebGL2";
  #gl;
  #places = {};
  #textures = new Map(); // by level, so that zooming back and forth sends nothing twice
  #greys;

  constructor(gl) {
    this.#gl = gl;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTICES], [gl.FRAGMENT_SHADER, FRAGMENTS]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    for (const name of ["film", "greys", "toFilm", "sides", "height"]) this.#places[name] = gl.getUniformLocation(program, name);
    gl.uniform1i(this.#places.film, 0);
    gl.uniform1i(this.#places.greys, 1);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.activeTexture(gl.TEXTURE1);
    this.#greys = this.#texture();
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R8, 256, 256);
  }

  /** The longest side of a level that it takes. */
  get longestSide() {
    return this.#gl.getParameter(this.#gl.MAX_TEXTURE_SIZE);
  }

  /** What draws, as the browser names it. */
  get device() {
    const found = this.#gl.getExtension("WEBGL_debug_renderer_info");
    return String(this.#gl.getParameter(found ? found.UNMASKED_RENDERER_WEBGL : this.#gl.RENDERER));
  }

  /** Take the table of greys, a grey for each value. */
  setGreys(table) {
    const gl = this.#gl;
    const rows = Math.ceil(table.length / 256);
    const padded = new Uint8Array(256 * rows);
    padded.set(table);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#greys);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, rows, gl.RED, gl.UNSIGNED_BYTE, padded);
  }

  /** Draw a level; `toLevel` is from canvas to level pixels, as `setTransform` takes it. */
  draw(level, [a, b, c, d, e, f]) {
    const gl = this.#gl;
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#textures.get(level) || this.#upload(level));
    gl.uniformMatrix3fv(this.#places.toFilm, false, [a, b, 0, c, d, 0, e, f, 1]);
    gl.uniform2i(this.#places.sides, level.columns, level.rows);
    gl.uniform1f(this.#places.height, gl.canvas.height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Draw nothing. */
  clear() {
    const gl = this.#gl;
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** Let go of all levels but these. */
  keep(levels) {
    for (const [level, texture] of this.#textures) {
      if (levels.includes(level)) continue;
      this.#gl.deleteTexture(texture);
      this.#textures.delete(level);
    }
  }

  /** Wait until everything is drawn: for measurements. */
  finish() {
    this.#gl.readPixels(0, 0, 1, 1, this.#gl.RGBA, this.#gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  #upload(level) {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    const texture = this.#texture();
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R16UI, level.columns, level.rows);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, level.columns, level.rows, gl.RED_INTEGER, gl.UNSIGNED_SHORT, level.values);
    this.#textures.set(level, texture);
    return texture;
  }

  #texture() {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.NEAREST], [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ]) gl.texParameteri(gl.TEXTURE_2D, name, value);
    return texture;
  }
}
