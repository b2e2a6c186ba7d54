"""The work list on the page: a message to its script for each change, its markup, and its words."""

import json
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

from clinicalblip.asset_folder import ASSETS
from clinicalblip.screening.pseudonyms import suggest_pseudonym
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.listed_studies import needs_pseudonym
from clinicalblip.web.session import Session
from clinicalblip.web.view.updates import next_number
from clinicalblip.worklist.reading_progress import ReadingState, SkipReason
from clinicalblip.worklist.work_list import ListedStudy


def whole_list(app: AppContext, session: Session) -> dict[str, Any]:
    """A message with all rows in the reader's order, or with a pseudonym to offer where none is chosen yet."""
    if needs_pseudonym(app, session):
        return {"number": next_number(), "offered": suggest_pseudonym()}
    return _message(app, session, app.list_for(session.reader).order_for(session.reader)) | {"whole": True}


def changed_rows(app: AppContext, session: Session, *before: ListedStudy | None) -> dict[str, Any]:
    """A message with the rows of these studies and of the one that is shown, which the script puts in their places."""
    if needs_pseudonym(app, session):
        return {"number": next_number()}
    studies = (study for study in (*before, session.study) if study is not None)
    return _message(app, session, dict.fromkeys(studies))


def _message(app: AppContext, session: Session, studies: Iterable[ListedStudy]) -> dict[str, Any]:
    return {
        "number": next_number(),
        "rows": [_row(session, study) for study in studies],
        "current": session.study.number if session.study else None,
        "progress": progress(app, session),
        "reader": session.reader,
    }


def _row(session: Session, study: ListedStudy) -> dict[str, Any]:
    """A row: the study's number, its state as a value of ReadingState or "fault", a title and a note."""
    reading = session.record.of(study)
    fault = study.fault or session.faults.get(study.number, "")
    skipped = wording.SKIP_REASONS[reading.reason] if reading.reason else ""
    return {
        "number": study.number,
        "state": "fault" if study.fault else reading.state.value,
        "title": study.title,
        "note": fault or skipped or " ".join(study.missing),
    }


def progress(app: AppContext, session: Session) -> str:
    """How many studies are done, and how long the others take at this reader's pace, where that is known."""
    studies = [study for study in app.list_for(session.reader).studies if not study.fault]
    said = wording.PROGRESS.format(done=session.record.done(studies), count=len(studies))
    seconds = session.record.seconds_left(studies)
    if seconds is None:
        return said
    if seconds == 0:
        return wording.PROGRESS_DONE.format(count=len(studies))
    minutes = max(1, round(seconds / 60))
    if minutes >= 120:
        duration = wording.HOURS.format(hours=round(minutes / 60, 1))
    else:
        duration = wording.MINUTES.format(minutes=minutes)
    return wording.PROGRESS_LEFT.format(said=said, duration=duration)


@cache
def list_template() -> str:
    """The list's markup, constant, so that Gradio never draws it again."""
    words = wording.WORK_LIST
    choices = {"": words["all"], **wording.STATES}
    states = "".join(f'<option value="{value}">{escape(label)}</option>' for value, label in choices.items())
    return (
        f'<nav class="cb-list" aria-label="{words["label"]}"><header>'
        f'<button type="button" class="cb-list-fold" aria-expanded="true" title="{words["fold"]}">'
        f'<span>{words["name"]}</span><b class="cb-list-now"></b></button>'
        '<p class="cb-list-progress" role="status"></p></header>'
        '<form class="cb-list-reader" hidden>'
        f"<p>{words['pseudonym_note']}</p><label><span>{words['pseudonym']}</span>"
        '<input name="pseudonym" autocomplete="off" spellcheck="false" maxlength="24"></label>'
        f"<button>{words['begin']}</button></form>"
        '<div class="cb-list-body"><div class="cb-list-tools">'
        f"{_action('previous', '↑')}{_action('next', '↓')}{_action('skip', words['skip_short'])}"
        f'<select aria-label="{words["filter"]}">{states}</select></div>'
        '<ol></ol><p class="cb-list-who"></p></div></nav>'
    )


def _action(name: str, sign: str) -> str:
    says = escape(wording.WORK_LIST[name])
    return f'<button type="button" data-action="{name}" title="{says}" aria-label="{says}">{sign}</button>'


def list_script() -> str:
    """The list's script with its words; Gradio runs it once, when the page is shown."""
    words = {
        **wording.WORK_LIST,
        "states": {**wording.STATES, "fault": wording.FAULT},
        "reasons": {reason.value: wording.SKIP_REASONS[reason] for reason in SkipReason},
    }
    settings = json.dumps({"words": words, "saved": ReadingState.SAVED.value}, ensure_ascii=False)
    return f"const settings = {settings};\n" + (ASSETS / "work_list.js").read_text(encoding="utf-8")
