"""How each character of the reader's report came in: every one in one way, whatever is done to the report."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web.kept_boxes import KeptBoxes
from clinicalblip.web.report_origins import ReportOrigins

DRAFT = Report("The heart is normal. No pleural effusion.", "No acute finding.")


class Hand:
    """Whatever changes the kept boxes: keys, the clipboard, the draft, ticks, undo."""

    def __init__(self) -> None:
        self.boxes, self.number = KeptBoxes(), 0

    def put(self, text: str, box: str = "findings", **how: Any) -> None:
        """A text stands in a box."""
        self.number += 1
        self.boxes.take({box: text}, self.number, most_characters=10**6, **how)

    def fill(self, report: Report, origin: Origin) -> None:
        """The page writes a report into the boxes."""
        self.number += 1
        self.boxes.fill(report, origin, self.number)

    def step(self, *, redo: bool = False) -> None:
        """Undo, or redo."""
        self.number += 1
        self.boxes.step(self.number, redo=redo)

    @property
    def origins(self) -> ReportOrigins:
        """How the characters came in."""
        return self.boxes.history.origins_at(self.boxes.report)

    @property
    def counts(self) -> dict[str, int]:
        """How many came in which way, without those of which there are none."""
        return {str(origin): number for origin, number in self.origins.count().items() if number}


@pytest.fixture
def hand() -> Hand:
    """A report with a draft in it."""
    hand = Hand()
    hand.fill(DRAFT, Origin.KEPT)
    return hand


texts = st.text("ab .\n", max_size=12)
by_hand = st.builds(
    lambda text, box, whole, origin: lambda hand: hand.put(text, box, whole=whole, origin=origin),
    texts,
    st.sampled_from(["findings", "impression"]),
    st.booleans(),
    st.none() | st.sampled_from([Origin.TYPED, Origin.PASTED, Origin.KEPT, Origin.FILLED_IN]),
)
by_page = st.builds(
    lambda findings, impression, origin: lambda hand: hand.fill(Report(findings, impression), origin),
    texts,
    texts,
    st.sampled_from(Origin),
)
steps = st.booleans().map(lambda redo: lambda hand: hand.step(redo=redo))


@given(st.lists(by_hand | by_page | steps, max_size=12), texts, st.sampled_from(Origin))
def test_every_character_came_in_one_way(acts: list[Callable[[Hand], None]], saved: str, origin: Origin) -> None:
    """Typed, pasted, kept, filled in or ticked, in any sequence, and also in a text that differs as it is saved."""
    hand = Hand()
    for act in acts:
        act(hand)
        assert hand.origins.report == hand.boxes.report
        assert sum(hand.counts.values()) == len(hand.boxes.report.findings) + len(hand.boxes.report.impression)
    last = hand.boxes.history.origins_at(Report(saved, ""), origin)
    assert (last.report, sum(last.count().values())) == (Report(saved, ""), len(saved))


@given(st.lists(by_hand | by_page, min_size=1, max_size=6))
def test_a_step_taken_back_gives_the_origins_of_then(acts: list[Callable[[Hand], None]]) -> None:
    """And done again those of now."""
    hand = Hand()
    for act in acts[:-1]:
        act(hand)
    hand.boxes.history.clock = lambda: 1e9  # a pause, so that the last act is a step of its own
    before = hand.origins
    acts[-1](hand)
    after = hand.origins
    if before.report != after.report:
        hand.step()
        assert hand.origins == before
        hand.step(redo=True)
        assert hand.origins == after


def test_each_way_is_told_apart(hand: Hand) -> None:
    """A draft, keys, the clipboard, what the page fills in and what is ticked."""
    length = len(DRAFT.findings) + len(DRAFT.impression)
    assert hand.counts == {"kept": length}
    hand.put(DRAFT.findings + " Old rib", origin=Origin.TYPED)
    hand.put(DRAFT.findings + " Old rib fracture.", whole=True)
    hand.put(DRAFT.findings + " Old rib fracture. 12 mm", whole=True, origin=Origin.FILLED_IN)
    hand.fill(Report(hand.boxes.report.findings + " No edema.", DRAFT.impression), Origin.TICKED)
    expected = {"kept": length, "typed": len(" Old rib"), "pasted": len(" fracture.")}
    assert hand.counts == expected | {"filled in": len(" 12 mm"), "ticked": len(" No edema.")}


def test_a_sentence_moved_by_the_clipboard_stays_what_it_was(hand: Hand) -> None:
    """Cut and pasted elsewhere, in the other box too, or dragged there; pasted once more it is pasted."""
    moved = "No pleural effusion."
    hand.put("The heart is normal. ", whole=True, origin=Origin.TYPED)
    hand.put(f"{DRAFT.impression} {moved}", "impression", whole=True, origin=Origin.TYPED)
    before = hand.counts
    hand.put(DRAFT.impression, "impression", whole=True, origin=Origin.TYPED)
    hand.put(f"{moved} {DRAFT.impression}", "impression", whole=True, origin=Origin.PASTED)
    assert before["typed"] > 0
    assert hand.counts["kept"] == len("The heart is normal. ") + len(DRAFT.impression)
    hand = Hand()
    hand.fill(DRAFT, Origin.KEPT)
    hand.put("The heart is normal. ", whole=True, origin=Origin.TYPED)
    hand.put("No pleural effusion.The heart is normal. ", whole=True, origin=Origin.PASTED)
    assert hand.counts == {"kept": len(DRAFT.findings) + len(DRAFT.impression)}


def test_a_text_that_comes_back_is_what_it_was(hand: Hand) -> None:
    """The reader's own text after the draft took its place, and what a tick changed and changed back."""
    hand.put("My own words.")
    mine = hand.counts
    hand.fill(DRAFT, Origin.KEPT)
    assert "typed" not in hand.counts
    hand.fill(Report("My own words.", DRAFT.impression), Origin.TYPED)
    assert hand.counts == mine
    hand.fill(Report("My own words. Large heart.", DRAFT.impression), Origin.TICKED)
    hand.fill(Report("My own words.", DRAFT.impression), Origin.TICKED)
    assert hand.counts == mine


def test_what_the_page_masks_leaves_the_rest(hand: Hand) -> None:
    """Masks in two places are filled in; what stands between them is not."""
    hand.fill(Report("Dr. Roe saw it. The heart is normal. Told to Dr. Doe today.", ""), Origin.KEPT)
    masked = Report("Dr. [name] saw it. The heart is normal. Told to Dr. [name] today.", "")
    counts = hand.boxes.history.origins_at(masked, Origin.FILLED_IN).count()
    assert counts[Origin.FILLED_IN] == 2 * len("[name]")
    assert counts[Origin.TYPED] == 0


def test_a_history_of_before_there_were_origins_counts_as_typed() -> None:
    """Nobody knows better, and the counts still sum."""
    assert ReportOrigins.from_runs(DRAFT, ("", "")) == ReportOrigins.of(DRAFT, Origin.TYPED)
    assert ReportOrigins.from_runs(DRAFT, ("3k", "1p")) == ReportOrigins.of(DRAFT, Origin.TYPED)
