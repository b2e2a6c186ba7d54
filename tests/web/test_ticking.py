"""What a tick does to a reader's report on the server, and that what stood there comes back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.document_json import finding_to_json
from clinicalblip.structured_report.impression import NORMAL_IMPRESSION
from clinicalblip.structured_report.origins import Origin
from clinicalblip.structured_report.table import read_table
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.journal.files import JournalFiles
from clinicalblip.web.journal.snapshot import Journal
from clinicalblip.web.session import Session
from clinicalblip.web.ticking import Ticked, tick_report

TEXT = "The heart is of normal size. Small left effusion, as before. Clips in the abdomen. No pneumothorax or fracture."
EFFUSION, HEART = Observation.PLEURAL_EFFUSION, Observation.CARDIOMEGALY


class Ticker:
    """Somebody with a report who ticks, by what the page's script would send."""

    def __init__(self, findings: str = TEXT, impression: str = "", session: Session | None = None) -> None:
        self.session = session or Session()
        self.number = 1
        if session is None:
            self.session.boxes.fill(Report(findings, impression), Origin.KEPT)

    def ask(self, **asked: Any) -> Ticked:
        """Ask for something, and be answered."""
        self.number += 1
        ticked = tick_report(self.session, asked, self.number, most_characters=20_000)
        assert ticked is not None
        return ticked

    def tick(self, observation: Observation, part: str, value: str) -> Ticked:
        """Tick something in the first row of an observation."""
        finding = self.says(observation)
        told = finding_to_json(finding) if finding else None
        return self.ask(action="tick", observation=observation.value, finding=told, part=part, value=value)

    def says(self, observation: Observation) -> Finding | None:
        """What the first row of an observation says."""
        rows = self.ask(action="show").document.table.rows
        return next(row.finding for row in rows if row.observation is observation)

    def type(self, findings: str) -> None:
        """Type over the findings."""
        self.number += 1
        self.session.boxes.take({"findings": findings}, self.number, most_characters=20_000)

    @property
    def findings(self) -> str:
        """What stands in the box."""
        return self.session.boxes.report.findings


def test_a_tick_changes_its_sentence_alone_and_is_a_step_of_the_history() -> None:
    """Which says that it was ticked, and can be taken back; the next tick then begins where it has to."""
    ticker = Ticker()
    ticked = ticker.tick(EFFUSION, "side", "right")
    assert ticker.findings == TEXT.replace("left", "right") == ticked.report.findings
    assert ticked.step is not None
    assert [step.origin for step in ticker.session.boxes.history.steps] == [Origin.KEPT, Origin.TICKED]
    assert ticker.session.boxes.step(100, redo=False) is not None
    assert ticker.findings == TEXT
    ticker.number = 100
    ticker.tick(EFFUSION, "certainty", "absent")
    assert "no left pleural effusion" in ticker.findings
    ticker.tick(EFFUSION, "certainty", "present")
    assert ticker.findings == TEXT


def test_a_row_that_is_ticked_back_says_all_that_it_said() -> None:
    """Over absent, doubtful and not mentioned, also where undo stood in between."""
    ticker = Ticker()
    for state in ("absent", "uncertain", "", "present"):
        ticker.tick(EFFUSION, "certainty", state)
    assert ticker.findings == TEXT
    ticker.tick(EFFUSION, "certainty", "")
    assert "effusion" not in ticker.findings
    ticker.session.boxes.step(200, redo=False)
    ticker.session.boxes.step(201, redo=True)
    ticker.number = 300
    ticker.tick(EFFUSION, "certainty", "present")
    assert ticker.findings == TEXT


def test_a_typed_sentence_changes_the_ticks_and_keeps_what_was_ticked() -> None:
    """What is typed between two ticks stays, and the words of a tick that is taken back still come back."""
    ticker = Ticker()
    ticker.tick(HEART, "certainty", "present")
    ticker.type(f"{ticker.findings} Right pneumonia.")
    assert ticker.says(Observation.PNEUMONIA) is not None
    ticker.tick(HEART, "certainty", "absent")
    assert ticker.findings == f"{TEXT} Right pneumonia."


def test_normal_sentences_are_filled_in_once() -> None:
    """By one press, and it is said where there is nothing to fill in."""
    ticker = Ticker("Small left effusion.")
    ticked = ticker.ask(action="fill in")
    assert ticked.step is not None
    assert ticked.step.origin is Origin.FILLED_IN
    assert ticker.findings.startswith("Small left effusion. The lungs are clear.")
    assert ticker.ask(action="fill in").said == wording.ALL_MENTIONED


def test_an_impression_is_written_of_what_is_there() -> None:
    """Over the one that stood there, which undo brings back."""
    ticker = Ticker("Small left effusion. Right pneumothorax.", "Nothing.")
    ticker.ask(action="impression")
    assert ticker.session.boxes.report.impression == (
        "There is a right pneumothorax. There is a small left pleural effusion."
    )
    ticker.session.boxes.step(100, redo=False)
    assert ticker.session.boxes.report.impression == "Nothing."
    plain = Ticker("The lungs are clear.")
    plain.ask(action="impression")
    assert plain.session.boxes.report.impression == NORMAL_IMPRESSION


def test_a_tick_of_a_report_that_was_changed_meanwhile_changes_nothing() -> None:
    """As another page of the session can do; it is said."""
    ticker = Ticker()
    gone = finding_to_json(Finding(EFFUSION, Certainty.ABSENT))
    asked = {"action": "tick", "observation": EFFUSION.value, "finding": gone, "part": "side", "value": "left"}
    ticked = ticker.ask(**asked)
    assert (ticked.said, ticked.step, ticker.findings) == (wording.TICK_BEHIND, None, TEXT)


def test_another_language_has_no_ticks_and_loses_nothing() -> None:
    """A tick writes its sentence beside it."""
    german = "Kein Pleuraerguss. Das Herz ist nicht vergrößert."
    ticker = Ticker(german)
    shown = ticker.ask(action="show").document.table
    assert [row for row in shown.rows if row.finding] == []
    assert ticker.ask(action="fill in").said == wording.ALL_MENTIONED
    ticker.tick(EFFUSION, "certainty", "present")
    assert ticker.findings == f"{german} There is a pleural effusion."


def test_nothing_is_ticked_while_a_draft_is_written() -> None:
    """Nor beyond the length of a text."""
    ticker = Ticker()
    ticker.session.draft.filling = True
    assert tick_report(ticker.session, {"action": "fill in"}, 9, most_characters=20_000) is None
    ticker.session.draft.filling = False
    asked = {"action": "tick", "observation": "Pneumonia", "finding": None, "part": "side", "value": "left"}
    refused = tick_report(ticker.session, asked, 10, most_characters=len(TEXT))
    assert refused is not None
    assert (refused.said, ticker.findings) == (wording.TOO_LONG_TO_KEEP, TEXT)


def test_words_come_back_after_a_restart(app: AppContext, tmp_path: Any) -> None:
    """The document is in the journal, with what its sentences said before."""
    journal = Journal(JournalFiles(tmp_path / "sessions", hours=12))
    session = Session(secret=b"s" * 32)
    session.boxes.fill(Report(TEXT, ""), Origin.KEPT)
    Ticker(session=session).tick(HEART, "certainty", "present")
    journal.keep(session)
    again = Session(secret=b"s" * 32)
    journal.restore(again, app)
    ticker = Ticker(session=again)
    ticker.number = 100
    assert "There is cardiomegaly." in ticker.findings
    ticker.tick(HEART, "certainty", "absent")
    assert ticker.findings == TEXT


def test_another_study_begins_without_ticks() -> None:
    """Nothing of the one before comes back into it."""
    ticker = Ticker()
    ticker.tick(EFFUSION, "certainty", "absent")
    ticker.session.boxes.clear_report()
    ticker.type("Large effusion.")
    ticker.tick(EFFUSION, "certainty", "")
    ticker.tick(EFFUSION, "certainty", "present")
    assert ticker.findings == "Large effusion."


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"action": "erase"},
        {"action": "tick", "observation": "No Finding", "finding": None, "part": "certainty", "value": "present"},
        {"action": "tick", "observation": "Edema", "finding": {}, "part": "certainty", "value": "present"},
        {"action": "tick", "observation": "Edema", "finding": None, "part": "colour", "value": "red"},
    ],
)
def test_what_no_page_asks_is_refused(asked: dict[str, Any]) -> None:
    """As an error that the route knows; the report stays."""
    ticker = Ticker()
    with pytest.raises((ValueError, KeyError, TypeError)):
        ticker.ask(**asked)
    assert ticker.findings == TEXT


_ROWS = st.sampled_from([EFFUSION, HEART, Observation.PNEUMOTHORAX, Observation.PNEUMONIA, Observation.FRACTURE])
_TICKS = st.one_of(
    st.tuples(_ROWS, st.just("certainty"), st.sampled_from(["present", "absent", "uncertain", ""])),
    st.tuples(_ROWS, st.just("side"), st.sampled_from(["left", "right", "both"])),
    st.tuples(_ROWS, st.just("degree"), st.sampled_from(["small", "large"])),
)


@settings(max_examples=60)
@given(st.lists(_TICKS, max_size=5))
def test_ticks_in_any_sequence_are_read_back_and_taken_back(ticks: list[tuple[Observation, str, str]]) -> None:
    """The box says what is ticked, another sentence stays, and undo comes back to the words that stood there."""
    ticker = Ticker()
    for observation, part, value in ticks:
        ticked = ticker.tick(observation, part, value)
        assert {row.finding for row in read_table(ticker.findings).rows} - {None} == ticked.document.ticked
        assert "Clips in the abdomen." in ticker.findings
    for number in range(len(ticker.session.boxes.history.steps) - 1):
        assert ticker.session.boxes.step(1000 + number, redo=False)
    assert ticker.findings == TEXT
