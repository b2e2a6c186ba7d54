"""How each character of a reader's report came into it, in both of its sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.origins import MarkedText, Origin, count_origins

Runs = tuple[str, str]
"""The origins of findings and impression in short, as `MarkedText.runs` has them."""

_MANY_PLACES: Final = (Origin.FILLED_IN, Origin.TICKED)
"""What the page writes may change a report in several places at once; by hand one place is changed after another."""


@dataclass(frozen=True)
class ReportOrigins:
    """A report with the origin of each of its characters."""

    findings: MarkedText = field(default_factory=MarkedText)
    impression: MarkedText = field(default_factory=MarkedText)

    @classmethod
    def of(cls, report: Report, origin: Origin) -> Self:
        """A report that came in one way."""
        return cls(MarkedText.of(report.findings, origin), MarkedText.of(report.impression, origin))

    @classmethod
    def from_runs(cls, report: Report, runs: Runs) -> Self:
        """The report with the origins that `runs` says; typed, where they are none of this report."""
        try:
            return cls(MarkedText.from_runs(report.findings, runs[0]), MarkedText.from_runs(report.impression, runs[1]))
        except ValueError:
            return cls.of(report, Origin.TYPED)

    @property
    def report(self) -> Report:
        """Its text."""
        return Report(self.findings.text, self.impression.text)

    @property
    def runs(self) -> Runs:
        """The origins in short, for JSON."""
        return self.findings.runs, self.impression.runs

    def changed_to(self, report: Report, origin: Origin, *, cut: MarkedText | None = None) -> "ReportOrigins":
        """The origins after the report was changed; what is new came in by `origin`.

        `cut`: what was last cut out of the report, which keeps its origins where it is put in again.
        """
        sections = ((self.findings, report.findings), (self.impression, report.impression))
        return ReportOrigins(*(_changed(before, after, origin, cut) for before, after in sections))

    def removed_by(self, report: Report) -> MarkedText | None:
        """What is cut out in one place to make this report; None where something else is done."""
        for before, after, same in (
            (self.findings, report.findings, self.impression.text == report.impression),
            (self.impression, report.impression, self.findings.text == report.findings),
        ):
            taken = len(before.text) - len(after)
            at = before.shared_start(after)
            if same and taken > 0 and before.text[at + taken :] == after[at:]:
                return before[at : at + taken]
        return None

    def count(self) -> Mapping[Origin, int]:
        """How many characters came in which way; they sum to the report's length."""
        counts = (count_origins(self.findings), count_origins(self.impression))
        return {origin: sum(count[origin] for count in counts) for origin in Origin}


def _changed(before: MarkedText, after: str, origin: Origin, cut: MarkedText | None) -> MarkedText:
    if after == before.text:
        return before
    if cut is not None and (moved := before.with_inserted(cut, after)) is not None:
        return moved
    return before.rewritten_to(after, origin) if origin in _MANY_PLACES else before.changed_to(after, origin)
