"""How a study was read: times and counts, no words. Kept only with a consent of its own."""

import math
from dataclasses import dataclass

from clinicalblip.radiology.counts import is_count


@dataclass(frozen=True)
class Reading:
    """How one study was read, from opening it to saving the review.

    Seconds are since the study was opened, None where it did not happen: the draft's first word and its end (0 where
    it was there already), the reader's first action, saving, opening the reference report, and the decision.
    `active_seconds`: the page was visible and the reader not idle. `sentence_seconds` and `error_seconds` have, for
    each of the review's sentences and errors, when it was decided last. Characters of the final report are counted by
    how they came there. `windows` and `zooms`: how many different ones were used. `prior_viewed` is None where there
    was no prior film. `interrupted`: the page was loaded again, or the study had been opened before, so that seconds
    are since then, and what was before is not in them.
    """

    saved_seconds: float
    active_seconds: float
    first_word_seconds: float | None = None
    draft_ended_seconds: float | None = None
    first_action_seconds: float | None = None
    reference_opened_seconds: float | None = None
    sentence_seconds: tuple[float | None, ...] = ()
    error_seconds: tuple[float | None, ...] = ()
    characters_typed: int = 0
    characters_pasted: int = 0
    characters_kept: int = 0
    characters_filled_in: int = 0
    characters_ticked: int = 0
    windows: int = 0
    zooms: int = 0
    prior_viewed: bool | None = None
    accepted_faster_than_readable: bool = False
    accepted_all_at_once: bool = False
    never_zoomed: bool = False
    verdict_seconds: float | None = None
    interrupted: bool = False

    def __post_init__(self) -> None:
        optional = (
            *(self.first_word_seconds, self.draft_ended_seconds, self.first_action_seconds),
            *(self.reference_opened_seconds, self.verdict_seconds, *self.sentence_seconds, *self.error_seconds),
        )
        for seconds in (self.saved_seconds, self.active_seconds, *(each for each in optional if each is not None)):
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
                raise ValueError(f"the seconds of a reading are finite and not negative, not {seconds!r}")
            if seconds > self.saved_seconds:
                raise ValueError(f"nothing of a reading is after saving, as {seconds} is after {self.saved_seconds}")
        counts = (
            *(self.characters_typed, self.characters_pasted, self.characters_kept, self.characters_filled_in),
            *(self.characters_ticked, self.windows, self.zooms),
        )
        if not all(map(is_count, counts)):
            raise ValueError(f"the counts of a reading are whole and not negative, not {counts!r}")
        if self.never_zoomed and self.zooms:
            raise ValueError(f"a film that was never zoomed was not zoomed {self.zooms} times")

    def is_after_reference(self, seconds: float | None) -> bool:
        """Whether an answer of this time was given once the reference report had been opened."""
        opened = self.reference_opened_seconds
        return opened is not None and seconds is not None and seconds >= opened

    @property
    def answers_after_reference(self) -> int:
        """How many sentences, errors and decisions were answered once the reference report had been opened."""
        answers = (*self.sentence_seconds, *self.error_seconds, self.verdict_seconds)
        return sum(map(self.is_after_reference, answers))
