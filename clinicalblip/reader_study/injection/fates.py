"""What became of errors that were put into a report, in the report that a reader made of it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol

from clinicalblip.feedback.finding_comparison import FindingChange, compare_findings
from clinicalblip.labeler import findings, sentences
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.reader_study.injection.injected_error import InjectedError


class ErrorFate(StrEnum):
    """What a reader made of an error.

    `CAUGHT`: their report says of the finding what the right one said, or rightly does not name it. `CHANGED`: it says
    something else, which is wrong too. `MISSED`: what was wrong is as it was.
    """

    CAUGHT = "caught"
    CHANGED = "changed"
    MISSED = "missed"


class WithErrors(Protocol):
    """A report with errors, and the key to them: an InjectedReport, or a draft with its key."""

    @property
    def report(self) -> Report:
        """The report as readers get it."""

    @property
    def errors(self) -> Sequence[InjectedError]:
        """What is wrong with it."""


def fates(injected: WithErrors, final: Report) -> tuple[ErrorFate, ...]:
    """What became of each error, in the order of `injected.errors`.

    Of an error in an attribute only that attribute counts, and a finding that went altogether is `CHANGED`. A finding
    that had been left out is caught where it is named again, with no other side, zone, degree or change than it had.
    """
    said = findings(final.text)
    return tuple(_fate(error, [each for each in said if each.observation is _name(error)]) for error in injected.errors)


def sentence_numbers(injected: WithErrors) -> tuple[int | None, ...]:
    """The number of each error's sentence, from 1 over findings and impression; None for one that was taken away."""
    starts = [
        (section, sentence.start, sentence.end)
        for section in REPORT_SECTIONS
        for sentence in sentences(section_text(injected.report, section))
    ]
    return tuple(
        next(
            (
                number
                for number, (section, start, end) in enumerate(starts, start=1)
                if error.start is not None and section is error.section and start <= error.start < end
            ),
            None,
        )
        for error in injected.errors
    )


def wrongly_corrected(draft: Report, final: Report, right: Report) -> tuple[FindingChange, ...]:
    """The findings in which a draft was right and a reader's report is wrong.

    `right`: the reference, or the report before errors were put in. What a draft says as `right` does, in all
    attributes, counts as right; it is wrong in `final` where it is turned round, doubted, firmer or not named, or has
    another side, zone, degree or change. That a denial is left out, or an attribute, is no error.
    """
    agreed = [change.old for change in compare_findings(draft.text, right.text).same if change.old is not None]
    return tuple(
        change
        for change in compare_findings(draft.text, final.text).different
        if change.old is not None
        and change.observation is not Observation.NO_FINDING
        and any(_is_part_of(change.old, each) for each in agreed)
        and _is_wrong_now(change.old, change.new)
    )


def _name(error: InjectedError) -> Observation:
    finding = error.before or error.after
    if finding is None:
        raise ValueError("an error is about a finding, which is named before it or after")
    return finding.observation


_ATTRIBUTES: Final = ("certainty", "sides", "zones", "degree", "change")


def _fate(error: InjectedError, said: Sequence[Finding]) -> ErrorFate:
    """`said`: what the final report says of the observation."""
    affirmed = [finding for finding in said if not _denies(finding)]
    before, after = error.before, error.after
    if before is None or _denies(before):
        if not affirmed:
            return ErrorFate.CAUGHT
        return ErrorFate.MISSED if after in affirmed else ErrorFate.CHANGED
    if after is None or _denies(after):
        if not affirmed:
            return ErrorFate.MISSED
        return ErrorFate.CAUGHT if any(_says_again(finding, before) for finding in affirmed) else ErrorFate.CHANGED
    near = [finding for finding in affirmed if _may_be_meant(finding, before, after)]
    wrong = [name for name in _ATTRIBUTES if getattr(before, name) != getattr(after, name)]
    for finding, fate in ((before, ErrorFate.CAUGHT), (after, ErrorFate.MISSED)):
        if near and all(getattr(each, name) == getattr(finding, name) for each in near for name in wrong):
            return fate
    return ErrorFate.CHANGED


def _denies(finding: Finding) -> bool:
    return finding.certainty is Certainty.ABSENT


def _may_be_meant(finding: Finding, before: Finding, after: Finding) -> bool:
    """Whether a finding is on no other side than either of these."""
    sides = before.sides | after.sides
    return not sides or not finding.sides or bool(finding.sides & sides)


def _says_again(finding: Finding, before: Finding) -> bool:
    return finding.certainty is before.certainty and not _says_otherwise(before, finding)


def _says_otherwise(old: Finding, new: Finding) -> bool:
    """Whether an attribute that both have is another one."""
    pairs: Iterable[tuple[object, object]] = (
        (old.sides, new.sides),
        (old.zones, new.zones),
        (old.degree, new.degree),
        (old.change, new.change),
    )
    return any(was and now and was != now for was, now in pairs)


def _is_part_of(finding: Finding, whole: Finding) -> bool:
    """Whether it is this finding, or one side of it."""
    same = all(getattr(finding, name) == getattr(whole, name) for name in _ATTRIBUTES if name != "sides")
    return same and finding.observation is whole.observation and finding.sides <= whole.sides


def _is_wrong_now(old: Finding, new: Finding | None) -> bool:
    if new is None:
        return not _denies(old)
    return old.certainty is not new.certainty or _says_otherwise(old, new)
