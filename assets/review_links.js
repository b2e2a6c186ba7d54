// The links in the strip to the pages over reviews: shown to a reader who has saved one, and to an owner. A plain script.
(() => {
  if (window.clinicalblipReviewLinks) return;
  window.clinicalblipReviewLinks = true;
  const connection = window.clinicalblipConnection;

  async function look() {
    await connection.known;
    try {
      const answer = await connection.call(new URL("reviews/known", document.baseURI), { headers: connection.headers() });
      const { reviews, owner } = await answer.json();
      document.documentElement.classList.toggle("cb-has-reviews", reviews === true);
      document.documentElement.classList.toggle("cb-is-owner", owner === true);
    } catch (error) { // both pages are also found by their addresses
      console.warn("it is not known whether there are reviews", error);
    }
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("#save")) setTimeout(look, 3000);
    const link = target.closest?.(".cb-to-pages a");
    if (link && window !== window.top) link.target = "_self"; // a frame's cookies are its own: no other tab has them
  }, true);
  look();
})();
