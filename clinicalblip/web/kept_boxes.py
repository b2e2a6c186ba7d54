"""What stands in the page's boxes, as the page's script says it within half a second of the last key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import wording
from clinicalblip.web.report_history import ReportHistory, Step
from clinicalblip.web.review_form import WOULD_SIGN, ReviewForm
from clinicalblip.web.ticked_report import TickedReport

CONTEXT: Final = {slot: f"context-{slot.replace('_', '-')}" for slot in SLOTS}
"""The box of each part of the clinical context."""

REPORT: Final = ("findings", "impression", "reference-findings", "reference-impression")
REVIEW: Final = ("overall", "verdict", "comment", "consent", "reading-consent", "would-sign", "correction")
QUESTIONS: Final = tuple(f"question-{number}" for number in range(1, 6))
"""What a reader study asks after a case: the place of the answer in the list of them, from 1."""

VIEW: Final = "view"
"""How the films are looked at, in the viewer's own words; no text of the reader's."""

NAMES: Final = frozenset((*CONTEXT.values(), *REPORT, *REVIEW, *QUESTIONS, VIEW))
_MOST_PARTS: Final = 200


@dataclass
class KeptBoxes:
    """The boxes of one page by their names; what stands in them is text, ratings and switches too.

    A box has the number of the last change that was taken: an earlier one that arrives later changes nothing.
    `history`: how the report in them came about, whoever wrote it. `ticked`: its findings as they are ticked.
    """

    values: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    history: ReportHistory = field(default_factory=ReportHistory)
    ticked: TickedReport = field(default_factory=TickedReport)
    _parts: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in any box."""
        return not any(value for name, value in self.values.items() if name != VIEW)

    def take(
        self,
        boxes: Mapping[str, str],
        number: int,
        *,
        most_characters: int,
        whole: bool = False,
        origin: Origin | None = None,
    ) -> None:
        """Take what stands in some boxes; with `whole` it is one step of the report, as what is pasted is.

        `origin`: how what is new in the report came in; without, it was pasted where it is `whole`, else typed.
        Raises ClinicalBlipError for what is no box, and for too long a text.
        """
        if not boxes.keys() <= NAMES:
            raise ClinicalBlipError(wording.NOT_KEPT)
        before = self.report
        for name, value in boxes.items():
            if len(value) > most_characters:
                raise ClinicalBlipError(wording.TOO_LONG_TO_KEEP)
            if number > self.numbers.get(name, 0):
                self.numbers[name] = number
                self.values[name] = replace_surrogates(value)
                self._parts.pop(name, None)
        origin = origin or (Origin.PASTED if whole else Origin.TYPED)
        self.history.note(before, self.report, whole=whole, origin=origin)

    def take_part(
        self,
        name: str,
        number: int,
        part: int,
        parts: int,
        text: str,
        *,
        most_characters: int,
        whole: bool = False,
        origin: Origin | None = None,
    ) -> bool:
        """Take a part of a long text; the box changes with the last one, as in `take`. Gives whether it has.

        Raises ClinicalBlipError where the parts are not those of one text, in their order.
        """
        if name not in NAMES or not 0 <= part < parts <= _MOST_PARTS:
            raise ClinicalBlipError(wording.NOT_KEPT)
        begun, texts = self._parts.get(name, (number, []))
        if part == 0:
            begun, texts = number, []
        if begun != number or len(texts) != part:
            raise ClinicalBlipError(wording.NOT_KEPT)
        texts = [*texts, text]
        if sum(map(len, texts)) > most_characters:
            self._parts.pop(name, None)
            raise ClinicalBlipError(wording.TOO_LONG_TO_KEEP)
        self._parts[name] = (number, texts)
        if part + 1 == parts:
            joined = "".join(texts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # a pair may be cut
            self.take({name: joined}, number, most_characters=most_characters, whole=whole, origin=origin)
        return part + 1 == parts

    def fill(self, report: Report, origin: Origin, number: int = 0) -> None:
        """A report was written into the reader's boxes, which is one step; `origin` is that of what is new in it.

        A draft (`KEPT`) takes the place of all that was there.
        What the page sent of the report before `number` changes nothing any more.
        """
        before = self.report
        self._write(report, number)
        self.history.note(before, self.report, whole=True, origin=origin, is_new=origin is Origin.KEPT)

    def _write(self, report: Report, number: int) -> None:
        for name, text in (("findings", report.findings), ("impression", report.impression)):
            self.values[name] = text
            if number > self.numbers.get(name, 0):
                self.numbers[name] = number
                self._parts.pop(name, None)

    def step(self, number: int, *, redo: bool) -> Step | None:
        """Take the report's last step back, or do the one again that was taken back last; None where there is none.

        What the page sent of the report before `number` changes nothing any more.
        """
        moved = self.history.redo(self.report) if redo else self.history.undo(self.report)
        if moved is None:
            return None
        report, step = moved
        self._write(report, number)
        return step

    def clear_report(self) -> None:
        """Report, its history, reference and review were taken off the page; what was known before stays."""
        for name in (*REPORT, *REVIEW, *QUESTIONS):
            self.values.pop(name, None)
        self.history.clear()
        self.ticked = TickedReport()

    def clear_context(self) -> None:
        """The clinical context was taken off the page."""
        for name in CONTEXT.values():
            self.values.pop(name, None)

    @property
    def context(self) -> ClinicalContext:
        """The clinical context."""
        return ClinicalContext(**{slot: self.values.get(name, "") for slot, name in CONTEXT.items()})

    @property
    def report(self) -> Report:
        """The reader's report."""
        return Report(self.values.get("findings", ""), self.values.get("impression", ""))

    def show_context(self, context: ClinicalContext) -> None:
        """The page shows this context, in boxes of which it sends nothing."""
        self.values |= {name: getattr(context, slot) for slot, name in CONTEXT.items()}

    @property
    def form(self) -> ReviewForm:
        """The reader's report and what they say about the draft."""
        get, overall, verdict = self.values.get, self.values.get("overall", ""), self.values.get("verdict", "")
        return ReviewForm(
            final=self.report,
            overall=int(overall) if overall in {"1", "2", "3", "4", "5"} else None,
            verdict=Verdict(verdict) if verdict in set(Verdict) else None,
            comment=get("comment", ""),
            reference=Report(get("reference-findings", ""), get("reference-impression", "")),
            consent=get("consent") == "true",
            would_sign=WOULD_SIGN.get(get("would-sign", "")),
            correction=get("correction", ""),
            reading_consent=get("reading-consent") == "true",
        )
