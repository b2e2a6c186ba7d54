"""Texts as they are scored and compared."""

from clinicalblip.radiology.report import Report, Target


def scored_text(report: Report, target: Target) -> str:
    """The text of that part without headings; for a whole report, findings and then impression on lines of their own.

    Line breaks stay as they were written, for they end statements; what compares words folds them.
    """
    parts = {
        Target.FINDINGS: (report.findings,),
        Target.IMPRESSION: (report.impression,),
        Target.REPORT: (report.findings, report.impression),
    }
    return "\n".join(part.strip() for part in parts[target] if part.strip())


def one_line(text: str) -> str:
    """The text with white space folded."""
    return " ".join(text.split())


def fold_text(text: str) -> str:
    """The text in lower case with single spaces, for comparing texts word for word."""
    return " ".join(text.lower().split())
