// A page on which a reader study is read: whether the case that is open begins as ticks. A plain script.
(() => {
  if (window.clinicalblipReaderStudy) return;
  window.clinicalblipReaderStudy = true;
  let shown = "";

  function follow() {
    const { number, ticks, draft } = document.querySelector("#case .cb-case")?.dataset || {};
    const now = `${number} ${ticks} ${draft}`;
    if (!number || now === shown) return;
    shown = now;
    window.clinicalblipTicks.show(ticks === "shown");
  }

  document.addEventListener("clinicalblip-keys", () => {
    const place = document.querySelector("#case");
    if (!place) return; // no study is read here
    document.documentElement.classList.add("cb-study");
    new MutationObserver(follow).observe(place, { childList: true, subtree: true });
    follow();
  }, { once: true });
})();
