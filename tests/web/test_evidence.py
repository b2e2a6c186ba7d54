"""Where a draft's sentences came from, as the page is told."""

import numpy as np
import pytest

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.evidence import evidence_for_page
from clinicalblip.web.session import Session
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film


def drafted(app: AppContext) -> tuple[Session, str]:
    """A session with a film and a draft of it."""
    session = app.sessions.of("a")
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    handlers.request_draft(app, session, ClinicalContext())
    *_, last = handlers.stream_draft(app, session, Report())
    assert last.finished is not None
    return session, last.finished.id


def test_each_sentence_has_its_cells_and_the_page_says_what_they_cannot_tell(
    app: AppContext, reporter: ScriptedReporter
) -> None:
    """In the films' order; the card's figure stands beside the bundled model's alone."""
    session, draft = drafted(app)
    reporter.sources = [("Clear.", np.float32([[0, 1.25], [0, -2]]))]
    told = evidence_for_page(reporter, session, draft)
    assert told == {
        "films": ["frontal"],
        "sentences": [{"text": "Clear.", "drops": [[[0.0, 1.25], [0.0, -2.0]]]}],
        "note": wording.EVIDENCE_NOTE,
    }


def test_other_films_or_another_sessions_draft_have_no_evidence(app: AppContext, reporter: ScriptedReporter) -> None:
    """It would be laid over the wrong film, or tell of somebody else's."""
    session, draft = drafted(app)
    with pytest.raises(ClinicalBlipError, match="draft again"):
        evidence_for_page(reporter, app.sessions.of("b"), draft)
    films.load_film(app, session, FilmRole.LATERAL, png_film(160))
    with pytest.raises(ClinicalBlipError, match="draft again"):
        evidence_for_page(reporter, session, draft)
