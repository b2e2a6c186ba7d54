"""The page's API for programs: /draft, /compare and /save_review, as gradio_client calls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Literal

import gradio as gr
from gradio.events import api

from clinicalblip.errors import BurnedInAnnotation, ClinicalBlipError, UnsupportedRadiograph
from clinicalblip.feedback.comparison import compare_words, count_edits
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction
from clinicalblip.web import films, handlers, reviews, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.handlers import Progress
from clinicalblip.web.request_info import receive_film, sentence_of, session_of
from clinicalblip.web.reviews import Judgement
from clinicalblip.web.session import Slot, TextQuestion, Visit

Film = dict[str, Any]
"""An uploaded file as gradio_client's handle_file makes it."""


def add_api(desk: Desk, *, concurrency_id: str) -> None:
    """Add the three names to the page that is being built; drafts share the page's line for the model."""

    def draft(
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
        with _told():
            visit = desk.visits.of(session_of(request))
            _take_films(desk, visit, {Slot.FRONTAL: frontal, Slot.LATERAL: lateral, Slot.PRIOR: prior})
            answer = _answer_of(identifiers)
            _check_switches(mask_text=mask_text, despite_doubts=despite_doubts)
            seen = _settle_films(desk, visit, mask_text=mask_text, despite_doubts=despite_doubts)
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
            handlers.check_context(desk, context)
            if answer is PhiAction.MASK:
                context = phi.mask_context(context)
            elif answer is PhiAction.KEEP:
                handlers.use_as_is(desk, visit, context)
            handlers.ask_for_draft(desk, visit, context, way_out=wording.NAMING_IN_API)
            for progress in handlers.write_draft(desk, visit, context, Report()):
                yield _answer(progress, visit, seen)

    def compare(before: str, after: str) -> dict[str, Any]:
        """Compare two texts word by word: `changes` (kind, before, after), `words_added` and `words_removed`."""
        with _told():
            texts = _texts(before=before, after=after)
            handlers.check_texts(desk, texts)
            edits = count_edits(Report(texts["before"]), Report(texts["after"]))
            return {
                "changes": [asdict(change) for change in compare_words(texts["before"], texts["after"])],
                "words_added": edits.words_added,
                "words_removed": edits.words_removed,
            }

    def save_review(
        request: gr.Request,
        draft_id: str,
        findings: str,
        impression: str,
        overall: int,
        verdict: Literal["accepted", "minor edits", "major edits", "rejected"],
        comment: str = "",
        consent: bool = False,
        reference_findings: str = "",
        reference_impression: str = "",
        identifiers: Literal["", "mask", "keep"] = "",
    ) -> str:
        """Save a review of a draft of the same client and return its id, once it is on disk.

        `findings` and `impression` are the reader's final report. Only with `consent` are texts kept. Saving
        again after a change makes a new review that replaces the one before. `identifiers`: what becomes of words in
        texts to be kept that may name somebody: "mask" or "keep"; without an answer they are refused.
        """
        with _told():
            visit = desk.visits.of(session_of(request))
            answer = _answer_of(identifiers)
            texts = _texts(
                draft=draft_id,
                findings=findings,
                impression=impression,
                comment=comment,
                reference_findings=reference_findings,
                reference_impression=reference_impression,
            )
            drafted = visit.drafts.get(texts["draft"])
            if drafted is None:
                raise ClinicalBlipError(wording.DRAFT_GONE)
            if isinstance(overall, bool) or overall not in range(1, 6) or verdict not in list(Verdict):
                raise ClinicalBlipError(wording.RATE_FIRST)
            if not isinstance(consent, bool):
                raise ClinicalBlipError(wording.CONSENT_UNCLEAR)
            judgement = Judgement(
                final=Report(texts["findings"], texts["impression"]),
                overall=overall,
                verdict=Verdict(verdict),
                comment=texts["comment"],
                reference=Report(texts["reference_findings"], texts["reference_impression"]),
                consent=consent,
            )
            with visit.lock:
                return reviews.save_review(desk, drafted, judgement, answer, way_out=wording.NAMING_IN_API)

    api(draft, api_name="draft", concurrency_limit=1, concurrency_id=concurrency_id)
    api(compare, api_name="compare", queue=False)
    api(save_review, api_name="save_review", queue=False)


@contextmanager
def _told() -> Iterator[None]:
    """Errors become one sentence for the caller, without a traceback on either side."""
    try:
        yield
    except Exception as error:
        raise gr.Error(sentence_of(error), print_exception=False) from None


def _texts(**texts: Any) -> dict[str, str]:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ClinicalBlipError(wording.NOT_A_TEXT.format(name=name, kind=type(text).__name__))
    return texts


def _take_films(desk: Desk, visit: Visit, uploads: dict[Slot, Any]) -> None:
    """Read what was uploaded. Every file is deleted, also where another one cannot be read."""
    data: dict[Slot, bytes] = {}
    problem: Exception | None = None
    for slot, upload in uploads.items():
        if upload:
            try:
                data[slot] = receive_film(desk, upload)
            except ClinicalBlipError as error:
                problem = problem or error
    if problem:
        raise problem
    for slot in Slot:
        films.remove_film(visit, slot)
    for slot, content in data.items():
        films.load_film(desk, visit, slot, content)


def _settle_films(desk: Desk, visit: Visit, *, mask_text: bool, despite_doubts: bool) -> list[str]:
    """Answer for the reader what the page would ask, as the caller said; returns what the draft has to warn of."""
    warnings = []
    tag_allowed = desk.settings.privacy.allow_burned_in
    for slot, held in visit.films.items():
        if held.film.says_burned_in and not (tag_allowed or mask_text):
            raise BurnedInAnnotation(wording.FILM_TAG_IN_API.format(slot=wording.film_name(slot)))
    films.look_through(desk, visit)
    for slot, held in list(visit.films.items()):
        name = wording.film_name(slot)
        if held.question is TextQuestion.SAID:
            raise BurnedInAnnotation(wording.FILM_TAG_UNFOUND.format(slot=name))
        if held.question is TextQuestion.FOUND and mask_text:
            films.mask_text(desk, visit, slot, held.id)
        elif held.question is TextQuestion.FOUND:
            films.let_text_be(desk, visit, slot, held.id)
            where = wording.places(len(held.texts))
            warnings.append(wording.TEXT_UNMASKED_IN_API.format(slot=name, places=where))
        doubts = visit.films[slot].doubts
        if doubts and not despite_doubts:
            raise UnsupportedRadiograph(wording.DOUBT_IN_API.format(slot=name, doubts=" ".join(doubts)))
        films.overrule(visit, slot, held.id)
    return warnings


def _answer_of(identifiers: Any) -> PhiAction:
    if not isinstance(identifiers, str) or identifiers not in list(PhiAction):
        raise ClinicalBlipError(wording.IDENTIFIERS_UNCLEAR)
    return PhiAction(identifiers)


def _check_switches(**switches: Any) -> None:
    for name, switch in switches.items():
        if not isinstance(switch, bool):
            raise ClinicalBlipError(wording.NOT_A_SWITCH.format(name=name))


def _answer(progress: Progress, visit: Visit, seen: list[str]) -> dict[str, Any]:
    written = {"findings": progress.report.findings, "impression": progress.report.impression}
    if progress.drafted is None:
        return written
    draft = progress.drafted.draft
    return written | {
        "draft_id": progress.drafted.id,
        "base": draft.model.base,
        "adapter": draft.model.adapter,
        "precision": draft.model.precision,
        "prompt_version": draft.model.prompt_version,
        "tokens": draft.tokens,
        "seconds": draft.seconds,
        "stopped": draft.stopped,
        "warnings": list(dict.fromkeys((*_film_warnings(visit), *seen, *draft.warnings))),
    }


def _film_warnings(visit: Visit) -> Iterator[str]:
    for film in visit.radiographs():
        yield from film.warnings
