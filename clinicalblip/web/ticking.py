"""What the page does when a reader ticks: the report's text changes with it, as one step of its history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.document_json import finding_from_json
from clinicalblip.structured_report.impression import make_impression
from clinicalblip.structured_report.origins import Origin
from clinicalblip.structured_report.row_changes import Part
from clinicalblip.web import wording
from clinicalblip.web.report_history import Step
from clinicalblip.web.session import Session


class TickAction(StrEnum):
    """What was asked for: how the report is ticked, a change of a row, normal sentences, or an impression."""

    SHOW = "show"
    TICK = "tick"
    FILL_IN = "fill in"
    IMPRESSION = "impression"


@dataclass(frozen=True)
class Ticked:
    """The report after it was ticked: `step` is None where nothing changed, and `said` then says why, if it has to.

    `ticked`: what the row that was changed says now.
    """

    document: Document
    report: Report
    step: Step | None = None
    said: str = ""
    ticked: Finding | None = None


def tick_report(session: Session, asked: Mapping[str, Any], number: int, *, most_characters: int) -> Ticked | None:
    """Do what the page asks, and give the report as it then stands; None while a draft is written into it.

    `asked` has an `action`, and for a tick the `observation`, the `finding` that the row says or None, and the `part`
    that becomes `value`. What the page sent of the report before `number` changes nothing any more. ValueError,
    KeyError or TypeError for what no page of ours asks.
    """
    action = TickAction(asked["action"])
    with session.lock:
        if session.draft.filling:
            return None
        boxes = session.boxes
        before = boxes.report
        document = boxes.ticked.of(before.findings)
        new: Finding | None = None
        try:
            if action is TickAction.TICK:
                now = None if asked["finding"] is None else finding_from_json(asked["finding"])
                if now is not None and now not in document.ticked:
                    return Ticked(document, before, said=wording.TICK_BEHIND)
                new = boxes.ticked.change_row(
                    now, Observation(asked["observation"]), Part(asked["part"]), str(asked["value"])
                )
                changed = document.tick(now, new)
            else:
                changed = document.fill_in() if action is TickAction.FILL_IN else document
        except FindingNotWritten as error:
            return Ticked(document, before, said=str(error))
        after = replace(before, findings=changed.text)
        if action is TickAction.IMPRESSION:
            after = replace(after, impression=make_impression(document.ticked))
        if len(after.findings) > most_characters:
            return Ticked(document, before, said=wording.TOO_LONG_TO_KEEP)
        if after == before:
            said = wording.ALL_MENTIONED if action is TickAction.FILL_IN else ""
            return Ticked(document, before, said=said, ticked=new)
        boxes.ticked.keep(changed)
        origin = Origin.TICKED if action is TickAction.TICK else Origin.FILLED_IN
        boxes.fill(after, origin, number)
        return Ticked(changed, after, Step.between(before, after, origin), ticked=new)
