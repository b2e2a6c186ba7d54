"""The page as a reader of a study sees it: which parts there are, and what stands on the case that is open."""

from dataclasses import asdict
from html import escape

import gradio as gr

from clinicalblip.radiology.report import Report
from clinicalblip.web import wording as page_wording
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.open_case import OpenCase
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.updates import Updates


def fit_layout(components: Components) -> None:
    """Take away what has no place in a study: drafting, other films, the reference, consents and free ratings.

    Of what events still read the value stays as it is, empty.
    """
    context, review = components.context, components.review
    for box in context.boxes:
        box.interactive = False
        box.placeholder = None
    context.box("hints").visible = False
    gone = (context.draft, context.stop, context.new_study, components.reference.reveal)
    ratings = (review.overall, review.would_sign, review.comment, review.consent, review.reading_consent)
    for component in (*gone, *ratings):
        component.visible = False
    review.comment.value = ""  # a box that was never visible has no text at all otherwise
    assert components.case is not None  # noqa: S101 - it is there in a study
    components.case.text.value = _markup(None)
    context.status.value = ""
    components.report.findings.placeholder = None
    review.save.value = wording.SAVE


def case_updates(components: Components, session: Session, *, opening: bool = False) -> Updates:
    """Everything on the page that depends on the case that is open, and on how far the reader is with it.

    `opening`: the case was opened just now, so that it is said where words came along from another browser.
    """
    assert components.case is not None  # noqa: S101 - it is there in a study
    case = session.case if session.study is not None or session.lost_study is not None else None
    shown = session.report.shown if case is not None and case.draft is not None else None
    form = session.boxes.form
    return {
        components.case.text: _markup(case, opening=opening),
        components.case.commit: gr.Button(visible=case is not None and case.waits_for_first),
        **_context(components, session),
        components.ai_draft.draft_id: shown.id if shown else "",
        components.ai_draft.text: shown_draft(case, shown) if case is not None and shown else html.ai_draft(None),
        components.ai_draft.use: gr.Button(interactive=shown is not None and case is not None and not case.is_saved),
        components.ai_draft.restore: gr.Button(visible=session.report.replaced is not None),
        **updates.report_boxes(components, form.final),
        components.review.verdict: gr.Radio(
            value=form.verdict.value if form.verdict else None,
            label=page_wording.VERDICT,
            visible=shown is not None,
        ),
        components.review.correction: form.correction,
        components.review.save: gr.Button(interactive=case is not None and not case.is_saved),
        **_answers(components, session),
    }


def _context(components: Components, session: Session) -> Updates:
    """What is known before, each where there is something: nobody can write into these boxes."""
    texts = asdict(session.boxes.context)
    hidden = components.context.box("hints")
    return {
        box: gr.Textbox(value=text, visible=bool(text) and box is not hidden)
        for box, text in zip(components.context.boxes, texts.values(), strict=True)
    }


def _answers(components: Components, session: Session) -> Updates:
    """The answers that the reader has given, each a radio's value."""
    given: Updates = {}
    for number, question in enumerate(components.review.questions, start=1):
        place = session.boxes.values.get(f"question-{number}", "")
        words = [value for _, value in question.choices]
        is_one = place.isascii() and place.isdigit() and 0 < int(place) <= len(words)
        given[question] = words[int(place) - 1] if is_one else None
    return given


def draft_note(case: OpenCase) -> str:
    """What stands beside the heading of the draft: which model wrote it where the arm shows that."""
    if not case.display.model or case.draft is None:
        return wording.DRAFT_NOTE
    model = case.draft.draft.model
    return wording.DRAFT_BY.format(model=model.base + (f" + {model.adapter}" if model.adapter else ""))


def shown_draft(case: OpenCase, shown: FinishedDraft) -> str:
    """The panel of the draft as it is before anything is compared."""
    return updates.shown_draft(shown, note=draft_note(case))


def _markup(case: OpenCase | None, *, opening: bool = False) -> str:
    """Which case it is and what is to be done; the page's style goes by its attributes, which say what is shown."""
    if case is None:
        return f'<section class="cb-case" data-draft="none"><p>{escape(wording.OPEN_NEXT)}</p></section>'
    title = (wording.TRAINING_CASE if case.is_training else wording.CASE).format(number=case.number, count=case.count)
    if case.is_saved:
        said = wording.LOOKING_BACK
    elif case.waits_for_first:
        said = wording.WRITE_FIRST.format(commit=wording.COMMIT)
    elif case.commits_first:
        said = wording.AFTER_FIRST if case.draft is None else wording.AFTER_FIRST_DRAFT
    else:
        said = wording.WRITE_REPORT if case.draft is None else wording.CORRECT_DRAFT
    if opening and case.is_carried:
        said = f"{wording.CARRIED_OVER} {said}"
    shown = case.display
    attributes = {
        "draft": "none" if case.draft is None else "shown",
        "ticks": "shown" if shown.ticks else "none",
        "evidence": "shown" if shown.evidence else "none",
        "first": "asked" if case.waits_for_first else "none",
        "number": str(case.number),
    }
    data = "".join(f' data-{name}="{value}"' for name, value in attributes.items())
    return f'<section class="cb-case"{data}><h2>{escape(title)}</h2><p role="status">{escape(said)}</p></section>'


def form_of(boxes: tuple[object, ...]) -> ReviewForm:
    """The form as a study saves it: how it was read comes with it, by the study's consent."""
    form = ReviewForm.from_boxes(*boxes)  # type: ignore[arg-type]
    return ReviewForm(
        final=form.final,
        verdict=form.verdict,
        correction=form.correction,
        reading=str(boxes[-1] or ""),
        reading_consent=True,
        reference=Report(),
    )
