"""A draft as far as replicas have told it."""

import pytest

from clinicalblip.errors import ModelError
from clinicalblip.instructblip.generation.written_report import WrittenReport
from clinicalblip.instructblip.prompt import Prompt
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.serving.protocol import Beat, Began, Ended, Line, Words
from clinicalblip.serving.resumable_draft import ResumableDraft

ID, PROMPT = "a" * 32, Prompt("Report:")


def begun(*lines: Line) -> ResumableDraft:
    """A draft that has been told these lines after its beginning."""
    draft = ResumableDraft((), ClinicalContext("cough"), 3)
    for line in (Began(ID, PROMPT), *lines):
        draft.take(line)
    return draft


def words(at: int, *token_ids: int, text: str = "The", seconds: float = 1.0) -> Words:
    """A line with words."""
    return Words(ID, at, token_ids, Report(text), seconds)


def test_the_next_replica_is_told_what_was_written() -> None:
    """All token ids in their order, and the seconds of both are added."""
    draft = begun(words(0, 5, 6), words(2, 7, text="The heart", seconds=2.0))
    again = draft.request(ID)
    assert (again.written, again.seed, again.context.indication) == ((5, 6, 7), 3, "cough")
    draft.take(Began(ID, PROMPT))
    draft.take(words(3, 8, text="The heart is"))
    assert draft.seconds == 3.0
    draft.take(Ended(ID, WrittenReport(Report("The heart is normal."), 5, 1.5)))
    assert draft.written == WrittenReport(Report("The heart is normal."), 5, 3.5)


def test_a_draft_that_nobody_ended_is_stopped_where_it_is() -> None:
    """With the words that are shown."""
    written = begun(words(0, 5, 6)).written
    assert (written.report, written.tokens, written.stopped) == (Report("The"), 2, True)


@pytest.mark.parametrize(
    "line", [words(0, 5), words(3, 5), Began(ID, Prompt("Another:")), Beat(ID)], ids=["again", "gap", "prompt", "beat"]
)
def test_words_that_do_not_follow_are_refused(line: Line) -> None:
    """Twice the same, some left out, or of another prompt."""
    with pytest.raises(ModelError, match="no answer"):
        begun(words(0, 5, 6)).take(line)


def test_words_before_a_prompt_are_refused() -> None:
    """A draft begins with what the model was given."""
    for line in (words(0, 1), Ended(ID, WrittenReport(Report(), 0, 0.0))):
        with pytest.raises(ModelError, match="no answer"):
            ResumableDraft((), ClinicalContext(), 0).take(line)
