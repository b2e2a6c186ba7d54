"""Texts as they are scored and compared."""

from clinicalblip.radiology.report import Report, Target


def scored_text(report: Report, target: Target) -> str:
    """The text of that part without headings, white space folded; for a whole report, findings and then impression."""
    parts = {
        Target.FINDINGS: (report.findings,),
        Target.IMPRESSION: (report.impression,),
        Target.REPORT: (report.findings, report.impression),
    }
    return " ".join(" ".join(parts[target]).split())


def fold_text(text: str) -> str:
    """The text in lower case with single spaces, for comparing texts word for word."""
    return " ".join(text.lower().split())
