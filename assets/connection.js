// The page's connection to its server. This runs before Gradio's own script sends anything, as a plain script.
// It names the reader's session in every request, by a cookie that it cannot read and by the tab; and it keeps a request
// that fails from being the end of the page: Gradio reloads, or sends nothing any more, after the first one.
(() => {
  if (window.clinicalblipConnection) return;
  const words = WORDS; // put in by launch_arguments
  const call = window.fetch.bind(window); // the browser's own
  const TAB = "clinicalblip-tab", TOKEN = "clinicalblip-token"; // nothing else is kept in the browser
  const SHORT = 8000, LONG = 20000; // milliseconds without an answer after which a line is silent, and a call sent again
  const pause = (ms) => new Promise((over) => setTimeout(over, ms));
  const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let tab = "", token = "", server = "", view = "";
  let number = 0; // of the last change of a box that the server has
  let known = false, lost = false; // whether the server has the session, and whether its films are gone

  function stored(name, value) { // a frame may have no storage at all: then the page's memory has to do
    try {
      if (value !== undefined) sessionStorage.setItem(name, value);
      return sessionStorage.getItem(name) || "";
    } catch {
      return value || "";
    }
  }

  // A duplicated tab comes with a copy of the other one's storage: the lock tells which of the two is the first.
  function holdTab(name) {
    if (!navigator.locks) return true;
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    const patience = type === "reload" || type === "back_forward" ? 3000 : 400; // the page before lets go of it in a moment
    return new Promise((held) => {
      const waiting = new AbortController();
      const over = setTimeout(() => waiting.abort(), patience);
      navigator.locks.request(`clinicalblip ${name}`, { signal: waiting.signal }, () => {
        clearTimeout(over);
        held(true);
        return new Promise(() => {}); // until the page is gone
      }).catch(() => held(!waiting.signal.aborted));
    });
  }

  async function nameTab() {
    const before = stored(TAB);
    if (/^[0-9a-f]{32}$/.test(before) && await holdTab(before)) return before;
    const name = random(16);
    await holdTab(name);
    return stored(TAB, name) || name;
  }

  const headers = () => ({ "x-clinicalblip-tab": tab, ...(token ? { "x-clinicalblip-token": token } : {}) });

  // Whether the server answers; whoever wants to know is called with true or false when it changes.
  let reached = true;
  const listeners = [];
  function reach(now) {
    if (now === reached) return;
    reached = now;
    for (const listener of listeners) listener(now);
  }

  async function signedOut(answer) { // the server answers, and has nothing for this page until somebody signs in; its texts stay
    reach(true);
    let why = words.signedOut;
    try {
      why = (await answer.json()).detail || why;
    } catch { /* a proxy before the server answered */ }
    if (document.querySelector("#signed-out") || !document.body) return false;
    const line = document.createElement("p");
    line.id = "signed-out";
    line.className = "cb-message";
    line.setAttribute("role", "alert");
    line.textContent = `${why} `;
    const link = line.appendChild(document.createElement("a"));
    [link.href, link.target, link.rel, link.textContent] = ["./", "_blank", "noopener", words.signIn];
    document.body.append(line);
    return false;
  }

  async function greet() { // whether the page has to ask what became of its session; throws until it answers
    const answer = await call(new URL("session", document.baseURI), { method: "POST", headers: headers(), signal: AbortSignal.timeout(SHORT) });
    if (answer.status === 401) return signedOut(answer);
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    document.querySelector("#signed-out")?.remove();
    document.documentElement.toggleAttribute("data-signed-in", Boolean(said.signedIn)); // the strip has a button then
    if (said.token) token = stored(TOKEN, said.token) || said.token; // no cookie came with the request
    const broken = said.left || (server !== "" && said.server !== server) || (known && !said.known) || (!lost && said.lost);
    ({ server, known } = said);
    [view, lost, number] = [said.view || "", Boolean(said.lost), Math.max(number, said.number || 0)];
    reach(true);
    return broken;
  }

  async function untilGreeted() {
    for (let wait = 200; ; wait = Math.min(2 * wait, 4000)) {
      try {
        return await greet();
      } catch {
        reach(false);
        await pause(wait);
      }
    }
  }

  const greeted = (async () => {
    tab = await nameTab();
    token = stored(TOKEN);
    await untilGreeted();
  })();

  // What a proxy says while the server is away; the server's own refusals are JSON, and are answers.
  const isAway = (answer) => [502, 503, 504].includes(answer.status) && !(answer.headers.get("content-type") || "").includes("json");

  // A call is sent again until it is answered, each time with the same key: the server then answers it once.
  async function callUntilAnswered(url, options) {
    const once = random(16), end = Date.now() + 120000;
    const bounded = options.method === "POST" && !/\/upload$/.test(url.pathname); // a film takes as long as it takes
    const named = new Headers(options.headers);
    for (let wait = 200; ; wait = Math.min(2 * wait, 2000)) {
      for (const [name, value] of Object.entries(headers())) named.set(name, value);
      if (options.method === "POST") named.set("x-clinicalblip-once", once);
      try {
        const signals = [...(options.signal ? [options.signal] : []), ...(bounded ? [AbortSignal.timeout(LONG)] : [])];
        const answer = await call(url, { ...options, headers: named, signal: AbortSignal.any(signals) });
        if (!isAway(answer)) {
          reach(true);
          return answer;
        }
      } catch (error) {
        if (options.signal?.aborted || left) throw error;
      }
      reach(false);
      if (Date.now() > end) break;
      await pause(wait);
    }
    // Gradio takes a call that fails for the end of the page; one that is refused it does not.
    return new Response(JSON.stringify({ detail: words.unreachable, error: words.unreachable }), { status: 400, headers: { "content-type": "application/json" } });
  }

  // Gradio never opens its heartbeat again: it is given one that does not end, and the real one is kept open below.
  function heartbeat(url) {
    keepBeating(url);
    return new Response(new ReadableStream({ start() {} }), { headers: { "content-type": "text/event-stream" } });
  }

  let beating = false;
  async function keepBeating(url) {
    if (beating) return;
    beating = true;
    for (let beaten = false; !left; beaten = true) {
      try {
        const answer = await call(url, { headers: headers() });
        if (!answer.ok) throw new Error(String(answer.status));
        reach(true);
        if (beaten) rejoin();
        for (const reader = answer.body.getReader(); !(await reader.read()).done;);
      } catch { /* it is opened again */ }
      if (left) return;
      await pause(300);
      await untilGreeted();
    }
  }

  // Events by their ids, with how many parts of the page each may change, until they are done.
  const events = new Map();
  async function join(url, options) {
    const answer = await callUntilAnswered(url, options);
    try {
      const { event_id: id } = await answer.clone().json();
      const event = window.gradio_config.dependencies.find((one) => one.id === JSON.parse(options.body).fn_index);
      if (id) events.set(id, event.outputs.length);
    } catch { /* it was refused */ }
    return answer;
  }

  const said = (message) => new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`);
  function changesNothing(id, count) {
    const data = Array.from({ length: count }, () => ({ __type__: "update" }));
    const output = { data, is_generating: false, duration: 0, average_duration: 0, render_config: null, changed_state_ids: [] };
    return said({ msg: "process_completed", event_id: id, output, success: true });
  }

  // The stream of Gradio's queue. Where it breaks, what it was about ends without a change, and the page asks anew.
  async function stream(url, options) {
    let answer = null;
    try {
      answer = await call(url, { ...options, headers: { ...Object.fromEntries(new Headers(options.headers)), ...headers() } });
    } catch (error) {
      if (left) throw error;
    }
    const whole = answer?.ok ? messages(answer.body) : null;
    const body = new ReadableStream({
      async start(controller) {
        let ended = false;
        try {
          for await (const message of whole || []) {
            if (message.msg === "unexpected_error") break;
            if (message.msg === "process_completed") events.delete(message.event_id);
            controller.enqueue(said(message));
            ended = message.msg === "close_stream";
          }
        } catch { /* it broke */ }
        if (!ended && !left) {
          for (const [id, count] of events) controller.enqueue(changesNothing(id, count));
          events.clear();
          controller.enqueue(said({ msg: "close_stream", event_id: null }));
          rejoin();
        }
        try { controller.close(); } catch { /* Gradio has closed it */ }
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  async function* messages(body) {
    let rest = "";
    for (const reader = body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split("\n\n");
      rest = parts.pop();
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
        if (data) yield JSON.parse(data);
      }
    }
  }

  // After a break the page asks once what became of its session meanwhile.
  let rejoining = null;
  function rejoin() {
    rejoining ||= (async () => {
      await untilGreeted();
      await window.clinicalblipKeeping?.flush();
      document.querySelector("#rejoin")?.click();
      rejoining = null;
    })();
  }

  let left = false;
  window.addEventListener("pagehide", () => { left = true; });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // Gradio may have opened its heartbeat before this script ran. A browser has few connections to a server, so a second
  // one is opened only once that one is gone: the server was away, is another one, or takes the page for closed.
  greeted.then(() => setInterval(async () => {
    if (left || pulsing) return;
    pulsing = true;
    let broken = false;
    try {
      broken = await greet();
    } catch {
      reach(false);
      await untilGreeted();
      broken = true;
    }
    pulsing = false;
    if (!broken) return;
    const page = window.__gradio_session_hash__;
    if (page) keepBeating(new URL(`gradio_api/heartbeat/${page}`, document.baseURI));
    rejoin();
  }, 2000));
  let pulsing = false;

  window.fetch = async (resource, options = {}) => {
    const url = new URL(resource instanceof Request ? resource.url : resource, document.baseURI);
    if (url.origin !== location.origin) return call(resource, options);
    if (resource instanceof Request) { // Gradio opens its streams so
      const { method, signal } = resource;
      const body = ["GET", "HEAD"].includes(method) ? undefined : await resource.clone().arrayBuffer();
      options = { method, headers: resource.headers, signal, body, ...options };
    }
    await greeted;
    if (/\/gradio_api\/heartbeat\//.test(url.pathname)) return heartbeat(url);
    if (/\/gradio_api\/queue\/data$/.test(url.pathname)) return stream(url, options);
    if (/\/gradio_api\/queue\/join$/.test(url.pathname)) return join(url, options);
    return callUntilAnswered(url, options);
  };

  window.clinicalblipConnection = {
    known: greeted, headers, call, SHORT, // `call` and `headers`: for what is sent without being tried again, and from a worker
    server: () => server,
    number: () => number,
    view: () => view, // what `clinicalblipKeeping.keepView` was last given, once `known` is
    isReached: () => reached,
    onReached(listener) { listeners.push(listener); },
  };
})();
