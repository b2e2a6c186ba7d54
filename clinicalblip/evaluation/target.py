"""Which part of a report is scored."""

from clinicalblip.radiology.report import Report, Target


def scored_text(report: Report, target: Target) -> str:
    """The text of that part without its heading, white space folded; of a report, findings and then impression."""
    parts = {
        Target.FINDINGS: (report.findings,),
        Target.IMPRESSION: (report.impression,),
        Target.REPORT: (report.findings, report.impression),
    }
    return " ".join(" ".join(parts[target]).split())


def fold_text(text: str) -> str:
    """The text as two texts are compared word for word: without regard to case and white space."""
    return " ".join(text.lower().split())
