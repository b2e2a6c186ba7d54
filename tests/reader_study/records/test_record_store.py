"""The records of a study: nothing changes, nothing is lost, and nobody gets in twice."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.records.record_rows import reading_from_record_row, reading_from_values
from clinicalblip.reader_study.records.record_store import RecordStore
from clinicalblip.reader_study.records.records import (
    CaseReading,
    Choice,
    EventKind,
    PairwiseChoice,
    QuestionnaireAnswers,
    StudyEvent,
)

NOW = datetime(2026, 11, 30, 8, 0, 0, 123456, tzinfo=UTC)
READING = CaseReading(
    reader="R01",
    case=3,
    arm="unaided",
    period=1,
    position=2,
    repeat=False,
    opened=NOW,
    saved=NOW + timedelta(seconds=90),
    final=Report("Finalword.", "Endword."),
    reading=Reading(90.0, 60.5, sentence_seconds=(10.0, None), error_seconds=(), windows=2, prior_viewed=True),
    first=Report("Firstword."),
    first_seconds=12.5,
    answers={"sure": 4, "helped": "much"},
)
CHOICE = PairwiseChoice("R01", 1, 3, "a" * 32, "b" * 32, Choice.TIE, "Alike.", 14.5, NOW)
ANSWERS = QuestionnaireAnswers("R01", "sus", {"sus-1": 3, "sus-2": 5}, NOW)
_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the records lie."""
    return tmp_path / "records.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[RecordStore]:
    """Records for two readers, the first of whom is enrolled."""
    with RecordStore(path, 2) as opened:
        opened.enrol()
        yield opened


def start(program: str, path: Path) -> subprocess.Popen[str]:
    """Start a program that has this module as `made`, `path`, and a `store` without limits, in a process of its own."""
    head = (
        "import importlib.util, sys\nfrom pathlib import Path\n"
        f"spec = importlib.util.spec_from_file_location('made', {__file__!r})\n"
        "made = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(made)\n"
        "path = Path(sys.argv[1])\nstore = made.RecordStore(path)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + program, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )


def test_what_was_recorded_comes_back_as_it_was(store: RecordStore, path: Path) -> None:
    """Readings, choices, answers and events are the same after the file is opened again, in the order of saving."""
    without = replace(READING, case=1, reading=None, first=None, first_seconds=None, review="r", draft="d", answers={})
    event = StudyEvent(EventKind.TOOK_OVER, NOW, "R01", "another browser")
    assert store.add_reading(READING)
    assert store.add_reading(without)
    assert store.add_choice(CHOICE)
    assert store.add_answers(ANSWERS)
    store.add_event(event)
    store.close()
    with RecordStore(path) as again:
        assert again.readings() == (READING, without)
        assert (again.choices(), again.answers(), again.events()) == ((CHOICE,), (ANSWERS,), (event,))


def test_a_case_is_read_once_a_period_and_once_as_a_repeat(store: RecordStore) -> None:
    """Saving it again, with other words, changes nothing and says so."""
    assert store.add_reading(READING)
    assert not store.add_reading(replace(READING, final=Report("Otherword."), position=9))
    assert store.add_reading(replace(READING, repeat=True))
    assert store.add_reading(replace(READING, period=2))
    assert [each.final.findings for each in store.readings()] == ["Finalword."] * 3
    assert store.add_choice(CHOICE)
    assert not store.add_choice(replace(CHOICE, choice=Choice.LEFT))
    assert store.add_answers(ANSWERS)
    assert not store.add_answers(replace(ANSWERS, answers={}))
    assert (store.choices(), store.answers()) == ((CHOICE,), (ANSWERS,))


def test_no_row_can_be_changed_or_taken_away(store: RecordStore, path: Path) -> None:
    """Whoever writes to the file, no table of it lets a row go."""
    store.consent("R01")
    store.leave("R01")
    store.enrol()
    store.use_link(store.make_link("R02"))
    store.add_reading(READING)
    store.add_choice(CHOICE)
    store.add_answers(ANSWERS)
    store.add_event(StudyEvent(EventKind.BEGUN, NOW))
    with closing(sqlite3.connect(path)) as other:
        tables = [row[0] for row in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(tables) == 9
        for table in tables:
            column = other.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
            for statement in (f"DELETE FROM {table}", f'UPDATE {table} SET "{column}" = "{column}"'):
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    other.execute(statement)


def test_rows_are_given_once(store: RecordStore) -> None:
    """The next free one without a name for it; none is given again, also once its reader left; then there is none."""
    store.leave("R01")
    assert store.enrol().reader == "R02"
    with pytest.raises(ReaderStudyError, match=r"^The assignment is made for 2 readers, and row 3 .*add a reader"):
        store.enrol()
    with pytest.raises(ReaderStudyError, match="taken"):
        store.enrol(1)
    with pytest.raises(ReaderStudyError, match="no row"):
        store.enrol(0)
    store.offer(3)
    assert store.enrol(3).reader == "R03"
    first, second, _ = store.enrolments()
    assert (first.left is not None, second.left) == (True, None)


def test_the_first_consent_counts(store: RecordStore) -> None:
    """A second one does not move it, and nobody consents who is not enrolled."""
    store.consent("R01")
    (first,) = store.enrolments()
    store.consent("R01")
    assert store.enrolments() == (first,)
    assert first.consented is not None
    with pytest.raises(ReaderStudyError, match="Nobody is enrolled in this study as R07"):
        store.consent("R07")


def test_a_link_works_once_and_only_the_newest(store: RecordStore, path: Path) -> None:
    """Neither a used one nor one before the newest lets anybody in; the file holds digests alone."""
    older, token = store.make_link("R01"), store.make_link("R01")
    assert len(token) == 43
    assert store.use_link(older) is None
    assert store.use_link("\ud800 no token") is None
    assert store.use_link(token) == "R01"
    assert store.use_link(token) is None
    held = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert token.encode() not in held
    assert older.encode() not in held


def test_who_left_gets_in_by_no_link(store: RecordStore) -> None:
    """A link that was made before is void, and no further one is made."""
    token = store.make_link("R01")
    store.leave("R01")
    assert store.use_link(token) is None
    with pytest.raises(ReaderStudyError, match="R01 has left"):
        store.make_link("R01")


def test_a_link_that_many_open_at_once_lets_one_in(store: RecordStore, path: Path) -> None:
    """Threads and stores race for it, and one of them is the reader."""
    token = store.make_link("R01")
    found: list[str | None] = []

    def use(opened: RecordStore) -> None:
        found.append(opened.use_link(token))

    with RecordStore(path) as other:
        threads = [threading.Thread(target=use, args=(opened,)) for opened in (store, other) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found, key=str) == [None] * 5 + ["R01"]


def test_nothing_is_saved_of_nobody_or_after_the_end(store: RecordStore) -> None:
    """A reading needs somebody who is enrolled, and a study that goes on; what was saved before is still said to be."""
    with pytest.raises(ReaderStudyError, match="R02"):
        store.add_reading(replace(READING, reader="R02"))
    assert store.add_reading(READING)
    store.add_event(StudyEvent(EventKind.ENDED, NOW))
    assert store.has_ended
    with pytest.raises(ReaderStudyError, match="The study has ended"):
        store.add_reading(replace(READING, case=4))
    with pytest.raises(ReaderStudyError, match="The study has ended"):
        store.add_choice(CHOICE)
    with pytest.raises(ReaderStudyError, match="The study has ended"):
        store.add_answers(ANSWERS)
    assert not store.add_reading(READING)
    store.add_event(StudyEvent(EventKind.EXTENDED, NOW - timedelta(days=900)))
    assert not store.has_ended
    assert store.add_reading(replace(READING, case=4))


def test_a_clock_that_jumps_changes_no_order(store: RecordStore) -> None:
    """What was saved later comes later, though its clock was years behind."""
    late = replace(READING, case=4, saved=NOW - timedelta(days=4000))
    for reading in (READING, late):
        assert store.add_reading(reading)
    assert store.readings() == (READING, late)


def test_halves_of_characters_are_replaced(store: RecordStore) -> None:
    """A report that a browser cut in an emoji is saved, with U+FFFD where the half was."""
    store.add_reading(replace(READING, final=Report("a \ud83d b"), answers={"why": "\ud83d"}))
    (kept,) = store.readings()
    assert (kept.final.findings, kept.answers) == ("a \ufffd b", {"why": "\ufffd"})


def test_a_newer_file_and_another_programs_are_refused_untouched(path: Path, tmp_path: Path) -> None:
    """Each is one sentence that says what to do."""
    RecordStore(path).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(ReaderStudyError, match=r"^The study's records file has schema 2, .*update ClinicalBLIP"):
        RecordStore(path)
    assert path.read_bytes() == before
    reviews = tmp_path / "reviews.sqlite3"
    ReviewStore(reviews).close()
    with pytest.raises(ReaderStudyError, match=r"another program; put back the records\.sqlite3 of this study\.$"):
        RecordStore(reviews)
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"no database at all, and long enough to have a header of its own" * 20)
    with pytest.raises(ReaderStudyError, match="it is no SQLite database"):
        RecordStore(broken)


def test_a_file_that_went_from_its_place_is_missed(store: RecordStore, path: Path) -> None:
    """An empty one in its place would look like a study that nobody has read; back in its place it is gone on with."""
    store.add_reading(READING)
    aside = path.with_name("aside")
    path.rename(aside)
    with pytest.raises(ReaderStudyError, match=r"records file is gone from its place; what you wrote is still here"):
        store.add_reading(replace(READING, case=4))
    assert not path.exists()
    aside.rename(path)
    assert store.add_reading(replace(READING, case=4))
    assert len(store.readings()) == 2


def test_the_file_is_its_owners_alone(store: RecordStore, path: Path) -> None:
    """Neither the database nor its log can be read by others."""
    store.add_reading(READING)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_a_row_of_another_program_is_one_sentence(store: RecordStore, path: Path) -> None:
    """A value that no reading has is named by its table, without the value."""
    store.add_reading(READING)
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "INSERT INTO readings SELECT 9, reader, 9, arm, period, position, repeat, opened, 'never', final, reading, "
            "review, draft, first, first_seconds, answers FROM readings"
        )
        other.commit()
    with pytest.raises(ReaderStudyError, match=r"a row of readings that no record .* put back the file as it was\.$"):
        store.readings()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=6,
)
_COLUMNS = (
    *("reader", "case", "arm", "period", "position", "repeat", "opened", "saved", "final", "first", "reading"),
    *("review", "draft", "first_seconds", "answers"),
)
_GOOD = {
    "opened": NOW.isoformat(),
    "saved": NOW.isoformat(),
    "final": {"findings": "", "impression": ""},
    "answers": {},
}


@given(st.fixed_dictionaries({name: st.just(_GOOD.get(name)) | _JSON for name in _COLUMNS}))
def test_whatever_stands_in_a_row_it_is_a_reading_or_refused(row: dict[str, Any]) -> None:
    """Nothing but the errors that the store makes a sentence of."""
    try:
        reading = reading_from_record_row(row)
    except (TypeError, ValueError, KeyError):
        return
    assert isinstance(reading.final.findings, str)


@given(_JSON)
def test_whatever_stands_for_how_a_case_was_read_it_is_that_or_refused(values: Any) -> None:
    """As above."""
    try:
        assert isinstance(reading_from_values(values), Reading)
    except (TypeError, ValueError, KeyError):
        return


@pytest.mark.system
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(path: Path) -> None:
    """The limit on file sizes is real: the reading is refused whole, and is saved once there is room."""
    program = """
import resource
from dataclasses import replace
store.enrol()
store.add_reading(made.READING)
long = replace(made.READING, case=9, final=made.Report("Longword " * 20000))
room = max(file.stat().st_size for file in path.parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (room + 8192, resource.RLIM_INFINITY))
try:
    store.add_reading(long)
except made.ReaderStudyError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.readings() == (made.READING,))
print(store.add_reading(long), len(store.readings()))
"""
    out, err = start(program, path).communicate(timeout=60)
    message, untouched, added = out.splitlines() or [err, "", ""]
    assert message.startswith("Nothing was saved (the disk ")
    assert "Longword" not in message
    assert (untouched, added, err) == ("True", "True 2", "")


@pytest.mark.system
def test_several_processes_write_together(store: RecordStore, path: Path) -> None:
    """Each reading is there once, and each row is given once."""
    program = """
from dataclasses import replace
print(sum(store.add_reading(replace(made.READING, case=case)) for case in range(1, 21)))
print(store.enrol().reader)
"""
    ran = [process.communicate(timeout=100) for process in [start(program, path) for _ in range(3)]]
    assert [err for _, err in ran] == [""] * 3
    said = [out.split() for out, _ in ran]
    assert sum(int(added) for added, _ in said) == 20
    assert len({reader for _, reader in said}) == 3
    assert len(store.readings()) == 20


@pytest.mark.system
def test_what_was_acknowledged_survives_a_kill(store: RecordStore, path: Path) -> None:
    """The process dies in the moment after the answer."""
    with start("store.add_reading(made.READING)\nimport os, signal\nos.kill(os.getpid(), 9)", path) as process:
        process.communicate(timeout=60)
        assert process.returncode < 0
    assert store.readings() == (READING,)
