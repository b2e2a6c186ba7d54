"""What becomes of a draft: what an edit points to, and the review of it."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import gradio as gr
from pydantic import BaseModel, ConfigDict, Field, Strict

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.feedback.part_rows import part_row
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import ReportError
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy
from clinicalblip.screening.texts import check_texts
from clinicalblip.screening.wording import API
from clinicalblip.web import reviews, wording
from clinicalblip.web.api.inputs import error_boundary, find_draft, of_item, read_list, read_phi_action, read_texts
from clinicalblip.web.api.json_values import change_to_json, sentences_to_json
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.correction import (
    CorrectedReport,
    Correction,
    check_answer,
    correct,
    given_with,
    named_error,
    sentence_key,
    suggested_verdict,
)
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.identity import session_of
from clinicalblip.web.reading import ReadingRefused
from clinicalblip.web.review_form import ReviewForm

_MOST: Final = 200
"""Errors, sentences or remarks of one review that a program may name."""


class Reviewing:
    """The calls about a draft of the same client."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def correction(self, request: gr.Request, draft_id: str, findings: str, impression: str) -> dict[str, Any]:
        """Say what became of a draft in the reader's report, as the page shows it.

        `sentences` are those of the draft (`section`, `start`, `end`, `fate`, and where they stand in the report
        `final_start`, `final_end`), then the reader's own, without a `fate`. `findings` are those that differ, as in
        /compare. `errors` are proposed: each has a `key`, with which /save_review takes the answer, `category`,
        `section`, `start`, `end` and `observation`. `style_edits` and `content_edits` count edits, and `verdict` is the
        one that they come to.
        """
        with error_boundary():
            texts = read_texts(draft_id=draft_id, findings=findings, impression=impression)
            finished = find_draft(session_of(self._app.sessions, request), texts.pop("draft_id"))
            check_texts(texts, self._app.settings.limits)
            corrected = _corrected(finished, Report(**texts))
            return {
                "sentences": [part_row(each) for each in corrected.sentences],
                "findings": [change_to_json(each) for each in corrected.changes],
                "errors": [{"key": key, **part_row(error)} for key, error in corrected.proposals],
                "style_edits": corrected.kinds.style,
                "content_edits": corrected.kinds.content,
                "verdict": str(suggested_verdict(corrected)),
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
        answers: list[dict[str, Any]] | None = None,
        sentences: list[dict[str, Any]] | None = None,
        checks: list[dict[str, Any]] | None = None,
        reading_consent: bool = False,
        reading: dict[str, Any] | None = None,
    ) -> str:
        """Save a review of a draft of the same client and return its id, once it is on disk.

        `findings` and `impression` are the reader's final report. `errors` are those that the reader names: each with
        `category`, and `section`, `start` and `end` of the passage of the draft, none of them for a missing finding;
        `observation` and `significance` where they are known. `answers` are about errors that /correction proposes for
        this report: `key`, `state` ("confirmed" or "discarded"), and where they are said another `category` and the
        `significance`. `sentences` are those of the draft that were decided: `section`, `start`, `decided_by`. `checks`
        are the remarks of /check that were shown: `key`, and whether `dismissed`. Only with `consent` are texts kept,
        and only with `reading_consent` may there be a `reading`, how the study was read: seconds, counts and no words.
        Saving again after a change makes a new review that replaces the one before. `identifiers`: what becomes of
        words in texts to be kept that may name somebody: "mask" or "keep"; without an answer they are refused.
        """
        with error_boundary():
            session = session_of(self._app.sessions, request)
            action = read_phi_action(identifiers)
            texts = read_texts(
                draft_id=draft_id,
                findings=findings,
                impression=impression,
                comment=comment,
                reference_findings=reference_findings,
                reference_impression=reference_impression,
            )
            finished = find_draft(session, texts["draft_id"])
            is_number = isinstance(overall, int | float) and not isinstance(overall, bool)
            if overall is not None and not (is_number and overall in range(1, 6)):
                raise ClinicalBlipError(wording.OVERALL_UNCLEAR)
            if not isinstance(verdict, str) or verdict not in list(Verdict):
                raise ClinicalBlipError(wording.VERDICT_UNCLEAR)
            if not (isinstance(consent, bool) and isinstance(reading_consent, bool)):
                raise ClinicalBlipError(wording.CONSENT_UNCLEAR)
            if reading is not None and not (reading_consent and isinstance(reading, dict)):
                raise ClinicalBlipError(wording.READING_UNCLEAR.format(why="it is an object, with reading_consent"))
            if would_sign is not None and not isinstance(would_sign, bool):
                raise ClinicalBlipError(wording.WOULD_SIGN_UNCLEAR)
            final = Report(texts["findings"], texts["impression"])
            check_texts({name: texts[name] for name in ("findings", "impression")}, self._app.settings.limits)
            done = {
                "draft": finished.id,
                "named": _named(errors, finished.draft.report),
                "errors": _answered(answers, finished, final),
                "sentences": _decided(sentences, finished.draft.report),
                **_checked(checks),
            }
            form = ReviewForm(
                final=final,
                overall=None if overall is None else int(overall),
                would_sign=would_sign,
                correction=json.dumps(done),
                verdict=Verdict(verdict),
                comment=texts["comment"],
                reference=Report(texts["reference_findings"], texts["reference_impression"]),
                consent=consent,
                reading_consent=reading_consent,
                reading="" if reading is None else json.dumps(reading),
            )
            try:
                with session.lock:
                    who = session.signed_in
                    return reviews.save_review(
                        self._app,
                        finished,
                        form,
                        action,
                        door=API,
                        reader=who.pseudonym if who else "",
                        reader_key=who.reader_key if who else None,
                    )
            except ReadingRefused as refused:
                raise ClinicalBlipError(wording.READING_UNCLEAR.format(why=refused.why)) from refused


class _Decision(BaseModel):
    """What decided a sentence of the draft."""

    model_config = ConfigDict(extra="forbid", strict=True)
    section: Annotated[Section, Strict(False)]
    start: int
    decided_by: Annotated[DecidedBy, Strict(False)]


class _Shown(BaseModel):
    """A remark that was shown."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: Annotated[str, Field(max_length=120)]
    dismissed: bool = False


def _named(given: Any, draft: Report) -> list[Mapping[str, Any]]:
    """The errors that the reader names; a passage has one of each category."""
    named: list[ReportError] = []
    errors = read_list("errors", given, most=_MOST)
    for number, each in enumerate(errors):
        with of_item("errors", number):
            named.append(named_error(each, draft))
            if any(named[number].repeats(before) for before in named[:number]):
                raise ValueError("an error before it is of the same passage and category")
    return errors


def _answered(given: Any, finished: FinishedDraft, final: Report) -> dict[str, Mapping[str, Any]]:
    """What the reader says of proposed errors, by their keys."""
    answers = read_list("answers", given, most=_MOST)
    if not answers:
        return {}
    kept: dict[str, Mapping[str, Any]] = {}
    proposed = dict(_corrected(finished, final).proposals)
    for number, each in enumerate(answers):
        with of_item("answers", number):
            key = each.get("key")
            if not isinstance(key, str) or key not in proposed or key in kept:
                raise ValueError("its key is that of an error that /correction proposes for this report, each once")
            kept[key] = {name: value for name, value in each.items() if name != "key"}
            check_answer(proposed[key], kept[key])
    return kept


def _decided(given: Any, draft: Report) -> dict[str, DecidedBy]:
    """What decided sentences of the draft, by their keys."""
    places = {(each["section"], each["start"]) for each in sentences_to_json(draft)}
    decided: dict[str, DecidedBy] = {}
    for number, each in enumerate(read_list("sentences", given, most=_MOST)):
        with of_item("sentences", number):
            decision = _Decision.model_validate(each)
            if (decision.section, decision.start) not in places:
                raise ValueError(f"no sentence of the draft's {decision.section} starts at {decision.start}")
            decided[sentence_key(decision.section, decision.start)] = decision.decided_by
    return decided


def _checked(given: Any) -> dict[str, list[str]]:
    """The keys of the remarks that were shown, and of those put aside."""
    shown: list[_Shown] = []
    for number, each in enumerate(read_list("checks", given, most=_MOST)):
        with of_item("checks", number):
            shown.append(_Shown.model_validate(each))
            if shown[number].key.split(":")[0] not in list(Check):
                raise ValueError("its key is that of a remark of /check")
    return {"shown": [each.key for each in shown], "dismissed": [each.key for each in shown if each.dismissed]}


def _corrected(finished: FinishedDraft, final: Report) -> CorrectedReport:
    return correct(finished.draft.report, final, given_with(finished, Report()), Correction(finished.id))
