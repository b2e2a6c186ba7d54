"""A reader's own pages: how far they are, breaks, pairs of drafts, and the questions at the end."""

import io
import re
import time
from collections.abc import Callable

import httpx
from PIL import Image

from clinicalblip.reader_study.records.records import Choice, EventKind
from clinicalblip.web.reading_study.reader_pages import MOST_WHY
from clinicalblip.web.served_study import wording
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader


def _to_pairs(reader: StudyReader) -> None:
    for _ in reader.page.study.folder.of_reader(reader.reader):
        reader.read()


def _pair(reader: StudyReader) -> str:
    found = re.search(r'name="pair" value="(\d+)"', reader.get("reader-study/pair").text)
    assert found is not None
    return found[1]


def test_the_overview_says_how_far_a_reader_is(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """The next case, then the pairs, then the questionnaire, then thanks."""
    reader = come()
    count = len(page.study.folder.of_reader(reader.reader))
    assert wording.FIRST_CASE in reader.get("reader-study").text
    assert wording.TRAINING_ONE in reader.get("reader-study").text
    reader.read()
    shown = reader.get("reader-study").text
    assert wording.CASES_DONE.format(done=1, count=count) in shown
    assert wording.NEXT_CASE in shown
    assert wording.TRAINING_ONE not in shown
    assert reader.get("reader-study/pair").headers["location"] == "/reader-study"
    assert reader.get("reader-study/pair/film").status_code == 409
    for _ in range(count - 1):
        reader.read()
    assert wording.NEXT_PAIR in reader.get("reader-study").text
    for number in range(2):
        said = {"pair": _pair(reader), "choice": "tie", "why": " Both are fine. ", "seconds": "4.5"}
        answer = reader.post("reader-study/pair", **said)
        assert answer.headers["location"] == ("/reader-study/pair" if number == 0 else "/reader-study")
    choices = page.study.choices(reader.reader)
    assert [(each.choice, each.why, each.seconds) for each in choices] == [(Choice.TIE, "Both are fine.", 4.5)] * 2
    assert [(each.position, each.case, each.left, each.right) for each in choices] == [
        (each.position, each.case, each.left, each.right) for each in page.study.pairs(reader.reader)
    ]
    asked = reader.get("reader-study").text
    assert "UMUX-Lite" in asked
    assert "Lewis, Utesch and Maher 2013" in asked
    refused = reader.post("reader-study/questions", **{"questionnaire": "umux-lite", "umux-lite-1": "6"})
    assert refused.status_code == 409
    reader.post("reader-study/questions", **{"questionnaire": "umux-lite", "umux-lite-1": "6", "umux-lite-2": "7"})
    (answers,) = [each for each in page.study.records.answers() if each.reader == reader.reader]
    assert answers.answers == {"umux-lite-1": 6, "umux-lite-2": 7}
    done = reader.get("reader-study").text
    assert wording.THANKS in done
    assert not any(offer in done for offer in (wording.LEAVE_STUDY, wording.NEW_LINK))


def test_a_pair_has_its_film_and_no_word_of_an_arm(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """The film is a picture for the reader who is at the pair, and for nobody else."""
    reader = come()
    _to_pairs(reader)
    shown = reader.get("reader-study/pair").text
    pair = page.study.next_pair(reader.reader)
    assert pair is not None
    for arm in (pair.left, pair.right):
        assert page.study.folder.drafts[pair.case, arm].draft.report.impression in shown
        assert page.study.folder.drafts[pair.case, arm].id not in shown
        assert arm not in shown
    film = reader.get("reader-study/pair/film")
    assert film.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(film.content)).size == (64, 64)
    assert come().get("reader-study/pair/film").status_code == 409
    assert httpx.get(f"{page.url}reader-study/pair/film").status_code == 401


def test_a_choice_that_does_not_fit_is_said(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """And nothing is saved; one that was saved in another tab is not saved twice."""
    reader = come()
    _to_pairs(reader)
    at = _pair(reader)
    for said, why in (
        ({"pair": at}, wording.CHOOSE_FIRST),
        ({"pair": at, "choice": "best"}, wording.CHOOSE_FIRST),
        ({"pair": at, "choice": "left", "why": "x" * (MOST_WHY + 1)}, str(MOST_WHY)),
        ({"pair": "99", "choice": "left"}, wording.OTHER_PAIR),
    ):
        assert why in reader.post("reader-study/pair", **said).text
    assert page.study.choices(reader.reader) == []
    reader.post("reader-study/pair", pair=at, choice="left", seconds="inf")
    assert wording.OTHER_PAIR in reader.post("reader-study/pair", pair=at, choice="right").text
    (choice,) = page.study.choices(reader.reader)
    assert (choice.choice, choice.seconds) == (Choice.LEFT, 0.0)


def test_a_break_is_proposed_after_a_while(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """On the overview and with a save; it is recorded that the reader took one, and who rested has had one."""
    reader = come()
    reader.read()
    study, minutes = page.study, page.study.design.reading.break_minutes
    assert not study.is_break_due(reader.reader)
    pace = study._paces[reader.reader]
    pace.since -= minutes * 60 + 1
    case = reader.case()
    answer = reader.say(
        number=case["number"], final={"findings": "Clear."}, verdict="rejected", answers={"sure": 1}
    ).json()
    assert answer["said"] == wording.SAVED_BREAK.format(minutes=minutes)
    assert wording.BREAK_TITLE in reader.get("reader-study").text
    assert wording.PAUSED in reader.post("reader-study/break").text
    assert not study.is_break_due(reader.reader)
    assert EventKind.PAUSED in [each.kind for each in study.records.events() if each.reader == reader.reader]
    reader.read()
    study._paces[reader.reader].since -= minutes * 60 + 1
    study._paces[reader.reader].last = time.monotonic() - 3600
    assert not study.is_break_due(reader.reader)
