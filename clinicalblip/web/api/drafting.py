"""What programs ask the model for: a draft of the films and texts of one call."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import gradio as gr

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.fair_queue import queued_as
from clinicalblip.radiology.draft_json import draft_to_json
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import Report
from clinicalblip.screening import phi
from clinicalblip.screening.films import check_declared_text, check_screening
from clinicalblip.screening.phi import PhiAction
from clinicalblip.screening.wording import API
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.api.inputs import check_switches, error_boundary, read_context, read_phi_action
from clinicalblip.web.api.json_values import sentences_to_json
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.identity import session_of
from clinicalblip.web.request_info import receive_upload
from clinicalblip.web.session import Session

Film = dict[str, Any]
"""An uploaded file as gradio_client's handle_file makes it."""


class Drafting:
    """The call that drafts."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def draft(
        self,
        request: gr.Request,
        frontal: Film | None = None,
        lateral: Film | None = None,
        prior: Film | None = None,
        indication: str = "",
        history: str = "",
        technique: str = "",
        comparison: str = "",
        prior_report: str = "",
        hints: str = "",
        mask_text: bool = False,
        despite_doubts: bool = False,
        identifiers: Literal["", "mask", "keep"] = "",
    ) -> Iterator[dict[str, Any]]:
        """Draft a report from a frontal radiograph, where there are any a lateral and a prior one, and what is known.

        Films are uploaded with handle_file. Every step yields `findings` and `impression` as far as they are
        written; the last one, which predict() returns, has also `sentences` (`section`, `start`,
        `end`), `draft_id`, `base`, `adapter`, `precision`, `prompt_version`, `tokens`, `seconds`, `stopped` and
        `warnings`. The same client passes the id to /correction and /save_review.

        `mask_text`: text found in the films is blackened before anything else sees it; without, it is warned of.
        `despite_doubts`: draft although a film may be no chest radiograph. `identifiers`: what becomes of words that
        may name somebody: "mask" or "keep"; without an answer they are refused.
        """
        with error_boundary():
            session = session_of(self._app.sessions, request)
            uploads = {FilmRole.FRONTAL: frontal, FilmRole.LATERAL: lateral, FilmRole.PRIOR: prior}
            with _turn(self._app, session), _films_of_call(self._app, session, uploads):
                action = read_phi_action(identifiers)
                check_switches(mask_text=mask_text, despite_doubts=despite_doubts)
                film_warnings = _settle_films(self._app, session, mask_text=mask_text, despite_doubts=despite_doubts)
                context = read_context(
                    self._app.settings.limits,
                    indication=indication,
                    history=history,
                    technique=technique,
                    comparison=comparison,
                    prior_report=prior_report,
                    hints=hints,
                )
                if action is PhiAction.MASK:
                    context = phi.mask_context(context)
                elif action is PhiAction.KEEP:
                    handlers.use_as_is(self._app, session, context)
                handlers.request_draft(self._app, session, context, door=API)
                for progress in handlers.stream_draft(self._app, session, Report()):
                    yield _reply(progress, film_warnings)


@contextmanager
def _turn(app: AppContext, session: Session) -> Iterator[None]:
    """Wait for the session's calls before this one: the model writes for many sessions at once, for each one draft."""
    if not session.call_lock.acquire(timeout=app.settings.generation.timeout_seconds):
        raise ClinicalBlipError(wording.BUSY)
    try:
        yield
    finally:
        session.call_lock.release()


def _take_films(app: AppContext, session: Session, uploads: dict[FilmRole, Any]) -> None:
    """Load the uploaded films. Every file is deleted, even where another one cannot be read."""
    data: dict[FilmRole, bytes] = {}
    problem: Exception | None = None
    for role, upload in uploads.items():
        if upload:
            try:
                data[role] = receive_upload(app, upload)
            except ClinicalBlipError as error:
                problem = problem or error
    if problem:
        raise problem
    handlers.refuse_while_busy(session)
    with queued_as(session.id):
        films.load_films(app, session, data)


@contextmanager
def _films_of_call(app: AppContext, session: Session, uploads: dict[FilmRole, Any]) -> Iterator[None]:
    """The films of one call, which go with it: a program sends its films every time."""
    _take_films(app, session, uploads)
    mark = session.films_mark
    try:
        yield
    finally:
        films.drop_films(session, mark)


def _settle_films(app: AppContext, session: Session, *, mask_text: bool, despite_doubts: bool) -> list[str]:
    """Answer what the page would ask a reader, as the caller said, and give the warnings for the draft."""
    warnings: list[str] = []
    for role, loaded in session.films.items():
        if not mask_text:
            check_declared_text(loaded.radiograph, role, app.settings.privacy, API)
    with queued_as(session.id):
        films.screen_films(app, session, always=mask_text)
    for role, loaded in list(session.films.items()):
        with queued_as(session.id):
            warnings += films.settle_text(app, session, role, loaded.id, API, masks=mask_text)
        if despite_doubts:
            films.overrule_doubts(session, role, loaded.id)
        check_screening(session.films[role].screening, role, API)
    return warnings


def _reply(progress: DraftProgress, film_warnings: list[str]) -> dict[str, Any]:
    written = {"findings": progress.report.findings, "impression": progress.report.impression}
    if progress.finished is None:
        return written
    draft = progress.finished.draft
    warnings = dict.fromkeys((*progress.finished.film_warnings, *film_warnings, *draft.warnings))
    reply = draft_to_json(replace(draft, warnings=tuple(warnings)))
    del reply["prompt"]  # no part of this contract: it is long, and the caller knows what it was made of
    said = {"sentences": sentences_to_json(draft.report), "draft_id": progress.finished.id, "stopped": draft.stopped}
    return reply | said
