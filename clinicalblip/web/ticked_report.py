"""The findings of a reader's report as a document that is ticked, beside the boxes in which they stand."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.document_json import document_from_json, document_to_json
from clinicalblip.structured_report.row_changes import Part, change_row

_MOST_DOCUMENTS: Final = 20
_MOST_CHARACTERS: Final = 60_000
"""Of the texts of all documents that are remembered."""

_Row = tuple[Observation, Finding | None]


@dataclass
class TickedReport:
    """The document of one study's findings, as it was when they were ticked or looked at last; None before.

    Those of texts before are remembered as well, so that a text that undo brings back has its memory again, and so is
    what rows said `_before` they were ticked otherwise.
    """

    document: Document | None = None
    _known: OrderedDict[str, Document] = field(default_factory=OrderedDict)
    _before: dict[_Row, dict[Certainty | None, Finding | None]] = field(default_factory=dict)

    def of(self, findings: str) -> Document:
        """The document of the findings as they stand in their box, whoever wrote them there."""
        found = self._known.get(findings)
        if found is None:
            found = self.document.sync(findings) if self.document else Document.read(findings)
        self.keep(found)
        return found

    def keep(self, document: Document) -> None:
        """This is how the findings are now."""
        self.document = document
        self._known[document.text] = document
        self._known.move_to_end(document.text)
        while len(self._known) > 1 and (
            len(self._known) > _MOST_DOCUMENTS or sum(map(len, self._known)) > _MOST_CHARACTERS
        ):
            self._known.popitem(last=False)

    def change_row(self, now: Finding | None, observation: Observation, part: Part, value: str) -> Finding | None:
        """What a row says once a value was ticked in it, as `row_changes.change_row` has it.

        A row that is present, absent, doubtful or not mentioned again, with nothing else ticked in between, says all
        that it said before. ValueError as there.
        """
        if part is not Part.CERTAINTY:
            return change_row(now, observation, part, value)
        certainty = Certainty(value) if value else None
        before = self._before.get((observation, now), {})
        new = before.get(certainty) or change_row(now, observation, part, value)
        if new != now:
            self._before[observation, new] = {**before, (now.certainty if now else None): now}
        return new

    def to_json(self) -> dict[str, Any] | None:
        """The document as plain values, None where there is none."""
        return document_to_json(self.document) if self.document else None

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | None) -> "TickedReport":
        """What `to_json` gave; ValueError for anything else.

        A document that a newer labeler cannot write any more is left out: its text stands in the box, and is read.
        """
        ticked = cls()
        if values is not None:
            try:
                ticked.keep(document_from_json(values))
            except FindingNotWritten:
                return cls()
        return ticked
