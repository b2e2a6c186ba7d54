"""The open case for programs that read as a reader, as plain values: the same functions as the page's."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening.phi import PhiAction
from clinicalblip.screening.wording import API
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.reading_study import cases
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.questions import options
from clinicalblip.web.session import Session


class _Final(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    findings: str = ""
    impression: str = ""


class _Said(BaseModel):
    """What a program sends: a first impression, or all that a case is saved with."""

    model_config = ConfigDict(extra="forbid")

    number: int
    first: _Final | None = None
    first_seconds: float | None = None
    final: _Final | None = None
    verdict: Verdict | None = None
    answers: dict[str, int | str] = Field(default_factory=dict)
    reading: dict[str, Any] | None = None
    identifiers: PhiAction = PhiAction.ASK


def current_case(app: AppContext, session: Session) -> dict[str, Any]:
    """The case that the reader is at, opened where it is not yet; `number` is None where all are read.

    `first_asked`: an impression has to be committed first. `draft_id`, `findings` and `impression` are those of the
    draft that is shown, None where there is none. `questions` have a `name`, a `text` and their `answers`. Raises
    ClinicalBlipError.
    """
    study = cases.study_of(app)
    number = study.next_number(session.reader)
    count = len(study.list_for(session.reader).studies)
    if number is None:
        return {"number": None, "count": count}
    if session.case is None or session.case.number != number or session.study is None:
        cases.open_case(app, session, number)
    with session.lock:
        case, context = session.case, session.boxes.context
        if case is None:  # it was signed out meanwhile
            raise ClinicalBlipError(wording.NO_CASE_OPEN)
        report = case.draft.draft.report if case.draft else None
        return {
            "number": case.number,
            "count": case.count,
            "training": case.is_training,
            "context": {name: text for name, text in asdict(context).items() if text},
            "first_asked": case.waits_for_first,
            "draft_id": case.draft.id if case.draft else None,
            "findings": report.findings if report else None,
            "impression": report.impression if report else None,
            "questions": [
                {"name": each.name, "text": each.text, "answers": options(each)} for each in study.design.questions.case
            ],
        }


def read_case(app: AppContext, session: Session, body: bytes) -> dict[str, Any]:
    """Commit an impression, or save the case; gives what was said, and the case that then is current.

    Raises ClinicalBlipError, and nothing is saved.
    """
    said = _read(body)
    case = session.case
    if case is None or case.number != said.number:
        raise ClinicalBlipError(wording.NO_CASE_OPEN)
    if said.first is not None:
        cases.commit_first(app, session, Report(said.first.findings, said.first.impression), said.first_seconds)
        return {"said": "", **current_case(app, session)}
    if said.final is None:
        raise ClinicalBlipError(wording.UNCLEAR.format(name="final", why="it is needed, with findings and impression"))
    form = ReviewForm(
        final=Report(said.final.findings, said.final.impression),
        verdict=said.verdict,
        reading="" if said.reading is None else json.dumps(said.reading),
    )
    shown = case.draft.id if case.draft else ""
    sentence = cases.save_case(app, session, shown, form, said.answers, said.identifiers, door=API)
    return {"said": sentence}


def _read(body: bytes) -> _Said:
    try:
        given = json.loads(body)
        if not isinstance(given, Mapping):
            raise ValueError
    except (ValueError, RecursionError) as error:
        raise ClinicalBlipError(wording.NOT_JSON) from error
    try:
        return _Said.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise ClinicalBlipError(wording.UNCLEAR.format(name=name, why=first["msg"].lower())) from error
