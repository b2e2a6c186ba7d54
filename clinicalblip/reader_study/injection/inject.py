"""Errors put into a report: one to three, by lot, each of them all that the comparison of findings sees.

A way that changes anything else, that contradicts another sentence, or that is not read back as it was meant is not
taken (`candidates.py` has the ways, this file the proof).
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.finding_comparison import FindingChange, FindingDifference, compare_findings
from clinicalblip.proofreading import ReportContext, proofread
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.finding import Finding, Sentence
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import Significance
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.reader_study.injection.candidates import Candidate, candidates
from clinicalblip.reader_study.injection.fates import ErrorFate, fates
from clinicalblip.reader_study.injection.injected_error import InjectedError, InjectedKind, InjectedReport
from clinicalblip.reader_study.injection.report_pieces import cut_report, join_report
from clinicalblip.structured_report.languages import read_sentences


class WantedErrors(Protocol):
    """How many errors are put in, and of which kinds: the design's ErrorsPart."""

    @property
    def least(self) -> int:
        """The fewest."""

    @property
    def most(self) -> int:
        """The most."""

    @property
    def kinds(self) -> Sequence[InjectedKind]:
        """The kinds, each as likely as the others."""


def inject_errors(report: Report, errors: WantedErrors, seed: int) -> InjectedReport:
    """Put errors into a report; the same report, errors and seed give the same.

    How many is drawn from `least` to `most`; where fewer fit, but `least`, they are fewer. Each is about another
    observation, and of another kind as long as kinds are left. Raises ReaderStudyError where not even `least` fit.
    """
    if report.empty:
        raise ReaderStudyError("The report is empty, and no error can be put into it; give it a text, or leave it out.")
    if not 1 <= errors.least <= errors.most or not errors.kinds:
        raise ReaderStudyError(
            f"From {errors.least} to {errors.most} errors of {len(errors.kinds)} kinds cannot be put into a report; "
            "name kinds, and from 1 to as many or more."
        )
    lot = _lot(report, seed)
    wanted = lot.randint(errors.least, errors.most)
    found: list[_Injected] = []
    text = report
    kinds = list(dict.fromkeys(errors.kinds))
    lot.shuffle(kinds)
    waiting = list(kinds)
    while len(found) < wanted and waiting:
        kind = waiting.pop(0)
        injected = _put_in(report, text, kind, found, lot)
        if injected is not None:
            found.append(injected[0])
            text = injected[1]
        if not waiting and injected is not None and len(found) < wanted:
            waiting = list(kinds)
    if len(found) < errors.least:
        raise ReaderStudyError(
            f"{errors.least} errors of the kinds {', '.join(kinds)} were to be put into a report, and it takes "
            f"{len(found)}; name more kinds or fewer errors, or leave the report out."
        )
    return InjectedReport(text, report, _place(text, found))


@dataclass(frozen=True)
class _Injected:
    """An error that is in, before its place is known; `sections` are those that it changed."""

    kind: InjectedKind
    significance: Significance
    change: FindingChange
    sections: frozenset[Section]


def _lot(report: Report, seed: int) -> Random:
    """By the report too, so that reports under one seed do not all get the same error."""
    said = f"{seed}\n{report.findings}\n{report.impression}".encode("utf-8", "surrogatepass")
    return Random(hashlib.sha256(said).hexdigest())


_MOST_TRIED: Final = 24  # ways of one kind


def _put_in(
    original: Report, report: Report, kind: InjectedKind, found: Sequence[_Injected], lot: Random
) -> tuple[_Injected, Report] | None:
    taken = {each.change.observation for each in found}
    cut_up = cut_report(report)
    for number, candidate in enumerate(candidates(report, kind, lot)):
        if number == _MOST_TRIED:
            break
        if candidate.observation in taken:
            continue
        changed = join_report(cut_up, candidate.edits)
        if changed is None or changed == report:
            continue
        change = _only_change(original, changed, candidate, found)
        if change is not None:
            places = (*candidate.edits.texts, *candidate.edits.added)
            sections = frozenset(section for section, _ in places)
            return _Injected(kind, candidate.significance, change, sections), changed
    return None


def _only_change(
    original: Report, changed: Report, candidate: Candidate, found: Sequence[_Injected]
) -> FindingChange | None:
    """The change that a candidate made, where that is all that was changed beside the errors that are in."""
    different = _different(original.text, changed.text)
    before = [each.change for each in found]
    new = [change for change in different if change not in before]
    if len(new) != 1 or len(different) != len(before) + 1 or not _is_meant(candidate.kind, new[0]):
        return None
    if new[0].observation is not candidate.observation:
        return None
    names = {change.observation for change in different}
    for section in REPORT_SECTIONS:
        texts = section_text(original, section), section_text(changed, section)
        if not {change.observation for change in _different(*texts)} <= names:
            return None
    if _contradictions(changed) - _contradictions(original):
        return None
    errors = [*found, _Injected(candidate.kind, candidate.significance, new[0], frozenset({Section.FINDINGS}))]
    key = InjectedReport(changed, original, _place(changed, errors))
    right, wrong = fates(key, original), fates(key, changed)
    return new[0] if {*right} == {ErrorFate.CAUGHT} and {*wrong} == {ErrorFate.MISSED} else None


def _different(before: str, after: str) -> list[FindingChange]:
    """`No Finding` is said of a whole text and follows from the others."""
    changes = compare_findings(before, after).different
    return [change for change in changes if change.observation is not Observation.NO_FINDING]


_CONTRADICTIONS: Final = (
    Check.SAYS_AND_DENIES,
    Check.FINDINGS_IMPRESSION_DISAGREE,
    Check.SIDE_CONFLICT,
    Check.IMPRESSION_ONLY,
    Check.REPEATED_SENTENCE,
)


def _contradictions(report: Report) -> Counter[tuple[Check, Observation | None]]:
    remarks = proofread(report, ReportContext())
    return Counter((each.check, each.observation) for each in remarks if each.check in _CONTRADICTIONS)


def _is_meant(kind: InjectedKind, change: FindingChange) -> bool:
    """Whether a change is one of this kind."""
    old, new, differences = change.old, change.new, set(change.differences)
    if kind in (InjectedKind.FALSE_FINDING, InjectedKind.DEVICE):
        return _denies(old) and not _denies(new)
    if kind is InjectedKind.MISSING_FINDING:
        return not _denies(old) and new is None
    if kind is InjectedKind.NEGATION:
        return not _denies(old) and new is not None and _denies(new)
    if _denies(old) or _denies(new):
        return False
    return differences <= _DIFFERENCES[kind]


_DIFFERENCES: Final = {
    InjectedKind.SIDE: {FindingDifference.SIDE},
    InjectedKind.DEGREE: {FindingDifference.DEGREE},
    InjectedKind.CERTAINTY: {FindingDifference.DOUBTED, FindingDifference.CONFIRMED},
    InjectedKind.TEMPORAL: {FindingDifference.CHANGE},
}


def _denies(finding: Finding | None) -> bool:
    return finding is None or finding.certainty is Certainty.ABSENT


# Places


def _place(report: Report, found: Sequence[_Injected]) -> tuple[InjectedError, ...]:
    """The errors with their places in the changed report."""
    said = {section: read_sentences(section_text(report, section)) for section in REPORT_SECTIONS}
    errors: list[InjectedError] = []
    for each in found:
        old, new = each.change.old, each.change.new
        section: Section = next(name for name in REPORT_SECTIONS if name in each.sections)
        start = end = None
        if new is not None:
            places = [(name, sentence) for name in REPORT_SECTIONS for sentence in said[name] if _says(sentence, new)]
            if places:
                section, sentence = places[0]
                start, end = sentence.start, sentence.end
        errors.append(InjectedError(each.kind, each.significance, old, new, section, start, end))
    return tuple(errors)


def _says(sentence: Sentence, finding: Finding) -> bool:
    return any(
        mention.finding.observation is finding.observation
        and mention.finding.certainty is finding.certainty
        and (not mention.finding.sides or not finding.sides or bool(mention.finding.sides & finding.sides))
        for mention in sentence.mentions
    )
