"""In Chromium: ten cases are read by keyboard alone, and what was done is rebuilt from the export and nothing else."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.feedback.exports.write import export_reviews
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, parse_sections
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import Settings
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.work_list import WorkList, list_studies
from research.rebuild_reviews import main as rebuild_reviews
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.keyboard import Keyboard
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import Served, png_film, until

pytestmark = [*BROWSER, pytest.mark.system]

SLOWEST = 60.0
"""Seconds after which nothing more is waited for, on a machine that does much else."""


@dataclass(frozen=True)
class Press:
    """Keys at once, with the focus at `at`, until the page is `seen` so; without keys it is only waited for.

    `decides`: what it is the last to decide: the number of a sentence of the draft, "error" or "verdict".
    """

    keys: Sequence[str]
    seen: Callable[[Reader], object] = lambda _: True
    at: str = ""
    decides: Sequence[int | str] = ()


@dataclass(frozen=True)
class ReadCase:
    """A draft, what is pressed, and what the review has to say.

    `fates`: of each of the draft's sentences its fate, its words in the report, what decided it. `own`: the reader's
    own sentences. `errors`: category, observation, origin, state, and words of the draft. `checks`: shown, dismissed.
    """

    draft: str
    presses: Sequence[Press]
    findings: str
    impression: str
    verdict: str
    fates: Sequence[tuple[str, str | None, str | None]]
    own: Sequence[str] = ()
    errors: Sequence[tuple[str, str | None, str, str, str | None]] = ()
    checks: Sequence[tuple[str, int, int]] = ()


ROUNDED = 0.1
"""The page says times in tenths of seconds."""

VERDICTS = ("accepted", "minor edits", "major edits", "rejected")


def fates(*said: str) -> Callable[[Reader], bool]:
    """The page says this of the draft's sentences, in their order."""
    script = "return [...document.querySelectorAll('#ai-draft .cb-sentence')].map((one) => one.dataset.fate)"

    def seen(reader: Reader) -> bool:
        return bool(reader.browser.execute_script(script) == list(said))

    return seen


def has(places: str) -> Callable[[Reader], bool]:
    """A selector finds something."""
    return lambda reader: reader.has(places)


def focus_is_nowhere(reader: Reader) -> bool:
    """No box and no button has it."""
    return bool(reader.browser.execute_script("return document.activeElement === document.body"))


def decided(how: str, times: int = 1) -> Callable[[Reader], bool]:
    """The page has noted so many decisions of this kind."""
    return lambda reader: (
        list(json.loads(reader.box("correction") or "{}").get("sentences", {}).values()).count(how) >= times
    )


HEART, LUNGS, PLEURA = "The heart is of normal size.", "The lungs are clear.", "There is no pleural effusion."
SMALL, LARGE = "There is a small left pleural effusion.", "There is a large left pleural effusion."
NOTHING = "No acute finding."
SELECTED = "const box = document.activeElement; return box.value.slice(box.selectionStart, box.selectionEnd)"

AS_TEXT = (
    ReadCase(  # all that is left is accepted by one key
        draft=f"FINDINGS: {HEART} {LUNGS} {PLEURA} IMPRESSION: {NOTHING}",
        presses=[Press("a", decided("rest at once", 4), decides=[0, 1, 2, 3])],
        findings=f"{HEART} {LUNGS} {PLEURA}",
        impression=NOTHING,
        verdict="accepted",
        fates=[("kept", words, "rest at once") for words in (HEART, LUNGS, PLEURA, NOTHING)],
    ),
    ReadCase(  # one is dropped, and the error that this points to is confirmed
        draft=f"FINDINGS: The heart is enlarged. {LUNGS} {SMALL} IMPRESSION: Left pleural effusion.",
        presses=[
            Press("j", has(".cb-walked")),
            Press("x", fates("dropped", "kept", "kept", "kept"), decides=[0]),
            Press("y", has('[data-error][data-state="confirmed"]'), decides=["error"]),
        ],
        findings=f"{LUNGS} {SMALL}",
        impression="Left pleural effusion.",
        verdict="minor edits",
        fates=[
            ("dropped", None, "key"),
            ("kept", LUNGS, None),
            ("kept", SMALL, None),
            ("kept", "Left pleural effusion.", None),
        ],
        errors=[("false finding", "Cardiomegaly", "proposed", "confirmed", "The heart is enlarged.")],
    ),
    ReadCase(  # one is typed over, and the error that this points to is discarded
        draft=f"FINDINGS: {HEART} {SMALL} IMPRESSION: Left pleural effusion.",
        presses=[
            Press("j", has(".cb-walked")),
            Press("j"),
            Press("e", lambda reader: reader.browser.execute_script(SELECTED) == SMALL),
            Press([LARGE], fates("kept", "edited", "kept"), decides=[1]),
            Press([Keys.ESCAPE], focus_is_nowhere),
            Press([Keys.SHIFT, "y"], has('[data-error][data-state="discarded"]'), decides=["error"]),
        ],
        findings=f"{HEART} {LARGE}",
        impression="Left pleural effusion.",
        verdict="minor edits",
        fates=[("kept", HEART, None), ("edited", LARGE, "typing"), ("kept", "Left pleural effusion.", None)],
        errors=[("severity", "Pleural Effusion", "proposed", "discarded", SMALL)],
    ),
    ReadCase(  # one is accepted, one of the reader's own is added with a word left, and a check put aside
        draft=f"FINDINGS: {HEART} {LUNGS} IMPRESSION: {NOTHING}",
        presses=[
            Press("j", has(".cb-walked")),
            Press([Keys.ENTER], decided("key"), decides=[0]),
            Press([Keys.CONTROL, Keys.END], at="#findings textarea"),
            Press([" Old left rib fracture at XXXX."], has("[data-error]")),
            Press([Keys.ENTER], lambda reader: not reader.has("#remarks [data-remark]"), at="#remarks .cb-dismiss"),
            Press("y", has('[data-error][data-state="confirmed"]'), decides=["error"]),
        ],
        findings=f"{HEART} {LUNGS} Old left rib fracture at XXXX.",
        impression=NOTHING,
        verdict="major edits",
        fates=[("kept", HEART, "key"), ("kept", LUNGS, None), ("kept", NOTHING, None)],
        own=["Old left rib fracture at XXXX."],
        errors=[("missing finding", "Fracture", "proposed", "confirmed", None)],
        checks=[("placeholder_left", 1, 1)],
    ),
    ReadCase(  # two errors are named by hand, of what is missing and of a sentence; that is dropped and brought back
        draft=f"FINDINGS: {HEART} {LUNGS} IMPRESSION: {NOTHING}",
        presses=[
            Press([Keys.SHIFT, "x"], has("dialog[open] [name=category]:focus")),
            Press([Keys.TAB], has("[name=observation]:focus")),
            Press("Fracture"),
            Press([Keys.TAB], has("[name=significance]:focus")),
            Press("urgent"),
            Press([Keys.TAB], has("dialog [value=add]:focus")),
            Press([Keys.ENTER], has("[data-named]"), decides=["error"]),
            Press("k", has(".cb-walked")),
            Press("x", fates("kept", "kept", "dropped")),
            Press("x", fates("kept", "kept", "kept"), decides=[2]),
            Press([Keys.SHIFT, "x"], has("dialog[open] [name=category]:focus")),
            Press("Not specific"),
            Press([Keys.ENTER], has('[data-named="1"]'), at="dialog [value=add]"),
        ],
        findings=f"{HEART} {LUNGS}",
        impression=NOTHING,
        verdict="rejected",
        fates=[("kept", HEART, None), ("kept", LUNGS, None), ("kept", NOTHING, "key")],
        errors=[
            ("missing finding", "Fracture", "by hand", "confirmed", None),
            ("unspecific", None, "by hand", "confirmed", NOTHING),
        ],
    ),
)

EFFUSION, PNEUMONIA = "Pleural Effusion", "Pneumonia"


def row(observation: str) -> Callable[[Reader], bool]:
    """The focus is in the row of this finding."""
    return has(f'.cb-tick[data-observation="{observation}"]:focus')


def box(part: str, text: str) -> Callable[[Reader], bool]:
    """A text of the report is this one."""
    return lambda reader: reader.box(part) == text


ROWS = Press([Keys.HOME], row("Lung Opacity"), at="#ticks .cb-tick")
TO_PLEURA = Press([Keys.PAGE_DOWN], row(EFFUSION))

AS_TICKS = (
    ReadCase(  # the view is opened, another degree ticked, and the error that this points to left alone
        draft=f"FINDINGS: {HEART} {LUNGS} {SMALL} IMPRESSION: Left pleural effusion.",
        presses=[
            Press([Keys.F2], row("Lung Opacity")),
            TO_PLEURA,
            Press("4", box("findings", f"{HEART} {LUNGS} {LARGE}"), decides=[2]),
            Press([], fates("kept", "kept", "edited", "kept")),
        ],
        findings=f"{HEART} {LUNGS} {LARGE}",
        impression="Left pleural effusion.",
        verdict="minor edits",
        fates=[
            ("kept", HEART, None),
            ("kept", LUNGS, None),
            ("edited", LARGE, "tick"),
            ("kept", "Left pleural effusion.", None),
        ],
        errors=[("severity", EFFUSION, "proposed", "ignored", SMALL)],
    ),
    ReadCase(  # a finding is taken away, and the error that this points to confirmed
        draft=f"FINDINGS: The heart is enlarged. {LUNGS} {SMALL} IMPRESSION: Left pleural effusion.",
        presses=[
            ROWS,
            TO_PLEURA,
            Press([Keys.PAGE_DOWN], row("Cardiomegaly")),
            Press([Keys.DELETE], fates("dropped", "kept", "kept", "kept"), decides=[0]),
            Press("y", has('[data-error][data-state="confirmed"]'), decides=["error"]),
        ],
        findings=f"{LUNGS} {SMALL}",
        impression="Left pleural effusion.",
        verdict="minor edits",
        fates=[
            ("dropped", None, "tick"),
            ("kept", LUNGS, None),
            ("kept", SMALL, None),
            ("kept", "Left pleural effusion.", None),
        ],
        errors=[("false finding", "Cardiomegaly", "proposed", "confirmed", "The heart is enlarged.")],
    ),
    ReadCase(  # the other side is ticked; the impression has the side of before, which a check says
        draft=f"FINDINGS: {HEART} {LUNGS} {SMALL} IMPRESSION: Left pleural effusion.",
        presses=[
            ROWS,
            TO_PLEURA,
            Press("r", fates("kept", "kept", "edited", "kept"), decides=[2]),
            Press([Keys.SHIFT, "y"], has('[data-error][data-state="discarded"]'), decides=["error"]),
            Press([], has("#remarks [data-remark]")),
        ],
        findings=f"{HEART} {LUNGS} There is a small right pleural effusion.",
        impression="Left pleural effusion.",
        verdict="major edits",
        fates=[
            ("kept", HEART, None),
            ("kept", LUNGS, None),
            ("edited", "There is a small right pleural effusion.", "tick"),
            ("kept", "Left pleural effusion.", None),
        ],
        errors=[("location", EFFUSION, "proposed", "discarded", SMALL)],
        checks=[("side_conflict", 1, 0)],
    ),
    ReadCase(  # normal sentences are filled in, and then one of the draft is dropped, which no tick did
        draft=f"FINDINGS: {HEART} {LUNGS} IMPRESSION: {NOTHING}",
        presses=[
            Press([Keys.ALT, "n"], lambda reader: "no acute fracture" in reader.box("findings")),
            Press("j", has(".cb-walked")),
            Press("j"),
            Press("x", fates("kept", "dropped", "kept"), decides=[1]),
        ],
        findings=f"{HEART} There is no pleural effusion or pneumothorax. There is no acute fracture.",
        impression=NOTHING,
        verdict="accepted",
        fates=[("kept", HEART, None), ("dropped", None, "key"), ("kept", NOTHING, None)],
        own=["There is no pleural effusion or pneumothorax.", "There is no acute fracture."],
    ),
    ReadCase(  # a finding that was not mentioned is ticked, and the impression follows
        draft=f"FINDINGS: {HEART} {LUNGS} IMPRESSION: {NOTHING}",
        presses=[
            ROWS,
            Press([Keys.ARROW_RIGHT], row(PNEUMONIA)),
            Press("p", has("[data-error]")),
            Press("y", has('[data-error][data-state="confirmed"]'), decides=["error"]),
            Press([Keys.ALT, "i"], box("impression", "There is pneumonia."), decides=[2]),
            Press([], fates("kept", "kept", "dropped")),
        ],
        findings=f"{HEART} {LUNGS} There is pneumonia.",
        impression="There is pneumonia.",
        verdict="rejected",
        fates=[("kept", HEART, None), ("kept", LUNGS, None), ("dropped", None, "tick")],
        own=["There is pneumonia.", "There is pneumonia."],
        errors=[("missing finding", PNEUMONIA, "proposed", "confirmed", None)],
        checks=[("says_and_denies", 1, 0), ("findings_impression_disagree", 1, 0)],  # the lungs are clear
    ),
)


@dataclass
class Clock:
    """When each thing was done: after the first and before the second of two times."""

    opened: tuple[float, float] = (0.0, 0.0)
    done: dict[int | str, tuple[float, float]] = field(default_factory=dict)

    def bounds(self, name: int | str) -> tuple[float, float]:
        """Between which seconds after opening it was done."""
        begun, ended = self.done[name]
        return max(0.0, begun - self.opened[1]), ended - self.opened[0]


class CaseReader:
    """Somebody who reads one study of a list after another, by keys."""

    def __init__(self, page: Served, browser: Chrome) -> None:
        self.page = page
        self.reader = Reader(browser, page.url)
        self.keyboard = Keyboard(browser)

    def begin(self) -> Clock:
        """Choose a pseudonym, and open the first study."""
        assert until(lambda: self.reader.browser.find_element(By.CSS_SELECTOR, ".cb-list-reader").is_displayed())
        self.keyboard.go_to(".cb-list-reader input")
        self.keyboard.press(Keys.CONTROL, "a")
        self.keyboard.press("reader-7")
        self.keyboard.press(Keys.ENTER)
        assert until(lambda: "reader-7" in self.reader.text("work-list"), seconds=SLOWEST)
        return self._open((Keys.ALT, Keys.PAGE_DOWN), 1)

    def read(self, case: ReadCase, clock: Clock) -> None:
        """Draft the study that is open, do what the case does, and say the verdict."""
        self.page.reporter.text = case.draft
        self.keyboard.press(Keys.CONTROL, Keys.ENTER)
        assert until(lambda: fates(*["kept"] * len(case.fates))(self.reader), seconds=SLOWEST)
        for press in case.presses:
            if press.at:
                self.keyboard.go_to(press.at)
            self._note(clock, press.decides, press.keys, lambda press=press: press.seen(self.reader))  # type: ignore[misc]
        for consent in ("#consent", "#reading-consent"):
            self.keyboard.go_to(f"{consent} input")
            self.keyboard.press(Keys.SPACE)
            assert until(lambda consent=consent: self.reader.has(f"{consent} input:checked"))  # type: ignore[misc]
        number = VERDICTS.index(case.verdict) + 1
        chosen = f"#verdict label:nth-of-type({number}) input:checked"
        self._note(clock, ["verdict"], [Keys.ALT, str(number)], lambda: self.reader.has(chosen))

    def save(self, number: int) -> Clock:
        """Save the review of this study of the list, and open the next one."""
        clock = self._open((Keys.CONTROL, Keys.SHIFT, Keys.ENTER), number + 1)
        assert until(lambda: len(list(self.page.store.reviews())) == number, seconds=SLOWEST)
        return clock

    def _open(self, keys: Sequence[str], number: int) -> Clock:
        begun = time.monotonic()
        self.keyboard.press(*keys)
        assert until(lambda: self.reader.box("context-indication") == f"cough {number}", seconds=SLOWEST), number
        assert until(lambda: self.reader.has(".cb-pane:not([hidden]) .cb-caption"), seconds=SLOWEST)
        return Clock((begun, time.monotonic()))

    def _note(
        self, clock: Clock, decides: Sequence[int | str], keys: Sequence[str], seen: Callable[[], object]
    ) -> None:
        begun = time.monotonic()
        if keys:
            self.keyboard.press(*([keys] if isinstance(keys, str) else keys))
        assert until(seen, seconds=SLOWEST), keys
        clock.done |= dict.fromkeys(decides, (begun, time.monotonic()))


def make_list(folder: Path, count: int) -> WorkList:
    """So many studies with a film each."""
    studies = []
    for number in range(1, count + 1):
        film = folder / f"{number}.png"
        film.write_bytes(png_film(128 + 8 * number))
        context = ClinicalContext(indication=f"cough {number}")
        studies.append(Study(f"s{number}", "p", "test", (StudyImage(film, View.PA),), context))
    return WorkList(list_studies(studies, b"k" * 32))


def check_rebuilt(rebuilt: dict[str, Any], case: ReadCase, clock: Clock) -> None:
    """What was rebuilt is what was done, each time when it was done."""
    assert rebuilt["final"] == {"findings": case.findings, "impression": case.impression}
    assert rebuilt["verdict"] == case.verdict
    came = ("typed", "pasted", "kept", "filled_in", "ticked")
    characters = [rebuilt["times"][f"characters_{name}"] for name in came]
    assert sum(characters) == len(case.findings + case.impression), characters
    of_draft = [each for each in rebuilt["sentences"] if each["fate"]]
    assert [(each["fate"], each["final_words"], each["decided_by"]) for each in of_draft] == list(case.fates)
    drafted = parse_sections(case.draft)
    assert " ".join(each["draft_words"] for each in of_draft) == f"{drafted.findings} {drafted.impression}"
    assert [each["final_words"] for each in rebuilt["sentences"] if not each["fate"]] == list(case.own)
    assert [
        (each["category"], each["observation"], each["origin"], each["state"], each["draft_words"])
        for each in rebuilt["errors"]
    ] == list(case.errors)
    assert [(each["check"], each["shown"], each["dismissed"]) for each in rebuilt["checks"]] == list(case.checks)
    said: dict[int | str, float | None] = {number: each["seconds"] for number, each in enumerate(of_draft)}
    said["verdict"] = rebuilt["times"]["verdict_seconds"]
    said |= dict.fromkeys(["error"] * len(case.errors), rebuilt["errors"][0]["seconds"] if case.errors else None)
    assert {name for name, seconds in said.items() if seconds is not None} == set(clock.done)
    for name in clock.done:
        earliest, latest = clock.bounds(name)
        seconds = said[name]
        assert seconds is not None
        assert earliest - ROUNDED <= seconds <= latest + ROUNDED, name
        assert seconds <= rebuilt["times"]["saved_seconds"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("cases", [AS_TEXT, AS_TICKS], ids=["as text", "as ticks"])
def test_what_was_done_by_keys_is_rebuilt_from_the_export(
    serve: Callable[..., Served],
    chromium: Callable[[], Chrome],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    cases: Sequence[ReadCase],
) -> None:
    """Each final report, each sentence's fate, each error, each check and each time."""
    page = serve(
        Settings(), work_list=make_list(tmp_path, len(cases) + 1), progress=ReadingProgress(tmp_path / "progress")
    )
    reader = CaseReader(page, chromium())
    clocks = [reader.begin()]
    for number, case in enumerate(cases, start=1):
        reader.read(case, clocks[-1])
        clocks.append(reader.save(number))
    export = tmp_path / "reviews.jsonl"
    assert export_reviews(page.store, export, "jsonl") == len(cases)
    capsys.readouterr()
    assert rebuild_reviews([str(export)]) == 0
    rebuilt = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for case, clock, review in zip(cases, clocks, rebuilt, strict=False):
        check_rebuilt(review, case, clock)
    assert len(rebuilt) == len(cases)
    assert reader.reader.errors() == []
