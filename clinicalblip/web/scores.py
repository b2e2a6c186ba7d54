"""How likely the model thinks each observation of a draft's films, computed once the draft is there."""

import logging
from typing import Final

from clinicalblip.errors import Overloaded
from clinicalblip.fair_queue import FairQueue
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.web import films
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.session import Session

_LOG = logging.getLogger(__name__)
# Nobody has asked for it: who would wait long, or among many, goes without.
_SCORING: Final = FairQueue(1, max_wait=30, max_waiting=32, max_waiting_each=2)


def score_draft(app: AppContext, session: Session, draft_id: str) -> bool:
    """Have a draft of this session scored, in its turn, unless it is; gives whether it has scores now.

    It has none where another draft, or another film, has come meanwhile; of a film that may be no chest radiograph, for
    the scores were calibrated on those alone; and where the model has no calibrated score. What fails is logged.
    """
    if app.study is not None:  # its drafts were scored before it began
        shown = session.report.shown
        return shown is not None and shown.id == draft_id and shown.scores is not None
    finished, _ = _wanted(session, draft_id)
    if finished is None or finished.scores is not None:
        return finished is not None
    calibrated = app.reporter.calibrated - {Observation.NO_FINDING} if app.settings.scores.shown else frozenset()
    if not calibrated:
        return False
    try:
        with _SCORING.turn():
            finished, radiographs = _wanted(session, draft_id)
            if finished is None:
                return False
            found = app.reporter.score(radiographs, finished.context)
    except Overloaded:
        _LOG.info("a draft was not scored: too many wait for it")
        return False
    except Exception as error:
        _LOG.warning("a draft could not be scored: %s", type(error).__name__)
        return False
    with session.lock:
        still_wanted, _ = _wanted(session, draft_id)
        if still_wanted is not finished:
            return False
        finished.scores = {what: float(found[what]) for what in found if what in calibrated}
    return True


def _wanted(session: Session, draft_id: str) -> tuple[FinishedDraft | None, tuple[Radiograph, ...]]:
    """The draft, if the page shows it and its films are there, with those films in the model's order."""
    with session.lock:
        finished = session.report.shown
        if finished is None or finished.id != draft_id:
            return None, ()
        radiographs = session.radiographs_of(finished.film_digests)
        if not radiographs or films.doubt_warnings(session):
            return None, ()
        return finished, tuple(radiographs.values())
