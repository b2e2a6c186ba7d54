"""How sure the model is of a draft, as HTML: a mark beside each sentence, and what it would say otherwise."""

from collections.abc import Collection, Sequence
from html import escape

from clinicalblip.proofreading.confidence import (
    WeighedFinding,
    WeighedSentence,
    doubted,
    unmentioned,
    weigh_sentences,
)
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.settings import ScoreSettings
from clinicalblip.web import wording
from clinicalblip.web.correction import sentence_key
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.view.correction import finding_words

_NO_BREAK = "\u2060"  # so that a mark stays with its sentence
_BARS = "".join(
    f'<rect x="{5 * place + 0.5}" y="{9.5 - height}" width="3" height="{height}"/>'
    for place, height in enumerate((3, 6, 9))
)


def confidence_marks(finished: FinishedDraft, limits: ScoreSettings) -> dict[str, str]:
    """The mark of each sentence of a draft that the model has a probability of, by the sentence's key."""
    if finished.scores is None:
        return {}
    return {
        sentence_key(section, sentence.start): _mark(sentence)
        for section in REPORT_SECTIONS
        for sentence in weigh_sentences(section_text(finished.draft.report, section), finished.scores, limits)
    }


def _mark(sentence: WeighedSentence) -> str:
    """One, two or three of three bars filled; a pointer at rest shows the figures, and so does walking to it."""
    step = wording.CONFIDENCE[sentence.confidence.name]
    figures = _in_words(sentence.findings)
    said = escape(wording.CONFIDENCE_OF.format(step=step, figures=figures))
    walked_to = figures if len(sentence.findings) > 1 else f"{sentence.findings[0].probability:.2f}"
    return (
        f'<span class="cb-sure" data-step="{sentence.confidence.value}" role="img" aria-label="{said}" title="{said}">'
        f'{_NO_BREAK}<svg viewBox="0 0 14 10" aria-hidden="true">{_BARS}</svg><small>{escape(walked_to)}</small></span>'
    )


def confidence_offers(
    finished: FinishedDraft, final: Report, limits: ScoreSettings, shown: Collection[str] = ("unmentioned", "doubted")
) -> str:
    """What the model thinks likely and the draft does not speak of, and what the draft says and the model doubts.

    `shown`: which of the two.
    """
    if finished.scores is None:
        return ""
    draft = finished.draft.report
    lines = [
        wording.MODEL_OFFERS[name].format(findings=_in_words(found))
        for name, found in (
            ("unmentioned", unmentioned(draft, final, finished.scores, limits)),
            ("doubted", doubted(draft, final, finished.scores, limits)),
        )
        if found and name in shown
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="cb-offers" title="{escape(wording.MODEL_OFFERS_NOTE)}">{items}</ul>' if items else ""


def _in_words(findings: Sequence[WeighedFinding]) -> str:
    return "; ".join(
        wording.FINDING_WITH_FIGURE.format(
            finding=finding_words(Finding(each.observation, each.certainty)), figure=each.probability
        )
        for each in findings
    )
