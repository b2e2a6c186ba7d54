"""What the model wrote of one examination, and the Draft that is made of it, in this process or in another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.errors import DegenerateDraft
from clinicalblip.instructblip.generation.hint_check import UNGIVEN_HINT, answers_ungiven_hint
from clinicalblip.instructblip.prompt import Prompt
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import Report

LOOPED: Final = "The model wrote the same words over and over"
WROTE_NOTHING: Final = "The model wrote nothing"


@dataclass(frozen=True)
class WrittenReport:
    """A report as the model left it: `tokens` without the one that ends it, `seconds` since the model began.

    `stopped`: the reader ended it; `looping`: it wrote the same over and over.
    """

    report: Report
    tokens: int
    seconds: float
    stopped: bool = False
    looping: bool = False

    def __post_init__(self) -> None:
        if self.tokens < 0 or not 0 <= self.seconds < float("inf"):
            raise ValueError(f"a report cannot be {self.tokens} tokens written in {self.seconds} seconds")


def make_draft(
    radiographs: Sequence[Radiograph],
    prompt: Prompt,
    written: WrittenReport,
    *,
    model: ModelIdentity,
    generation: GenerationOptions,
    seed: int,
) -> Draft:
    """The Draft, with the warnings of films and prompt and those that the words themselves give rise to."""
    warnings = [warning for film in radiographs for warning in film.warnings]
    warnings.extend(prompt.warnings)
    if written.tokens >= generation.max_new_tokens:
        warnings.append(f"The draft was cut at {generation.max_new_tokens} tokens.")
    if written.looping:
        warnings.append(f"{LOOPED}.")
    if written.report.empty and not written.stopped:
        warnings.append(f"{WROTE_NOTHING}.")
    if answers_ungiven_hint(written.report, prompt.text):
        warnings.append(UNGIVEN_HINT)
    return Draft(
        report=written.report,
        prompt=prompt.text,
        radiographs=tuple(film.digest for film in radiographs),
        model=model,
        generation=generation,
        seed=seed,
        tokens=written.tokens,
        seconds=written.seconds,
        stopped=written.stopped,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def refuse_degenerate(written: WrittenReport) -> None:
    """Raise DegenerateDraft where nothing was written, or the same over and over; a reader's stop is no such end."""
    if written.looping and not written.stopped:
        raise DegenerateDraft(f"{LOOPED}; draft again with another seed or a repetition penalty.")
    if written.report.empty and not written.stopped:
        raise DegenerateDraft(f"{WROTE_NOTHING}; draft again with another seed or another film.")
