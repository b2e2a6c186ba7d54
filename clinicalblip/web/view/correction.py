"""What became of a draft, as HTML: its sentences, the findings that differ, proposed errors, remarks on the report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import Final

from clinicalblip.feedback.finding_comparison import FindingChange
from clinicalblip.proofreading import Remark
from clinicalblip.radiology.finding import Finding, Laterality
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import (
    ATTRIBUTE_SIGNIFICANCES,
    FINDING_CATEGORIES,
    FINDING_SIGNIFICANCES,
    ErrorState,
    ReportError,
    Significance,
)
from clinicalblip.radiology.sentence_review import SentenceReview
from clinicalblip.radiology.text_span import section_text
from clinicalblip.web import wording
from clinicalblip.web.correction import CorrectedReport, remark_keys, sentence_key

_LONGEST: Final = 60  # characters of a passage that a remark shows


def marked_sentences(
    text: str, section: Section, sentences: Iterable[SentenceReview], marks: Mapping[str, str] = MappingProxyType({})
) -> str:
    """A section of the draft with each of its sentences in an element of its own, which says what became of it.

    `data-final` has the sentence's place in the reader's box, "" where it was dropped. The state is said in a word, not
    by looks alone. `marks`: markup behind some of them, by their keys.
    """
    marked, at = [], 0
    for sentence in sentences:
        if sentence.section is not section or sentence.start is None or sentence.end is None:
            continue
        fate = str(sentence.fate)
        place = "" if sentence.final_start is None else f"{sentence.final_start},{sentence.final_end}"
        word = wording.FATES[fate]
        marked.append(escape(text[at : sentence.start]))
        key = sentence_key(sentence.section, sentence.start)
        marked.append(
            f'<span class="cb-sentence" data-key="{escape(key)}" '
            f'data-fate="{fate}" data-final="{place}">{escape(text[sentence.start : sentence.end])}</span>'
            + marks.get(key, "")
            + (f'<small class="cb-fate">{escape(word)}</small>' if word else "")
        )
        at = sentence.end
    return "".join((*marked, escape(text[at:])))


def finding_words(finding: Finding) -> str:
    """A finding in words: "pleural effusion, left, small", "no pneumothorax"."""
    name = str(finding.observation).lower()
    if finding.certainty is Certainty.ABSENT:
        name = wording.NO_FINDING_OF.format(finding=name)
    elif finding.certainty is Certainty.UNCERTAIN:
        name = wording.DOUBTFUL.format(finding=name)
    return ", ".join((name, *_attributes(finding)))


def _attributes(finding: Finding) -> Iterator[str]:
    if finding.sides:
        yield wording.BOTH_SIDES if finding.sides == {*Laterality} else str(*finding.sides)
    yield from (wording.ZONES[zone] for zone in sorted(finding.zones))
    yield from (str(each) for each in (finding.degree, finding.change) if each)


def difference_words(change: FindingChange) -> Iterator[str]:
    """How a finding differs between two reports, in words: "added: pleural effusion, left, small"."""
    old, new = (finding_words(each) if each else "" for each in (change.old, change.new))
    return (wording.DIFFERENCES[str(difference)].format(old=old, new=new) for difference in change.differences)


def finding_changes(changes: Sequence[FindingChange]) -> str:
    """The findings that differ between two reports, one a line."""
    lines = [line for change in changes for line in difference_words(change)]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    title = escape(wording.FINDING_CHANGES)
    return f'<ul class="cb-finding-changes" aria-label="{title}">{items}</ul>' if items else ""


def errors_of(corrected: CorrectedReport, draft: Report) -> str:
    """The errors that an edit points to, each with two answers and how much it matters, then those named by hand."""
    items = "".join(_proposal(key, error, draft) for key, error in corrected.proposals)
    title = escape(wording.PROPOSED_ERRORS if items else wording.NAMED_ERRORS)
    items += "".join(_named(number, error, draft) for number, error in enumerate(corrected.named))
    if not items:
        return ""
    return f'<section class="cb-errors" aria-label="{title}"><h3>{title}</h3><ul>{items}</ul></section>'


def _proposal(key: str, error: ReportError, draft: Report) -> str:
    allowed = FINDING_SIGNIFICANCES if error.category in FINDING_CATEGORIES else ATTRIBUTE_SIGNIFICANCES
    choices = "".join(
        f'<option value="{each}"{" selected" if each is error.significance else ""}>'
        f"{escape(wording.SIGNIFICANCES[each])}</option>"
        for each in Significance
        if each in allowed
    )
    matters = escape(wording.SIGNIFICANCE)
    answered = {ErrorState.CONFIRMED: "yes", ErrorState.CHANGED: "yes", ErrorState.DISCARDED: "no"}.get(error.state, "")
    buttons = "".join(
        f'<button type="button" data-answer="{answer}" aria-pressed="{str(answered == name).lower()}">'
        f"{escape(text)}</button>"
        for name, answer, text in (
            ("yes", "confirmed", wording.CONFIRM_ERROR),
            ("no", "discarded", wording.DISCARD_ERROR),
        )
    )
    return (
        f'<li data-error="{escape(key)}" data-state="{error.state}"><span>{escape(_error_words(error, draft))}</span> '
        f'{buttons}<select aria-label="{matters}"><option value="">{matters}</option>{choices}</select>'
        "</li>"
    )


def _named(number: int, error: ReportError, draft: Report) -> str:
    matters = f" ({wording.SIGNIFICANCES[error.significance]})" if error.significance else ""
    said = f"{_error_words(error, draft)}{matters}"
    return (
        f'<li data-named="{number}"><span>{escape(said)} <small>{escape(wording.NAMED_ERROR)}</small></span> '
        f'<button type="button">{escape(wording.REMOVE_ERROR)}</button></li>'
    )


def _error_words(error: ReportError, draft: Report) -> str:
    name = wording.ERROR_NAMES[error.category]
    if error.section is not None and error.start is not None:
        passage = section_text(draft, error.section)[error.start : error.end]
        return f"{name}: “{short(passage)}”"
    return f"{name}: {str(error.observation).lower()}" if error.observation else name


def remark_words(remark: Remark, final: Report) -> str:
    """What a remark says of a report, as one sentence."""
    words = short(remark.hint or section_text(final, remark.section)[remark.start : remark.end])
    finding = str(remark.observation).capitalize() if remark.observation else f"“{words}”"
    return wording.CHECKS[remark.check].format(finding=finding, words=words)


def remarks(found: Sequence[Remark], final: Report, dismissed: Iterable[str]) -> str:
    """What is worth another look before saving, each with a button that puts it aside; nothing hinders saving."""
    aside = set(dismissed)
    items = ""
    for key, remark in zip(remark_keys(found), found, strict=True):
        if key in aside:
            continue
        said = remark_words(remark, final)
        items += (
            f'<li data-remark="{escape(key)}" data-section="{remark.section}" data-span="{remark.start},{remark.end}">'
            f"<span>{escape(said)}</span> "
            f'<button type="button" class="cb-dismiss">{escape(wording.DISMISS)}</button></li>'
        )
    title = escape(wording.REMARKS)
    return f'<section class="cb-remarks" aria-label="{title}"><ul>{items}</ul></section>' if items else ""


def short(words: str, longest: int = _LONGEST) -> str:
    """A passage on one line, cut where it is too long to be shown."""
    plain = " ".join(words.split())
    return plain if len(plain) <= longest else f"{plain[:longest].rstrip()}…"
