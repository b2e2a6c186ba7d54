// Whether a change of films may take away work that is not saved.

/** True or false: whether the reader wants that work gone; null to leave everything as it is. */
export async function mayChange(film) {
  const page = window.clinicalblip;
  if (!(film || page.draftShown()) || !page.unsaved()) return false;
  return (await page.mayDiscard()) || null;
}
