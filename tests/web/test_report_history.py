"""The steps of a reader's report: what one is, that each goes back and forth, and that they are bounded."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web.kept_boxes import KeptBoxes
from clinicalblip.web.report_history import MOST_CHARACTERS, MOST_STEPS, ReportHistory

SENTENCE = "The lungs are clear today. "


@dataclass
class Typist:
    """Somebody who types into the kept boxes, a few keys at a time, with a clock of their own."""

    boxes: KeptBoxes = field(default_factory=KeptBoxes)
    now: float = 0.0
    number: int = 0

    def __post_init__(self) -> None:
        self.boxes.history.clock = lambda: self.now

    def put(self, text: str, box: str = "findings", *, whole: bool = False) -> None:
        """A text stands in a box, a moment later."""
        self.now, self.number = self.now + 0.2, self.number + 1
        self.boxes.take({box: text}, self.number, most_characters=10**7, whole=whole)

    def type(self, text: str, box: str = "findings") -> None:
        """Type at the end of a box, two keys at a time."""
        for place in range(0, len(text), 2):
            self.put(self.boxes.values.get(box, "") + text[place : place + 2], box)

    def undo(self, *, redo: bool = False) -> Report | None:
        """The report after a step back, or forward; None where there is none."""
        self.number += 1
        return self.boxes.report if self.boxes.step(self.number, redo=redo) else None


@pytest.fixture
def typist() -> Typist:
    """Somebody before empty boxes."""
    return Typist()


def test_a_run_of_typing_is_one_step(typist: Typist) -> None:
    """A pause ends it, and so does going on in another place or in the other box."""
    typist.type("The heart is")
    typist.type(" large.")
    typist.now += 5
    typist.type(" Perhaps.")
    typist.put("So: The heart is large. Perhaps.")
    typist.type("Large heart.", "impression")
    expected = [
        Report("So: The heart is large. Perhaps.", ""),
        Report("The heart is large. Perhaps.", ""),
        Report("The heart is large.", ""),
        Report(),
        None,
    ]
    assert [typist.undo() for _ in expected] == expected


def test_a_long_run_ends_now_and_then(typist: Typist) -> None:
    """At the end of a line, and after about a hundred characters, so that a slip costs no page."""
    typist.type(SENTENCE * 10)
    assert 2 <= len(typist.boxes.history.steps) <= 4
    typist.boxes.history.clear()
    typist.type("one\n")
    typist.type("two")
    assert len(typist.boxes.history.steps) == 2


def test_deleting_is_a_step_apart_from_typing(typist: Typist) -> None:
    """Backspaces together, forward deletions too; then typing begins a new one."""
    typist.type("clear lungs")
    for length in (10, 8, 6):
        typist.put("clear lungs"[:length])
    typist.type("heart")
    assert [typist.undo() for _ in range(3)] == [Report("clear ", ""), Report("clear lungs", ""), Report()]


def test_what_is_pasted_is_a_step_of_its_own(typist: Typist) -> None:
    """However short, where the page says so; many characters at once are, whoever says nothing."""
    typist.type("No ")
    typist.put("No mass", whole=True)
    typist.type(" seen.")
    typist.put(SENTENCE + typist.boxes.report.findings)
    assert len(typist.boxes.history.steps) == 4
    assert typist.undo() == Report("No mass seen.", "")
    assert typist.undo() == Report("No mass", "")
    assert typist.undo() == Report("No ", "")


def test_a_draft_over_both_boxes_is_one_step(typist: Typist) -> None:
    """Undo brings the edit back that it took the place of, in both."""
    typist.type("mine")
    typist.type("mine too", "impression")
    typist.boxes.fill(Report("the draft's", "the draft's too"), Origin.KEPT)
    assert typist.undo() == Report("mine", "mine too")
    assert typist.undo(redo=True) == Report("the draft's", "the draft's too")


def test_each_step_says_how_its_characters_came(typist: Typist) -> None:
    """Typed and pasted as the page tells it, and what the page itself writes as whoever writes it says."""
    typist.type("Mine.")
    typist.put("Mine. And theirs.", whole=True)
    typist.boxes.fill(Report("Mine. And theirs. No effusion.", ""), Origin.TICKED, 100)
    typist.put("an earlier text")
    assert [step.origin for step in typist.boxes.history.steps] == [Origin.TYPED, Origin.PASTED, Origin.TICKED]
    assert typist.boxes.report.findings == "Mine. And theirs. No effusion."


def test_another_edit_after_a_step_back_ends_what_was_taken_back(typist: Typist) -> None:
    """There is nothing to do again, and what was before is still there."""
    typist.put("one", whole=True)
    typist.put("two", whole=True)
    typist.undo()
    typist.put("three", whole=True)
    assert typist.undo(redo=True) is None
    assert typist.undo() == Report("one", "")


def test_what_was_sent_before_a_step_back_changes_nothing(typist: Typist) -> None:
    """A part of the text that arrives late belongs to the step that is gone."""
    typist.put("one")
    assert typist.undo() == Report()
    typist.boxes.take({"findings": "on"}, 1, most_characters=100)
    assert typist.boxes.report == Report()


def test_a_history_ends_with_its_study(typist: Typist) -> None:
    """Nothing of it comes back into the boxes of another one."""
    typist.type("of the study before")
    typist.boxes.clear_report()
    assert typist.undo() is None
    assert typist.boxes.report == Report()


def test_a_history_is_bounded(typist: Typist) -> None:
    """By steps and by characters; the oldest go, and what is left still leads back."""
    for number in range(MOST_STEPS + 20):
        typist.put(str(number), whole=True)
    assert len(typist.boxes.history.steps) == MOST_STEPS
    for _ in range(MOST_STEPS):
        last = typist.undo()
    assert last == Report("19", "")
    typist.put("x" * 150_000)
    typist.put("y" * 150_000)
    assert sum(step.length for step in typist.boxes.history.steps) <= MOST_CHARACTERS
    assert typist.undo() is None
    typist.type(" and on")
    assert typist.undo() == Report("y" * 150_000, "")


def test_a_history_of_another_text_is_none() -> None:
    """It is dropped, and the text stays as it is."""
    history = ReportHistory()
    history.note(Report("one", ""), Report("two", ""), whole=True)
    assert history.undo(Report("other", "")) is None
    assert history.steps == []


_TEXT = st.text(alphabet="ab \n🫁", max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["findings", "impression"]), _TEXT, st.booleans(), st.floats(0, 3))))
def test_all_steps_back_and_forth_are_the_same_texts(changes: list[tuple[str, str, bool, float]]) -> None:
    """Whatever stood in the boxes, the way back passes texts that stood there, and the way forth the same again."""
    typist = Typist()
    stood = {Report()}
    for box, text, whole, pause in changes:
        typist.now += pause
        typist.put(text, box, whole=whole)
        stood.add(typist.boxes.report)
    end, back = typist.boxes.report, [typist.boxes.report]
    while (report := typist.undo()) is not None:
        back.append(report)
    assert back[-1] == Report()
    assert set(back) <= stood
    forth = [back[-1]]
    while (report := typist.undo(redo=True)) is not None:
        forth.append(report)
    assert forth == back[::-1]
    assert forth[-1] == end
