"""What survives a restart of the server, and that the disk alone tells nobody what it is."""

import os
import time
from pathlib import Path

import pytest

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, reviews
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.journal.files import JournalFiles, UnreadableJournal
from clinicalblip.web.journal.snapshot import Journal
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import png_film

SECRET, OTHER = b"s" * 32, b"o" * 32
WORD = "Zebraword"


@pytest.fixture
def files(tmp_path: Path) -> JournalFiles:
    """A folder of files."""
    return JournalFiles(tmp_path / "sessions", hours=12)


@pytest.fixture
def journal(files: JournalFiles) -> Journal:
    """A journal in them."""
    return Journal(files)


def drafted(app: AppContext, journal: Journal) -> Session:
    """A session with a film, a draft and words of the reader's, kept."""
    app.sessions.keep = journal.keep
    session = Session(key="reader:1", secret=SECRET)
    app.sessions._sessions[session.key] = (time.monotonic(), session)
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    session.boxes.take({"context-indication": f"{WORD} cough"}, 1, most_characters=100)
    handlers.request_draft(app, session, ClinicalContext(f"{WORD} cough"))
    for _ in handlers.stream_draft(app, session, Report()):
        pass
    boxes = {"impression": f"{WORD} clear.", "overall": "4", "verdict": "minor edits", "comment": WORD}
    session.boxes.take(boxes, 2, most_characters=100)
    journal.keep(session)
    return session


def restored(app: AppContext, journal: Journal, secret: bytes = SECRET) -> Session:
    """The session as a server that was just started finds it."""
    session = Session(key="reader:1", secret=secret)
    journal.restore(session, app)
    return session


def test_texts_draft_and_ratings_are_back(app: AppContext, journal: Journal) -> None:
    """The same film chosen again belongs to them; another one takes them away as ever."""
    before = drafted(app, journal)
    session = restored(app, journal)
    assert session.boxes.values == before.boxes.values
    assert session.boxes.form.verdict is Verdict.MINOR_EDITS
    assert session.report.drafts == before.report.drafts
    assert session.report.shown == before.report.shown
    assert session.films == {}
    films.load_film(app, session, FilmRole.FRONTAL, png_film())
    assert session.report.shown is not None
    assert session.boxes.values["comment"] == WORD
    films.load_film(app, session, FilmRole.FRONTAL, png_film(144))
    assert session.report.shown is None
    assert "comment" not in session.boxes.values


def test_a_save_sent_again_after_a_restart_is_one_review(app: AppContext, journal: Journal) -> None:
    """The server was killed after the review was on disk and before it said so."""
    before = drafted(app, journal)
    shown = before.report.shown
    assert shown is not None
    form = ReviewForm(Report("Mine.", ""), overall=4, verdict=Verdict.MINOR_EDITS, consent=True, comment="wrong")
    journal_keeps, app.sessions.keep = app.sessions.keep, lambda session: journal_keeps(session)
    first = reviews.review_shown(app, before, shown.id, form)
    again = restored(app, journal)  # as it was written down before the review was stored
    assert reviews.review_shown(app, again, shown.id, form) == first
    assert len(list(app.store.reviews())) == 1


def test_nothing_is_left_of_a_saved_or_discarded_review(app: AppContext, journal: Journal, tmp_path: Path) -> None:
    """The file goes with it."""
    session = drafted(app, journal)
    folder = tmp_path / "sessions"
    assert len(list(folder.iterdir())) == 1
    assert session.report.shown is not None
    reviews.review_shown(app, session, session.report.shown.id, session.boxes.form)
    journal.keep(session)
    assert list(folder.iterdir()) == []
    session.boxes.take({"comment": f"{WORD} again"}, 3, most_characters=100)
    journal.keep(session)
    assert len(list(folder.iterdir())) == 1
    handlers.start_new_study(session)
    journal.keep(session)
    assert list(folder.iterdir()) == []


def test_the_disk_alone_tells_nothing(app: AppContext, journal: Journal, tmp_path: Path) -> None:
    """No word, no key and no token stands in a file or its name, and only its owner can read it."""
    drafted(app, journal)
    (file,) = (tmp_path / "sessions").iterdir()
    content = file.read_bytes() + file.name.encode()
    assert not any(word in content for word in (WORD.encode(), b"heart", SECRET, SECRET.hex().encode(), b"reader:1"))
    assert file.stat().st_mode & 0o077 == 0
    assert restored(app, journal, OTHER).holds_nothing


@pytest.mark.parametrize("how", ["cut", "altered", "another's", "another version", "empty"])
def test_a_file_that_is_not_whole_is_no_file(
    app: AppContext, journal: Journal, files: JournalFiles, tmp_path: Path, how: str
) -> None:
    """It is ignored, and that is said."""
    drafted(app, journal)
    (file,) = (tmp_path / "sessions").iterdir()
    content = file.read_bytes()
    files.write(OTHER, b"{}")
    others = next(path for path in (tmp_path / "sessions").iterdir() if path != file).read_bytes()
    altered = {
        "cut": content[:-30],
        "altered": content[:-1] + bytes([content[-1] ^ 1]),
        "another's": others,
        "another version": content.replace(b"session 1", b"session 9"),
        "empty": b"",
    }
    file.write_bytes(altered[how])
    with pytest.raises(UnreadableJournal):
        files.read(SECRET)
    session = restored(app, journal)
    assert (session.holds_nothing, session.journal_fault) == (True, True)


def test_a_file_goes_after_its_hours(files: JournalFiles, tmp_path: Path) -> None:
    """Nobody finds it again, and it goes from the disk also when nobody looks; a clock that was set back spares it."""
    files.write(SECRET, b"one")
    files.write(OTHER, b"two")
    old, new = sorted((tmp_path / "sessions").iterdir(), key=lambda path: path != files._path(SECRET))
    os.utime(old, (time.time() - 13 * 3600,) * 2)
    os.utime(new, (time.time() + 13 * 3600,) * 2)
    files.sweep()
    assert not old.exists()
    assert files.read(SECRET) is None
    assert files.read(OTHER) == b"two"


def test_the_steps_of_a_report_are_back(app: AppContext, journal: Journal) -> None:
    """What was taken back before the restart is done again after it, and a saved review leaves no step on the disk."""
    before = drafted(app, journal)
    assert before.boxes.step(3, redo=False)
    journal.keep(before)
    session = restored(app, journal)
    assert session.boxes.report.impression == parse_sections(TEXT).impression
    assert session.boxes.step(4, redo=True)
    assert session.boxes.report.impression == f"{WORD} clear."
    for number in range(2):
        assert session.boxes.step(5 + number, redo=False)
    assert session.boxes.report == Report()


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_jumps_takes_nobodys_file(
    files: JournalFiles, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    """What was kept before the jump and after it is there, and what is new is not taken for old."""
    files.write(SECRET, b"before")
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + hours * 3600)
    files.write(OTHER, b"after")
    files.sweep()
    assert (files.read(SECRET), files.read(OTHER)) == (b"before", b"after")
