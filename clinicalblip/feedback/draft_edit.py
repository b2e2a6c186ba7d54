"""What a reader made of a draft: its sentences that were edited or replaced, those that went, and the reader's own.

It is computed once for a pair of reports; which errors it points to, `proposed_errors` says.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

from clinicalblip.feedback import error_words
from clinicalblip.feedback.error_words import Word, found
from clinicalblip.feedback.finding_comparison import FindingChange, compare_findings
from clinicalblip.feedback.sentence_fates import SentenceFates, sentence_fates
from clinicalblip.labeler import names_abnormality
from clinicalblip.radiology.finding import Finding, Sentence
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.sentence_review import SentenceFate
from clinicalblip.radiology.text_span import REPORT_SECTIONS

O = Observation  # noqa: E741 - one letter keeps the set below a set
GENERAL: Final = frozenset({O.LUNG_OPACITY, O.INFILTRATION, O.ENLARGED_CARDIOMEDIASTINUM})
"""Observations of which more can often be said."""


class SentenceEdit(NamedTuple):
    """A sentence of the draft and the one that it became, or that took its place where `replaced`."""

    section: Section
    before: str
    after: str
    old: Sentence
    new: Sentence
    replaced: bool

    @property
    def observation(self) -> Observation | None:
        """What the draft's sentence speaks of first, else what the reader's does."""
        mentions = self.old.mentions or self.new.mentions
        return mentions[0].finding.observation if mentions else None


class Passage(NamedTuple):
    """Characters of a section of the draft."""

    section: Section
    start: int
    end: int


class DraftEdit:
    """A draft and the reader's report, section by section, with what became of the draft's sentences.

    `edits`: those that were edited, and dropped ones in the place of which one of the reader's own says the same more
    exactly. `dropped` and `own`: the others, with their sections.
    """

    def __init__(self, draft: Report, final: Report) -> None:
        self._reports = draft, final
        self.draft = {Section.FINDINGS: draft.findings, Section.IMPRESSION: draft.impression}
        self.final = {Section.FINDINGS: final.findings, Section.IMPRESSION: final.impression}
        self.fates: dict[Section, SentenceFates] = {
            section: sentence_fates(self.draft[section], self.final[section]) for section in REPORT_SECTIONS
        }
        self.edits = [edit for section in REPORT_SECTIONS for edit in self._edits(section)]
        replaced = [edit for edit in self.edits if edit.replaced]
        self.dropped = [
            (section, each.before)
            for section, fates in self.fates.items()
            for each in fates.draft
            if each.fate is SentenceFate.DROPPED and all(edit.old is not each.before for edit in replaced)
        ]
        self.own = [
            (section, own)
            for section, fates in self.fates.items()
            for own in fates.own
            if all(edit.new is not own for edit in replaced)
        ]

    @cached_property
    def changes(self) -> tuple[FindingChange, ...]:
        """The differences in findings; that there is none is no finding."""
        before, after = self._reports
        different = compare_findings(before.text, after.text).different
        return tuple(change for change in different if change.observation is not Observation.NO_FINDING)

    @cached_property
    def stood(self) -> set[str]:
        """The stems of the draft's words."""
        return _stems(self.draft)

    @cached_property
    def stands(self) -> set[str]:
        """The stems of the words of the reader's report."""
        return _stems(self.final)

    def sentence_at(self, section: Section, start: int) -> int:
        """Where the draft's sentence begins that a place is in."""
        return max(each.before.start for each in self.fates[section].draft if each.before.start <= start)

    def _edits(self, section: Section) -> Iterator[SentenceEdit]:
        """Sentences that were edited, and dropped ones in the place of which one of the reader's own stands."""
        fates, text, final = self.fates[section], self.draft[section], self.final[section]
        free, last = list(fates.own), 0
        ends = [each.after.start for each in fates.draft if each.after is not None]
        for each in fates.draft:
            after, replaced = each.after, each.fate is SentenceFate.DROPPED
            if after is not None:
                last = after.end
            else:
                behind = min((start for start in ends if start >= last), default=len(final))
                after = next((own for own in free if last <= own.start < behind), None)
                if after is None:
                    continue
                free.remove(after)
            if each.fate is SentenceFate.KEPT:
                continue
            before, became = text[each.before.start : each.before.end], final[after.start : after.end]
            if replaced and not _is_refinement(before, became, each.before, after):
                free.insert(0, after)
                continue
            yield SentenceEdit(section, before, became, each.before, after, replaced)

    def place_of(self, finding: Finding, *, whole: bool) -> Passage | None:
        """Where the draft says a finding first: its sentence, or its words where that says more and not `whole`."""
        places = []
        for section in REPORT_SECTIONS:
            for each in self.fates[section].draft:
                for mention in each.before.mentions:
                    said = mention.finding
                    if said.observation is finding.observation and said.certainty is finding.certainty:
                        spans = mention if len(each.before.mentions) > 1 and not whole else each.before
                        place = Passage(section, spans.start, spans.end)
                        places.append((not finding.sides <= said.sides, place))
        return min(places, key=lambda each: each[0], default=(True, None))[1]


def _is_refinement(before: str, after: str, old: Sentence, new: Sentence) -> bool:
    """Whether a sentence in the place of another says the same more exactly or more carefully."""
    names = {mention.finding.observation for mention in new.mentions}
    if not (names or names_abnormality(after)):
        return False
    general = found(error_words.GENERIC_FINDINGS, before) or found(error_words.GENERIC_DEVICES, before)
    is_general = bool(general) and all(m.finding.observation in (*GENERAL, O.SUPPORT_DEVICES) for m in old.mentions)
    return is_general or bool(lost_words(error_words.DIAGNOSES, before, after))


def word_names(pattern: error_words.Pattern, text: str) -> set[str]:
    """The names of the words of one kind in a text."""
    return {word.name for word in found(pattern, text)}


def lost_words(pattern: error_words.Pattern, before: str, after: str) -> list[Word]:
    """The words of one kind that the first text has and the second has not."""
    names = word_names(pattern, after)
    return [word for word in found(pattern, before) if word.name not in names]


_STEM: Final = 5  # letters; "calcified" and "calcification" are the same


def _stems(texts: dict[Section, str]) -> set[str]:
    return {stem for text in texts.values() for stem in _content(text)}


def _content(text: str) -> set[str]:
    return {word[:_STEM] for word in text.lower().replace("-", " ").split() if len(word.strip(".,;:")) >= _STEM}


def is_said(words: str, stems: set[str]) -> bool:
    """Whether most of what a sentence says stands in the other report, in whatever order."""
    own = _content(words)
    return bool(own) and 2 * len(own & stems) >= len(own)
