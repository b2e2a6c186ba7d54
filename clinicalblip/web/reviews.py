"""What becomes of a reader's judgement: looked through, masked where that was asked for, and kept."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.comparison import count_edits
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction, PhiMatch
from clinicalblip.web import wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.handlers import check_texts, context_texts
from clinicalblip.web.session import Drafted, Saved, Visit


@dataclass(frozen=True)
class Judgement:
    """What a reader says about a draft, as the page's boxes hold it; ratings are None until chosen."""

    final: Report
    overall: int | None
    verdict: Verdict | None
    comment: str = ""
    reference: Report = field(default_factory=Report)
    consent: bool = False


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


def masked_judgement(judgement: Judgement) -> Judgement:
    """A judgement whose texts name nobody."""
    return replace(
        judgement,
        final=phi.mask_report(judgement.final),
        reference=phi.mask_report(judgement.reference),
        comment=phi.mask_phi(judgement.comment),
    )


def naming_in_review(desk: Desk, drafted: Drafted, judgement: Judgement) -> tuple[PhiMatch, ...]:
    """What names somebody in the texts that a review would keep: none without consent."""
    if not (judgement.consent and desk.settings.privacy.check_texts):
        return ()
    kept = _kept(drafted, judgement)
    texts = context_texts(kept.context) | {
        f"{wording.AI_DRAFT}, {wording.FINDINGS}": kept.draft.findings,
        f"{wording.AI_DRAFT}, {wording.IMPRESSION}": kept.draft.impression,
        **_report_texts(kept.final, kept.reference),
        wording.COMMENT: kept.comment,
    }
    return phi.find_phi(texts, as_is=drafted.kept_as_is)


def keep_as_is(desk: Desk, drafted: Drafted, judgement: Judgement) -> None:
    """Take the reader's word for exactly these texts."""
    drafted.kept_as_is.update(named.text for named in naming_in_review(desk, drafted, judgement))


def _kept(drafted: Drafted, judgement: Judgement) -> ReviewTexts:
    context, report = drafted.context, drafted.draft.report
    if drafted.masks:
        context, report = phi.mask_context(context), phi.mask_report(report)
    return ReviewTexts(context, report, judgement.final, judgement.reference, judgement.comment)


def review_shown(desk: Desk, visit: Visit, judgement: Judgement, answer: PhiAction = PhiAction.ASK) -> str:
    """Save the review of the draft that the page shows, and return the sentence that says so."""
    with visit.lock:
        if visit.shown is None:
            raise ReviewNotSaved(wording.NOTHING_TO_SAVE)
        before = visit.shown.saved
        identifier = save_review(desk, visit.shown, judgement, answer)
        visit.kept = judgement.final
    if before is None:
        return wording.SAVED.format(id=identifier)
    if before.id == identifier:
        return wording.SAVED_BEFORE.format(id=identifier)
    return wording.SAVED_AGAIN.format(id=identifier, replaces=before.id)


def save_review(
    desk: Desk,
    drafted: Drafted,
    judgement: Judgement,
    answer: PhiAction = PhiAction.ASK,
    *,
    way_out: str = wording.NAMING_ON_THE_PAGE,
) -> str:
    """Save the review of a draft and return its id once it is on disk.

    The same judgement saved again is not stored twice; a changed one becomes a new row that names the one it
    replaces. `answer` says what becomes of texts that may name somebody: without one, and where they would be kept,
    IdentifiableText is raised, with `way_out` as what can be done. Raises ReviewNotSaved.
    """
    check_texts(desk, _report_texts(judgement.final, judgement.reference) | {wording.COMMENT: judgement.comment})
    overall, verdict = judgement.overall, judgement.verdict
    if overall is None or verdict is None:
        raise ReviewNotSaved(wording.RATE_FIRST)
    if answer is PhiAction.MASK:
        judgement, drafted.masks = masked_judgement(judgement), True
    elif answer is PhiAction.KEEP:
        keep_as_is(desk, drafted, judgement)
    phi.refuse_phi(naming_in_review(desk, drafted, judgement), way_out)
    texts = _report_texts(judgement.final, judgement.reference) | {wording.COMMENT: judgement.comment}
    content = (overall, verdict, judgement.consent, drafted.masks, *texts.values())
    if drafted.saved is not None and drafted.saved.content == content:
        return drafted.saved.id
    now = datetime.now(UTC)
    draft = phi.mask_draft(drafted.draft, drafted.context) if drafted.masks else drafted.draft
    edits = count_edits(drafted.draft.report, judgement.final)
    review = Review(
        draft=draft,
        verdict=verdict,
        overall=overall,
        created=now,
        words_added=edits.words_added,
        words_removed=edits.words_removed,
        editing_seconds=max(0.0, (now - drafted.ended).total_seconds()),
        texts=_kept(drafted, judgement) if judgement.consent else None,
        replaces=drafted.saved.id if drafted.saved else None,
    )
    identifier = desk.store.add(review)
    drafted.saved = Saved(identifier, content)
    return identifier
