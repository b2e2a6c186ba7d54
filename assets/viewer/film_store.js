// What the viewer knows of the films, by role.

/** The films by role, as the server's messages tell of them; `levels` are their values, where they are loaded. */
export class FilmStore {
  roles = ["frontal", "lateral", "prior"];
  #films = {};
  #newest = 0;
  #asked = 0;
  /** Those of which the reader is asked which they are. */
  unplaced = [];

  /** The film of a role, undefined where there is none. */
  of(role) {
    return this.#films[role];
  }

  /** The roles that have a film, in order. */
  get present() {
    return this.roles.filter((role) => this.#films[role]);
  }

  /** Take what a message says of films without a role; one that says nothing of them, or is older, changes nothing. */
  async receiveUnplaced({ unplaced, number }) {
    if (!unplaced || number < this.#asked) return;
    this.#asked = number;
    this.unplaced = await Promise.all(unplaced.map(async (film) => ({ ...film, table: new Uint8Array(await unpack(film.greys)) })));
  }

  /**
   * Take a message: films by role, null for one that was removed. Gives null for a message that is older than what is
   * known; otherwise `first`, the first role with another film, `rewindowed`, the roles with another window of the
   * film, and `settled`, the roles that are waited for no more.
   */
  async receive(news, number) {
    // Answers to two presses may arrive in the other order: what is known of films is then older than what is shown.
    const films = Object.values(news);
    if (number < this.#newest && films.length && films.every((film) => film && !film.arrived)) return null;
    this.#newest = Math.max(this.#newest, number);
    let first = null;
    const rewindowed = [];
    // A message without films says that an upload was refused: nothing is waited for any more.
    const settled = films.length ? [] : [...this.roles];
    for (const [role, film] of Object.entries(news)) {
      const before = this.#films[role];
      if (!film) {
        delete this.#films[role];
      } else if (film.arrived || before?.id === film.id) {
        const same = before?.picture === film.picture;
        const table = new Uint8Array(await unpack(film.greys));
        this.#films[role] = { ...film, table, levels: same ? before.levels : [], whole: same && before.whole };
        if (before?.id !== film.id) first = first || role;
        else if (before.window !== film.window) rewindowed.push(role);
      }
      if (!film || film.arrived) settled.push(role);
    }
    return { first, rewindowed, settled };
  }

  /** Let go of the values of a film that is not shown, but for its smallest level. */
  free(role) {
    const film = this.#films[role];
    if (!film?.whole) return;
    film.levels = film.levels.slice(-1);
    film.whole = false;
  }
}

/** The bytes of base64 of gzip, as an ArrayBuffer. */
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
