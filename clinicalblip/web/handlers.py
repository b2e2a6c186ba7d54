"""What the page does when somebody presses something: plain functions, which know nothing of Gradio.

Everything that a reader can put right is raised as one of the error family, with a sentence for them.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime

from clinicalblip.errors import ClinicalBlipError, RadiographError, ReviewNotSaved
from clinicalblip.feedback.compare import count_edits
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.draft import Draft, Reporter
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.settings import Settings
from clinicalblip.web import wording
from clinicalblip.web.cases import Case
from clinicalblip.web.visits import Drafted, Saved, Slot, Visit, Visits

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
class Desk:
    """What the page works with; only the reporter, the store and the list of visits are shared by its visitors."""

    settings: Settings
    reporter: Reporter
    store: ReviewStore
    visits: Visits
    cases: Mapping[str, Case]


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


@dataclass(frozen=True)
class Judgement:
    """What a reader says about a draft, as the page's boxes hold it; ratings are None until chosen."""

    final: Report
    overall: int | None
    verdict: Verdict | None
    comment: str = ""
    reference: Report = field(default_factory=Report)
    consent: bool = False


def load_film(desk: Desk, visit: Visit, slot: Slot, data: bytes) -> Radiograph:
    """Read a film into its slot; the film that was there stays if this one cannot be read. Raises RadiographError
    and PrivacyError."""
    radiograph = _read_for(desk, slot, data)
    with visit.lock:
        visit.films[slot] = radiograph
    return radiograph


def _read_for(desk: Desk, slot: Slot, data: bytes) -> Radiograph:
    radiograph = read_radiograph(
        data,
        limits=desk.settings.limits,
        allow_burned_in=desk.settings.privacy.allow_burned_in,
        view=View.LATERAL if slot is Slot.LATERAL else None,
    )
    if slot is Slot.FRONTAL and radiograph.view is View.UNKNOWN:
        return radiograph.with_view(View.FRONTAL)
    if slot is Slot.FRONTAL and radiograph.view is View.LATERAL:
        warnings = (*radiograph.warnings, wording.IN_FRONTAL_SLOT)
        return replace(radiograph, view=View.FRONTAL, warnings=warnings)
    return radiograph


def remove_film(visit: Visit, slot: Slot) -> None:
    """Take a film out of its slot."""
    with visit.lock:
        visit.films.pop(slot, None)


def load_case(desk: Desk, visit: Visit, case_id: str) -> tuple[Case, dict[Slot, Radiograph]]:
    """Put a sample case's films into their slots, and nothing else into the others."""
    case = desk.cases.get(case_id)
    if case is None:
        raise ClinicalBlipError(wording.UNKNOWN_CASE)
    films = {slot: _read_for(desk, slot, path.read_bytes()) for slot, path in case.films.items()}
    with visit.lock:
        visit.films.clear()
        visit.films.update(films)
    return case, films


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
    check_texts(desk, {CONTEXT_LABELS[part.name]: getattr(context, part.name) for part in fields(context)})


def ask_for_draft(desk: Desk, visit: Visit, context: ClinicalContext) -> int:
    """Take a place in the line for the model and return how many readers are before.

    Raises RadiographError without a frontal film, and ClinicalBlipError for a text that is too long, while this
    visitor's last draft is still being written, and when the line is full.
    """
    check_context(desk, context)
    waiting = desk.visits.waiting()
    with visit.lock:
        if visit.busy:
            raise ClinicalBlipError(wording.BUSY)
        if Slot.FRONTAL not in visit.films:
            raise RadiographError(wording.NO_FRONTAL)
        if waiting >= desk.settings.limits.waiting_readers:
            raise ClinicalBlipError(wording.LINE_FULL.format(count=waiting))
        visit.stop.clear()
        visit.waiting, visit.asked = True, time.monotonic()
    return desk.visits.before(visit)


def write_draft(desk: Desk, visit: Visit, context: ClinicalContext, final: Report) -> Iterator[Progress]:
    """Have the draft written, and yield it as it grows; the last Progress has `drafted`, unless stopped before.

    `final` is what the report's boxes hold: they follow the draft only where the reader has not changed them.
    Whatever happens, the visitor can ask for a draft again afterwards. Raises ModelError.
    """
    with visit.lock:
        visit.waiting, visit.drafting = False, True
        films = visit.radiographs()
        fill = not visit.edited(final)
    started = time.monotonic()
    try:
        if visit.stop.is_set():
            return
        yield Progress(Report(), 0.0, fill)
        for written in _paced(desk.reporter, films, context, visit, started):
            if isinstance(written, Draft):
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
    reporter: Reporter, films: tuple[Radiograph, ...], context: ClinicalContext, visit: Visit, started: float
) -> Iterator[Report | Draft]:
    last = 0.0
    stream = reporter.stream(films, context, stop=visit.stop.is_set)
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


def check_reports(desk: Desk, final: Report, reference: Report) -> None:
    """Refuse a final or reference report with a text over the settings' limit."""
    check_texts(desk, _report_texts(final, reference))


def _report_texts(final: Report, reference: Report) -> dict[str, str]:
    return {
        wording.FINDINGS: final.findings,
        wording.IMPRESSION: final.impression,
        wording.REFERENCE_FINDINGS: reference.findings,
        wording.REFERENCE_IMPRESSION: reference.impression,
    }


def review_shown(desk: Desk, visit: Visit, judgement: Judgement) -> str:
    """Save the review of the draft that the page shows, and return the sentence that says so."""
    with visit.lock:
        if visit.shown is None:
            raise ReviewNotSaved(wording.NOTHING_TO_SAVE)
        before = visit.shown.saved
        identifier = save_review(desk, visit.shown, judgement)
        visit.kept = judgement.final
    if before is None:
        return wording.SAVED.format(id=identifier)
    if before.id == identifier:
        return wording.SAVED_BEFORE.format(id=identifier)
    return wording.SAVED_AGAIN.format(id=identifier, replaces=before.id)


def save_review(desk: Desk, drafted: Drafted, judgement: Judgement) -> str:
    """Save the review of a draft and return its id once it is on disk.

    The same judgement saved again is not stored twice; a changed one becomes a new row that names the one it
    replaces. Raises ReviewNotSaved.
    """
    texts = _report_texts(judgement.final, judgement.reference) | {wording.COMMENT: judgement.comment}
    check_texts(desk, texts)
    if judgement.overall is None or judgement.verdict is None:
        raise ReviewNotSaved(wording.RATE_FIRST)
    content = (judgement.overall, judgement.verdict, judgement.consent, *texts.values())
    if drafted.saved is not None and drafted.saved.content == content:
        return drafted.saved.id
    draft, now = drafted.draft, datetime.now(UTC)
    edits = count_edits(draft.report, judgement.final)
    kept = ReviewTexts(drafted.context, draft.report, judgement.final, judgement.reference, judgement.comment)
    review = Review(
        draft=draft,
        verdict=judgement.verdict,
        overall=judgement.overall,
        created=now,
        words_added=edits.words_added,
        words_removed=edits.words_removed,
        editing_seconds=max(0.0, (now - drafted.ended).total_seconds()),
        texts=kept if judgement.consent else None,
        replaces=drafted.saved.id if drafted.saved else None,
    )
    identifier = desk.store.add(review)
    drafted.saved = Saved(identifier, content)
    return identifier
