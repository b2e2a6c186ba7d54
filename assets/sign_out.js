// Signing out by the button in the strip, which is there as long as the server says that somebody is signed in.
document.addEventListener("click", async ({ target }) => {
  if (!target.closest?.("#sign-out")) return;
  const { unsaved, mayDiscard } = window.clinicalblip;
  if (unsaved() && !(await mayDiscard())) return;
  const out = await window.fetch(new URL("sign-out", document.baseURI), { method: "POST", redirect: "manual" });
  if (out.type !== "opaqueredirect" && !out.ok) return;
  // The reader has said that what is not kept may go: the browser need not ask as well.
  window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true, once: true });
  location.reload();
});
