"""The page's API for programs: /draft, /compare and /save_review, as gradio_client calls them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Literal

import gradio as gr
from gradio.events import api

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.fair_queue import queued_as
from clinicalblip.feedback.comparison import compare_words, count_edits
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.draft_json import draft_to_json
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening import phi
from clinicalblip.screening.films import check_declared_text, check_screening
from clinicalblip.screening.phi import PhiAction
from clinicalblip.screening.texts import check_context, check_texts
from clinicalblip.screening.wording import API
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.handler_threads import in_saving_threads
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.identity import session_of
from clinicalblip.web.request_info import error_sentence, receive_upload
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session

Film = dict[str, Any]
"""An uploaded file as gradio_client's handle_file makes it."""


class Api:
    """The three calls, each with one sentence for what cannot be done."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def bind(self, *, concurrency_id: str) -> None:
        """Add the calls to the page that is being built; drafts of one `concurrency_id` share the model."""
        together = self._app.settings.generation.batch_size
        api(self.draft, api_name="draft", concurrency_limit=together, concurrency_id=concurrency_id)
        api(self.compare, api_name="compare", queue=False)
        api(in_saving_threads(self.save_review), api_name="save_review", queue=False)

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
        written; the last one, which predict() returns, has also `draft_id`, `base`, `adapter`, `precision`,
        `prompt_version`, `tokens`, `seconds`, `stopped` and `warnings`. The same client passes the id to /save_review.

        `mask_text`: text found in the films is blackened before anything else sees it; without, it is warned of.
        `despite_doubts`: draft although a film may be no chest radiograph. `identifiers`: what becomes of words that
        may name somebody: "mask" or "keep"; without an answer they are refused.
        """
        with _error_boundary():
            session = session_of(self._app.sessions, request)
            uploads = {FilmRole.FRONTAL: frontal, FilmRole.LATERAL: lateral, FilmRole.PRIOR: prior}
            with _turn(self._app, session), _films_of_call(self._app, session, uploads):
                action = _phi_action(identifiers)
                _check_switches(mask_text=mask_text, despite_doubts=despite_doubts)
                film_warnings = _settle_films(self._app, session, mask_text=mask_text, despite_doubts=despite_doubts)
                context = ClinicalContext(
                    **_texts(
                        indication=indication,
                        history=history,
                        technique=technique,
                        comparison=comparison,
                        prior_report=prior_report,
                        hints=hints,
                    )
                )
                check_context(context, self._app.settings.limits)
                if action is PhiAction.MASK:
                    context = phi.mask_context(context)
                elif action is PhiAction.KEEP:
                    handlers.use_as_is(self._app, session, context)
                handlers.request_draft(self._app, session, context, door=API)
                for progress in handlers.stream_draft(self._app, session, Report()):
                    yield _reply(progress, film_warnings)

    def compare(self, before: str, after: str) -> dict[str, Any]:
        """Compare two texts word by word: `changes` (kind, before, after), `words_added` and `words_removed`."""
        with _error_boundary():
            texts = _texts(before=before, after=after)
            check_texts(texts, self._app.settings.limits)
            edits = count_edits(Report(texts["before"]), Report(texts["after"]))
            return {
                "changes": [asdict(change) for change in compare_words(texts["before"], texts["after"])],
                "words_added": edits.words_added,
                "words_removed": edits.words_removed,
            }

    def save_review(
        self,
        request: gr.Request,
        draft_id: str,
        findings: str,
        impression: str,
        overall: int | None,
        verdict: Literal["accepted", "minor edits", "major edits", "rejected"],
        comment: str = "",
        consent: bool = False,
        reference_findings: str = "",
        reference_impression: str = "",
        identifiers: Literal["", "mask", "keep"] = "",
        would_sign: bool | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> str:
        """Save a review of a draft of the same client and return its id, once it is on disk.

        `findings` and `impression` are the reader's final report. `errors` are those that the reader names: each with
        `category`, and `section`, `start` and `end` of the passage of the draft, none of them for a missing finding;
        `observation` and `significance` where they are known. Only with `consent` are texts kept. Saving
        again after a change makes a new review that replaces the one before. `identifiers`: what becomes of words in
        texts to be kept that may name somebody: "mask" or "keep"; without an answer they are refused.
        """
        with _error_boundary():
            session = session_of(self._app.sessions, request)
            action = _phi_action(identifiers)
            texts = _texts(
                draft=draft_id,
                findings=findings,
                impression=impression,
                comment=comment,
                reference_findings=reference_findings,
                reference_impression=reference_impression,
            )
            finished = session.report.drafts.get(texts["draft"])
            if finished is None:
                raise ClinicalBlipError(wording.DRAFT_GONE)
            is_number = isinstance(overall, int | float) and not isinstance(overall, bool)
            if overall is not None and not (is_number and overall in range(1, 6)):
                raise ClinicalBlipError(wording.OVERALL_UNCLEAR)
            if not isinstance(verdict, str) or verdict not in list(Verdict):
                raise ClinicalBlipError(wording.VERDICT_UNCLEAR)
            if not isinstance(consent, bool):
                raise ClinicalBlipError(wording.CONSENT_UNCLEAR)
            if would_sign is not None and not isinstance(would_sign, bool):
                raise ClinicalBlipError(wording.WOULD_SIGN_UNCLEAR)
            form = ReviewForm(
                final=Report(texts["findings"], texts["impression"]),
                overall=None if overall is None else int(overall),
                would_sign=would_sign,
                correction=json.dumps({"draft": finished.id, "named": errors or []}),
                verdict=Verdict(verdict),
                comment=texts["comment"],
                reference=Report(texts["reference_findings"], texts["reference_impression"]),
                consent=consent,
            )
            with session.lock:
                return reviews.save_review(self._app, finished, form, action, door=API)


@contextmanager
def _error_boundary() -> Iterator[None]:
    """Errors become one sentence for the caller, without a traceback on either side."""
    try:
        yield
    except Exception as error:
        raise gr.Error(error_sentence(error), print_exception=False) from None


@contextmanager
def _turn(app: AppContext, session: Session) -> Iterator[None]:
    """Wait for the session's calls before this one: the model writes for many sessions at once, for each one draft."""
    if not session.call_lock.acquire(timeout=app.settings.generation.timeout_seconds):
        raise ClinicalBlipError(wording.BUSY)
    try:
        yield
    finally:
        session.call_lock.release()


def _texts(**texts: Any) -> dict[str, str]:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ClinicalBlipError(wording.NOT_A_TEXT.format(name=name, kind=type(text).__name__))
    return {name: replace_surrogates(text) for name, text in texts.items()}


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


def _phi_action(identifiers: Any) -> PhiAction:
    if not isinstance(identifiers, str) or identifiers not in list(PhiAction):
        raise ClinicalBlipError(wording.IDENTIFIERS_UNCLEAR)
    return PhiAction(identifiers)


def _check_switches(**switches: Any) -> None:
    for name, switch in switches.items():
        if not isinstance(switch, bool):
            raise ClinicalBlipError(wording.NOT_A_SWITCH.format(name=name))


def _reply(progress: DraftProgress, film_warnings: list[str]) -> dict[str, Any]:
    written = {"findings": progress.report.findings, "impression": progress.report.impression}
    if progress.finished is None:
        return written
    draft = progress.finished.draft
    warnings = dict.fromkeys((*progress.finished.film_warnings, *film_warnings, *draft.warnings))
    reply = draft_to_json(replace(draft, warnings=tuple(warnings)))
    del reply["prompt"]  # no part of this contract: it is long, and the caller knows what it was made of
    return reply | {"draft_id": progress.finished.id, "stopped": draft.stopped}
