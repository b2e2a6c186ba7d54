"""What becomes of a reader's review: screened for names, masked where that was asked for, and kept."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.comparison import count_edits
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review, ReviewTexts
from clinicalblip.screening import phi
from clinicalblip.screening.phi import PhiAction, PhiMatch
from clinicalblip.screening.texts import check_texts, context_texts
from clinicalblip.screening.wording import PAGE, Door
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.correction import Correction, check_outcomes, correct, given_with
from clinicalblip.web.drafts import FinishedDraft, SavedReview
from clinicalblip.web.handlers import draft_on_page
from clinicalblip.web.metrics import count_saved
from clinicalblip.web.reading import read_reading
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session


def check_reports(app: AppContext, final: Report, reference: Report) -> None:
    """Refuse a final or reference report with a text over the settings' limit."""
    check_texts(_report_texts(final, reference), app.settings.limits)


def _report_texts(final: Report, reference: Report) -> dict[str, str]:
    return {
        wording.FINDINGS: final.findings,
        wording.IMPRESSION: final.impression,
        wording.REFERENCE_FINDINGS: reference.findings,
        wording.REFERENCE_IMPRESSION: reference.impression,
    }


def mask_form(form: ReviewForm) -> ReviewForm:
    """The form with its texts masked."""
    return replace(
        form,
        final=phi.mask_report(form.final),
        reference=phi.mask_report(form.reference),
        comment=phi.mask_phi(form.comment),
    )


def phi_in_review(app: AppContext, finished: FinishedDraft, form: ReviewForm) -> tuple[PhiMatch, ...]:
    """What may identify a person in the texts that a review would keep; without consent it keeps none."""
    if not (form.consent and app.settings.privacy.check_texts):
        return ()
    kept = _kept(finished, form)
    texts = context_texts(kept.context) | {
        f"{wording.AI_DRAFT}, {wording.FINDINGS}": kept.draft.findings,
        f"{wording.AI_DRAFT}, {wording.IMPRESSION}": kept.draft.impression,
        **_report_texts(kept.final, kept.reference),
        wording.COMMENT: kept.comment,
    }
    return phi.find_phi(texts, as_is=finished.kept_as_is)


def keep_as_is(app: AppContext, finished: FinishedDraft, form: ReviewForm) -> None:
    """Remember that the reader wants exactly these texts kept as they are."""
    finished.kept_as_is.update(match.text for match in phi_in_review(app, finished, form))


def _kept(finished: FinishedDraft, form: ReviewForm) -> ReviewTexts:
    context, report = finished.context, finished.draft.report
    if finished.masked:
        context, report = phi.mask_context(context), phi.mask_report(report)
    return ReviewTexts(context, report, form.final, form.reference, form.comment)


def review_shown(
    app: AppContext, session: Session, draft_id: str, form: ReviewForm, action: PhiAction = PhiAction.ASK
) -> str:
    """Save the review of the draft that the page shows, and return the sentence that says so.

    Raises ReviewNotSaved while a draft is being written into the reader's boxes, and where the films are others than
    the draft's.
    """
    with session.lock:
        if session.draft.filling:
            raise ReviewNotSaved(wording.SAVE_WHILE_WRITING)
        finished = draft_on_page(session, draft_id)
        if finished.film_digests != session.film_digests():
            raise ReviewNotSaved(wording.OTHER_FILM)
        before = finished.saved
        identifier = save_review(
            app,
            finished,
            form,
            action,
            reader=session.reader,
            reader_key=session.reader_key or None,
            study=_kept_study(app, session),
            origins=origins_of(session, form, action),
            was_open_before=session.study is not None and session.opened_before,
            begun=lambda: app.sessions.keep(session),  # sent again after a restart it is the same review
        )
        saved = replace(form, reading="")
        session.report.last_saved = mask_form(saved) if action is PhiAction.MASK else saved
    if before is None:
        return wording.SAVED.format(id=identifier)
    if before.id == identifier:
        return wording.SAVED_BEFORE.format(id=identifier)
    return _said_again(before, form).format(id=identifier, replaces=before.id)


def _said_again(before: SavedReview, form: ReviewForm) -> str:
    """The sentence of a review that was saved before, and of what was erased of the versions before."""
    if before.with_texts and not form.consent:
        return wording.SAVED_WITHOUT_TEXTS
    if before.with_reading and not form.reading_consent:
        return wording.SAVED_WITHOUT_READING
    return wording.SAVED_AGAIN


def origins_of(session: Session, form: ReviewForm, action: PhiAction) -> Mapping[Origin, int]:
    """How the characters of the report came in; what was typed as it was saved is no step of the history yet."""
    final = Report(replace_surrogates(form.final.findings), replace_surrogates(form.final.impression))
    origin = Origin.FILLED_IN if action is PhiAction.MASK else Origin.TYPED
    return session.boxes.history.origins_at(final, origin).count()


def _kept_study(app: AppContext, session: Session) -> str:
    return "" if session.study is None or app.work_list.is_sample else session.study.digest


def save_review(
    app: AppContext,
    finished: FinishedDraft,
    form: ReviewForm,
    action: PhiAction = PhiAction.ASK,
    *,
    door: Door = PAGE,
    reader: str = "",
    reader_key: str | None = None,
    study: str = "",
    origins: Mapping[Origin, int] | None = None,
    was_open_before: bool = False,
    begun: Callable[[], object] = lambda: None,
) -> str:
    """Save the review of a draft and return its id once it is on disk; `reader`, `reader_key` and `study` are
    those of `Review`.

    The same review saved again is not stored twice; a changed one becomes a new row that names the one it replaces.
    Without a consent that a version before had, the texts and readings of all versions are erased first. `origins` and
    `was_open_before` are those of `read_reading`.
    `action` says what becomes of texts to be kept that may identify a person. Without one, IdentifiableText is
    raised, in the words of `door`. `begun` is called before anything is written. Raises ReviewNotSaved.
    """
    texts = _report_texts(form.final, form.reference) | {wording.COMMENT: form.comment}
    check_texts(texts, app.settings.limits)
    verdict = form.verdict
    if verdict is None:
        raise ReviewNotSaved(wording.RATE_FIRST)
    if action is PhiAction.MASK:
        form, finished.masked = mask_form(form), True
    elif action is PhiAction.KEEP:
        keep_as_is(app, finished, form)
    phi.refuse_phi(phi_in_review(app, finished, form), door)
    texts = _report_texts(form.final, form.reference) | {wording.COMMENT: form.comment}
    correction = Correction.read(form.correction, finished.id, finished.draft.report)
    content = (
        *(form.overall, verdict, form.would_sign, form.consent, form.reading_consent, finished.masked),
        *texts.values(),
        correction.decisions,
    )
    if finished.saved is not None and not app.store.has(finished.saved.id):
        finished.saved = None  # the reviews file was removed or replaced: the review is saved as new
    if finished.saved is not None and finished.saved.content == content:
        return finished.saved.id
    if finished.saving is None or finished.saving[0] != content:
        finished.saving, finished.saving_reading = (content, datetime.now(UTC)), None
    now = finished.saving[1]
    draft = phi.mask_draft(finished.draft, finished.context) if finished.masked else finished.draft
    edits = count_edits(draft.report, form.final)
    same_words = draft.report == finished.draft.report  # places in a draft that had to be masked are others
    answers = correction if same_words else Correction(finished.id)
    corrected = correct(draft.report, form.final, given_with(finished, form.reference), answers)
    if finished.saving_reading is None:
        reading = read_reading(
            form.reading,
            finished.id,
            corrected,
            draft=draft.report,
            final=form.final,
            verdict=verdict,
            characters=origins,
            was_open_before=was_open_before,
        )
        if reading is not None and not same_words:
            reading = replace(reading, sentence_seconds=(), error_seconds=())
        finished.saving_reading = reading
    begun()
    review = Review(
        draft=draft,
        verdict=verdict,
        overall=form.overall,
        would_sign=form.would_sign,
        created=now,
        words_added=edits.words_added,
        words_removed=edits.words_removed,
        editing_seconds=max(0.0, (now - finished.finished_at).total_seconds()),
        texts=_kept(finished, form) if form.consent else None,
        replaces=finished.saved.id if finished.saved else None,
        reader=reader or None,
        reader_key=reader_key,
        study=study or None,
        style_edits=corrected.kinds.style,
        content_edits=corrected.kinds.content,
        sentences=corrected.sentences,
        errors=corrected.errors,
        checks=check_outcomes(correction),
        reading=finished.saving_reading,
    )
    before = finished.saved
    with_texts, with_reading = (before.with_texts, before.with_reading) if before else (False, False)
    if before and ((with_texts and not form.consent) or (with_reading and not form.reading_consent)):
        app.store.forget(before.id)
        with_texts = with_reading = False
    identifier = app.store.add(review)
    count_saved()
    finished.saved = SavedReview(
        identifier, content, with_texts or form.consent, with_reading or review.reading is not None
    )
    finished.saving_reading = None
    return identifier
