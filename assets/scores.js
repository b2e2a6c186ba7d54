// How sure the model is of the draft's sentences: asked for once a draft stands there, so that it waits for nothing; the
// comparison then shows it. A plain script.
(() => {
  if (window.clinicalblipScores) return;
  window.clinicalblipScores = true;
  const shown = () => document.querySelector("#draft-id :is(textarea, input)")?.value || "";
  let [asked, asking] = ["", null];

  async function ask() {
    const draft = shown();
    if (draft === asked) return;
    asking?.abort();
    asked = draft;
    if (!/^[0-9a-f]{32}$/.test(draft)) return;
    asking = new AbortController();
    try {
      const { signal } = asking, headers = await window.clinicalblipReader();
      const answer = await fetch(`${window.gradio_config.root}/scores/${draft}`, { signal, headers });
      const { scored } = await answer.json();
      if (scored && shown() === draft) document.querySelector("#compare").click();
    } catch (error) { // nobody asked for it, so nobody is disturbed: no mark is shown, and the page says itself where it is cut off
      if (error.name !== "AbortError") console.warn("the draft's scores did not arrive", error);
    }
  }

  document.addEventListener("clinicalblip-keys", () => {
    new MutationObserver(ask).observe(document.querySelector("#ai-draft"), { childList: true, subtree: true });
    ask();
  }, { once: true });
})();
