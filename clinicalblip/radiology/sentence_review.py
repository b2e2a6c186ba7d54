"""What a reader did with each sentence of a draft."""

from dataclasses import dataclass
from enum import StrEnum

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.text_span import check_section, check_span


class SentenceFate(StrEnum):
    """What became of a sentence of the draft."""

    KEPT = "kept"
    EDITED = "edited"
    DROPPED = "dropped"


class DecidedBy(StrEnum):
    """What the reader did last that decided a sentence; `REST` takes all that is left at once."""

    TYPING = "typing"
    KEY = "key"
    CLICK = "click"
    REST = "rest at once"
    TICK = "tick"


@dataclass(frozen=True)
class SentenceReview:
    """One sentence of the draft, or one of the reader's own, and what was decided about it.

    `start` and `end` are characters of the draft's section, `final_start` and `final_end` of the reader's, each pair
    None where the sentence does not stand there. A sentence without a place in the draft is the reader's own: it has
    no `fate`. A sentence that was dropped has no place in the reader's section. Two sentences of the draft that were
    joined may have one place there. `decided_by` is None where nobody touched the sentence.
    """

    section: Section
    start: int | None
    end: int | None
    fate: SentenceFate | None
    final_start: int | None = None
    final_end: int | None = None
    decided_by: DecidedBy | None = None

    def __post_init__(self) -> None:
        check_section(self.section)
        for start, end in ((self.start, self.end), (self.final_start, self.final_end)):
            if (start is None) != (end is None):
                raise ValueError("a span has a start and an end, or neither")
            if start is not None and end is not None:
                check_span(start, end)
        if self.added != (self.fate is None):
            raise ValueError("a sentence of the draft has a fate, and one of the reader's own has none")
        if (self.final_start is None) != (self.fate is SentenceFate.DROPPED):
            raise ValueError("a sentence has a place in the reader's report unless it was dropped")

    @property
    def added(self) -> bool:
        """Whether it is a sentence of the reader's own."""
        return self.start is None
