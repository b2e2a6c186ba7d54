"""Which part of a report is scored."""

from enum import StrEnum

from clinicalblip.radiology.report import Report


class Target(StrEnum):
    """The part of a report that is scored against the same part of the reference."""

    FINDINGS = "findings"
    IMPRESSION = "impression"
    REPORT = "report"


def text_of(report: Report, target: Target) -> str:
    """The text of that part without its heading, white space folded; of a report, findings and then impression."""
    parts = {
        Target.FINDINGS: (report.findings,),
        Target.IMPRESSION: (report.impression,),
        Target.REPORT: (report.findings, report.impression),
    }
    return " ".join(" ".join(parts[target]).split())


def folded(text: str) -> str:
    """The text as two texts are compared word for word: without regard to case and white space."""
    return " ".join(text.lower().split())
