"""Where on the films each sentence of a draft was taken from, for the page."""

from typing import Any, Final

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.web import wording
from clinicalblip.web.served_study import wording as study_wording
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.web.session import Session

_WEIGHING: Final = FairQueue(1, **WAITING)
_BUNDLED: Final = "instructblip-mini"


def evidence_for_page(reporter: Reporter, session: Session, draft_id: str) -> dict[str, Any]:
    """The evidence for a draft of this session, as JSON values; takes seconds, in its turn.

    `films` are roles in the model's order; each of `sentences` has its `text` and for each film its `drops`, rows of
    cells: by how many nats it becomes less likely where the cell is hidden. `note` is what such maps cannot tell.
    Raises ClinicalBlipError where the draft is none of this session's, or its films are others now, and ModelError.
    """
    if session.case is not None:
        return _prepared(session, session.case, draft_id)
    with session.lock:
        finished = session.report.drafts.get(draft_id)
        films = session.radiographs_of(finished.film_digests) if finished else {}
        if finished is None or not films:
            raise ClinicalBlipError(wording.EVIDENCE_GONE)
    with _WEIGHING.turn():
        found = reporter.evidence(tuple(films.values()), finished.context, finished.draft.report)
    bundled = finished.draft.model.base == _BUNDLED
    return {
        "films": [role.value for role in FilmRole if role in films],
        "sentences": [{"text": one.sentence, "drops": [drop.round(3).tolist() for drop in one.drops]} for one in found],
        "note": wording.EVIDENCE_NOTE + (f" {wording.EVIDENCE_BUNDLED}" if bundled else ""),
    }


def _prepared(session: Session, case: OpenCase, draft_id: str) -> dict[str, Any]:
    """The evidence that was made with the draft of a reader study's case; its note does not say whose it is."""
    found = case.draft.evidence if case.draft is not None and case.display.evidence else None
    films = [role.value for role in FilmRole if role in session.radiographs()]
    if case.draft is None or draft_id != case.draft.id or found is None:
        raise ClinicalBlipError(study_wording.NO_EVIDENCE)
    if any(len(each.drops) != len(films) for each in found):
        raise ClinicalBlipError(wording.EVIDENCE_GONE)
    return {
        "films": films,
        "sentences": [{"text": each.sentence, "drops": each.drops} for each in found],
        "note": wording.EVIDENCE_NOTE,
    }
