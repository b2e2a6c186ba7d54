"""What the page does when somebody presses something: plain functions, which know nothing of Gradio.

Everything that a reader can put right is raised as one of the error family, with a sentence for them.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.draft import Draft, Reporter
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.web import films, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.session import Drafted, Visit

CONTEXT_LABELS = {
    "indication": wording.INDICATION,
    "history": wording.HISTORY,
    "technique": wording.TECHNIQUE,
    "comparison": wording.COMPARISON,
    "prior_report": wording.PRIOR_REPORT,
    "hints": wording.HINTS,
}
_BETWEEN_UPDATES = 0.07  # seconds: a word a frame is enough for the eye, and more would slow the model


@dataclass(frozen=True)
class Progress:
    """How far a draft is. `fill` says that the report's boxes follow it; `drafted` is there at its end."""

    report: Report
    seconds: float
    fill: bool
    drafted: Drafted | None = None

    @property
    def words(self) -> int:
        """How many words stand there."""
        return len(self.report.findings.split()) + len(self.report.impression.split())


def clear_drafts(visit: Visit) -> None:
    """Put the shown draft away: what follows is about another film."""
    with visit.lock:
        visit.shown = None
        visit.filled = Report()
        visit.set_aside = None
        visit.warned = False


def start_again(visit: Visit, final: Report) -> bool:
    """Empty the desk for a new study; False, and nothing done, when there is an unsaved report the first time."""
    with visit.lock:
        if visit.unsaved(final) and not visit.warned:
            visit.warned = True
            return False
        visit.films.clear()
        visit.used_as_is.clear()
        visit.context = ClinicalContext()
        clear_drafts(visit)
        return True


def check_texts(desk: Desk, texts: Mapping[str, str]) -> None:
    """Refuse a text over the settings' limit; `texts` are by the label that the reader sees."""
    allowed = desk.settings.limits.text_characters
    for label, text in texts.items():
        if len(text) > allowed:
            raise ClinicalBlipError(wording.TOO_LONG.format(label=label, found=len(text), allowed=allowed))


def check_context(desk: Desk, context: ClinicalContext) -> None:
    """Refuse a clinical context with a text over the settings' limit."""
    check_texts(desk, context_texts(context))


def context_texts(context: ClinicalContext) -> dict[str, str]:
    """What is known, by the labels of its boxes."""
    return {CONTEXT_LABELS[part.name]: getattr(context, part.name) for part in fields(context)}


def naming_in_context(desk: Desk, visit: Visit, context: ClinicalContext) -> tuple[PhiMatch, ...]:
    """What names somebody in what is known, texts left out that the reader wants used as they are."""
    if not desk.settings.privacy.check_texts:
        return ()
    return phi.find_phi(context_texts(context), as_is=visit.used_as_is)


def use_as_is(desk: Desk, visit: Visit, context: ClinicalContext) -> None:
    """Take the reader's word for exactly these texts."""
    visit.used_as_is.update(named.text for named in naming_in_context(desk, visit, context))


def ask_for_draft(
    desk: Desk, visit: Visit, context: ClinicalContext, *, way_out: str = wording.NAMING_ON_THE_PAGE
) -> int:
    """Take a place in the line for the model and return how many readers are before.

    Raises RadiographError and BurnedInAnnotation for films that cannot be drafted from, or not yet; IdentifiableText
    for a text that may name somebody, with `way_out` as what can be done; and ClinicalBlipError for a text that is too
    long, while this visitor's last draft is still being written, and when the line is full.
    """
    check_context(desk, context)
    if visit.busy:
        raise ClinicalBlipError(wording.BUSY)
    films.look_through(desk, visit)
    films.check_films(visit)
    phi.refuse_phi(naming_in_context(desk, visit, context), way_out)
    waiting = desk.visits.waiting()
    with visit.lock:
        if visit.busy:
            raise ClinicalBlipError(wording.BUSY)
        if waiting >= desk.settings.limits.waiting_readers:
            raise ClinicalBlipError(wording.LINE_FULL.format(count=waiting))
        visit.stop.clear()
        visit.waiting, visit.asked, visit.context = True, time.monotonic(), context
    return desk.visits.before(visit)


def write_draft(desk: Desk, visit: Visit, context: ClinicalContext, final: Report) -> Iterator[Progress]:
    """Have the draft written, and yield it as it grows; the last Progress has `drafted`, unless stopped before.

    `final` is what the report's boxes hold: they follow the draft only where the reader has not changed them.
    Whatever happens, the visitor can ask for a draft again afterwards. Raises ModelError, and what films that were
    changed while waiting are refused with.
    """
    with visit.lock:
        visit.waiting, visit.drafting = False, True
        fill = not visit.edited(final)
    started = time.monotonic()
    try:
        if visit.stop.is_set():
            return
        yield Progress(Report(), 0.0, fill)
        films.look_through(desk, visit)
        with visit.lock:
            films.check_films(visit)
            radiographs, marks = visit.radiographs(), films.marks(visit)
        for written in _paced(desk.reporter, radiographs, context, visit, started):
            if isinstance(written, Draft):
                written = replace(written, warnings=tuple(dict.fromkeys((*written.warnings, *marks))))
                drafted = Drafted(written, context)
                with visit.lock:
                    visit.keep(drafted)
                    visit.shown = drafted
                    if fill:
                        visit.filled = written.report
                yield Progress(written.report, written.seconds, fill, drafted)
            else:
                yield Progress(written, time.monotonic() - started, fill)
    finally:
        with visit.lock:
            visit.drafting = visit.waiting = False
            visit.stop.clear()


def _paced(
    reporter: Reporter, radiographs: tuple[Radiograph, ...], context: ClinicalContext, visit: Visit, started: float
) -> Iterator[Report | Draft]:
    last = 0.0
    stream = reporter.stream(radiographs, context, stop=visit.stop.is_set)
    try:
        for written in stream:
            now = time.monotonic() - started
            if isinstance(written, Draft) or now - last >= _BETWEEN_UPDATES:
                last = now
                yield written
    finally:
        visit.stop.set()  # a page that was closed in the middle frees the model
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def stop_draft(visit: Visit) -> None:
    """End the generation of this visitor's draft, or take them out of the line."""
    with visit.lock:
        if visit.busy:
            visit.stop.set()


def give_up(visit: Visit) -> None:
    """Free a place in the line that the page asked for and never took up."""
    with visit.lock:
        visit.waiting = False


def use_draft(visit: Visit, final: Report) -> Report:
    """The AI draft for the report's boxes; what they held is set aside."""
    with visit.lock:
        if visit.shown is None:
            raise ClinicalBlipError(wording.NOTHING_TO_SAVE)
        visit.set_aside = final if visit.edited(final) else None
        visit.filled = visit.shown.draft.report
        return visit.filled


def restore_text(visit: Visit) -> Report | None:
    """What `use_draft` set aside, if anything."""
    with visit.lock:
        text, visit.set_aside = visit.set_aside, None
        return text
