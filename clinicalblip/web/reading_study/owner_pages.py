"""The owner's page of a study: how far readers and arms are, what happened, and what can be done; no outcome by arm."""

from collections.abc import Sequence
from html import escape
from typing import Final

from clinicalblip.reader_study.progress import ArmOutcome, ReaderProgress, StudyProgress
from clinicalblip.web.reading_study.forms import form, hidden
from clinicalblip.web.review_pages.documents import Place, paragraph, table
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.served_study import ServedStudy

_EVENTS: Final = 30


def owner_body(
    place: Place,
    study: ServedStudy,
    progress: StudyProgress,
    *,
    said: str = "",
    link: str = "",
    outcomes: Sequence[ArmOutcome] = (),
) -> list[str]:
    """The whole page; `said` is what was just done, `link` one that was just made, `outcomes` those that are shown."""
    done = sum(each.done for each in progress.readers)
    assigned = sum(each.assigned for each in progress.readers)
    tiles = [
        (wording.OWNER_STATE, wording.STUDY_ENDED if progress.has_ended else wording.RUNNING),
        (wording.READERS, wording.OF_ROWS.format(count=len(progress.readers), rows=progress.rows)),
        (wording.CASES_READ, wording.OF.format(done=done, count=assigned)),
        (wording.CASES_OF_STUDY, str(len(study.folder.assignment.cases))),
    ]
    shown = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in tiles)
    body = [_status(said, link), f'<section class="cb-card"><dl class="cb-tiles">{shown}</dl></section>']
    body.append(_section(wording.READERS, _readers(place, progress)))
    body.append(_section(wording.ARMS, _arms(progress) + paragraph(wording.BALANCE, "cb-quiet")))
    body.append(_outcomes(place, study, progress, outcomes))
    body.append(_actions(place, progress))
    body.append(_section(wording.EVENTS, _happened(study)))
    return body


def _status(said: str, link: str) -> str:
    shown = f'<p class="cb-link" tabindex="0">{escape(link)}</p>' if link else ""
    return f'<div class="cb-card" role="status">{paragraph(said)}{shown}</div>' if said else ""


def _readers(place: Place, progress: StudyProgress) -> str:
    if not progress.readers:
        return paragraph(wording.NOBODY)
    header = [wording.READER, wording.CASES_READ, wording.PAIRS, wording.CONSENT, wording.LAST, wording.MEDIAN]
    header += [wording.FLAGS, wording.ALIKE, wording.LINK]
    rows = [[*map(escape, _reader(each)), _link(place, each)] for each in progress.readers]
    return table(header, rows, markup=True) + paragraph(wording.READER_NOTES, "cb-quiet")


def _reader(each: ReaderProgress) -> list[str]:
    enrolment = each.enrolment
    state = wording.HAS_LEFT if enrolment.left else wording.HAS_AGREED if enrolment.consented else wording.NOT_YET
    seconds = "–" if each.active_seconds is None else wording.SECONDS.format(seconds=round(each.active_seconds))
    return [
        enrolment.reader,
        wording.OF.format(done=each.done, count=each.assigned),
        wording.OF.format(done=each.chosen, count=each.pairs) if each.pairs else "–",
        state,
        f"{each.last_day:%Y-%m-%d}" if each.last_day else "–",
        seconds,
        ", ".join(wording.FLAG.format(name=name, count=count) for name, count in each.flags.items()) or "–",
        wording.OF.format(done=each.repeated_alike, count=each.repeated) if each.repeated else "–",
    ]


def _link(place: Place, each: ReaderProgress) -> str:
    if each.enrolment.left is not None:
        return "–"
    inside = hidden(action="link", reader=each.enrolment.reader)
    return form(f"{place.root}/owner/study", wording.MAKE_LINK, inside)


def _arms(progress: StudyProgress) -> str:
    rows = [
        [
            each.arm,
            wording.OF.format(done=each.done, count=each.assigned),
            "–" if each.mean_position is None else f"{each.mean_position:.1f}",
        ]
        for each in progress.arms
    ]
    return table([wording.ARM, wording.CASES_READ, wording.MEAN_POSITION], rows)


def _outcomes(place: Place, study: ServedStudy, progress: StudyProgress, outcomes: Sequence[ArmOutcome]) -> str:
    if outcomes:
        rows = [
            [
                each.arm,
                str(each.readings),
                "–" if each.active_seconds is None else wording.SECONDS.format(seconds=round(each.active_seconds)),
            ]
            for each in outcomes
        ]
        return _section(wording.OUTCOMES, table([wording.ARM, wording.CASES_READ, wording.MEDIAN], rows))
    if not (progress.has_ended or study.design.owner.unblinded_before_end):
        return _section(wording.OUTCOMES, paragraph(wording.NOT_UNBLINDED, "cb-quiet"))
    note = "" if progress.has_ended else paragraph(wording.UNBLIND_NOTE)
    return _section(
        wording.OUTCOMES, note + form(f"{place.root}/owner/study", wording.UNBLIND, hidden(action="unblind"))
    )


def _actions(place: Place, progress: StudyProgress) -> str:
    at = f"{place.root}/owner/study"
    if progress.has_ended:
        return _section(wording.ACTIONS, form(at, wording.EXTEND_STUDY, hidden(action="extend")))
    sure = f'<label><input type="checkbox" name="sure" value="yes" required> {escape(wording.END_QUESTION)}</label>'
    ending = form(at, wording.END_STUDY, hidden(action="end") + sure, look="cb-alarm")
    return _section(wording.ACTIONS, form(at, wording.ADD_READER, hidden(action="add")) + ending)


def _happened(study: ServedStudy) -> str:
    events = list(reversed(study.records.events()))[:_EVENTS]
    if not events:
        return paragraph(wording.NOTHING_HAPPENED)
    rows = [[f"{each.at:%Y-%m-%d %H:%M}", str(each.kind), each.reader or "–", each.detail or "–"] for each in events]
    return table([wording.WHEN, wording.WHAT, wording.READER, wording.DETAIL], rows)


def _section(title: str, inside: str) -> str:
    return f'<section class="cb-card"><h2>{escape(title)}</h2>{inside}</section>'
