"""What a reader says about a draft, as the page's boxes hold it."""

from dataclasses import dataclass, field
from typing import Final, Self

from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict

WOULD_SIGN: Final = {"yes": True, "no": False}
"""What the page says of signing the draft as it was."""


@dataclass(frozen=True)
class ReviewForm:
    """The reader's final report and what they say about the draft; ratings are None until chosen.

    Only the verdict has to be chosen. `correction` is what `web/correction.py` reads, and `reading` what
    `web/reading.py` does: it is empty unless `reading_consent` is given.
    """

    final: Report = field(default_factory=Report)
    overall: int | None = None
    verdict: Verdict | None = None
    comment: str = ""
    reference: Report = field(default_factory=Report)
    consent: bool = False
    would_sign: bool | None = None
    correction: str = ""
    reading_consent: bool = False
    reading: str = ""

    @classmethod
    def from_boxes(
        cls,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        overall: int | None,
        verdict: str | None,
        comment: str,
        consent: bool,
        would_sign: str | None = None,
        correction: str = "",
        reading_consent: bool = False,
        reading: str = "",
    ) -> Self:
        """The form as the page sends it, in the order of `Components.form_boxes`."""
        return cls(
            final=Report(findings, impression),
            overall=overall,
            verdict=Verdict(verdict) if verdict else None,
            comment=comment,
            reference=Report(reference_findings, reference_impression),
            consent=consent,
            would_sign=WOULD_SIGN.get(would_sign or ""),
            correction=correction,
            reading_consent=reading_consent,
            reading=reading if reading_consent else "",
        )
