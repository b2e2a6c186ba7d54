"""A program that reads as a reader: the same cases, in the same order, saved by the same functions as the page's."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.web.served_study import wording
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader


def test_a_program_reads_all_cases_of_a_reader(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """In their order; with a draft a review is saved beside the reading, without one a reading alone."""
    reader = come()
    assigned = page.study.folder.of_reader(reader.reader)
    for expected in assigned:
        case = reader.read()
        assert (case["draft_id"] is not None) == (page.study.design.arm(expected.arm).draft != "none")
        assert set(case["context"]) <= {each.name for each in fields(ClinicalContext)}
    assert reader.case() == {"number": None, "count": len(assigned)}
    readings = [each for each in page.study.records.readings() if each.reader == reader.reader]
    assert [(each.case, each.arm, each.position) for each in readings] == [
        (each.case, each.arm, each.position) for each in assigned
    ]
    for reading in readings:
        review = page.app.store.find(reading.review) if reading.review else None
        assert (review is None) == (page.study.design.arm(reading.arm).draft == "none")
        if review is not None:
            assert (review.reader, review.texts is not None) == (reader.reader, True)


def test_how_a_program_read_is_kept(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """With and without a draft, with the characters that the program counted."""
    reader = come()
    for _ in page.study.folder.of_reader(reader.reader):
        case = reader.case()
        final = {"findings": case["findings"] or "Clear.", "impression": case["impression"] or "Normal."}
        length = sum(map(len, final.values()))
        kept = length if case["draft_id"] else 0
        characters = {"kept": kept, "typed": length - kept}
        reader.read(
            final=final, reading={"saved_seconds": 40.0, "active_seconds": 30.5, "characters": characters, "zooms": 2}
        )
    for reading in page.study.records.readings():
        if reading.reader == reader.reader:
            assert reading.reading is not None
            assert (reading.reading.active_seconds, reading.reading.zooms) == (30.5, 2)
            review = page.app.store.find(reading.review) if reading.review else None
            assert review is None or review.reading == reading.reading


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"final": {"findings": " "}}, wording.EMPTY_REPORT),
        ({"final": None}, "final does not fit"),
        ({"answers": {}}, wording.ANSWER_FIRST.format(question="How sure are you of this report?")),
        ({"answers": {"sure": 6}}, wording.NO_SUCH_ANSWER.format(question="How sure are you of this report?")),
        ({"answers": {"other": 1}}, wording.NO_SUCH_QUESTION.format(name="other")),
        ({"number": 9}, wording.NO_CASE_OPEN),
        ({"number": "x"}, "number does not fit"),
        ({"verdict": "fine"}, "verdict does not fit"),
        ({"reading": {"saved_seconds": -1}}, "reading does not fit"),
        ({"first": {"findings": "Clear."}}, wording.NO_IMPRESSION_ASKED),
        ({"final": {"findings": "Seen by Dr. Jane Miller, MRN 123456."}}, "identifiers"),
        ({"more": 1}, "more does not fit"),
    ],
)
def test_what_does_not_fit_is_said_and_saves_nothing(
    page: ServedStudyPage, come: Callable[..., StudyReader], said: dict[str, Any], why: str
) -> None:
    """In one sentence, and the case can be saved afterwards."""
    reader = come()
    case = reader.case()
    whole: dict[str, Any] = {
        "number": case["number"],
        "final": {"findings": "Clear."},
        "verdict": "rejected",
        "answers": {"sure": 3},
    }
    answer = reader.say(**whole | said)
    assert answer.status_code == 409
    assert why in answer.json()["detail"]
    assert not [each for each in page.study.records.readings() if each.reader == reader.reader]
    assert reader.say(**whole).json() == {"said": wording.SAVED}
    again = reader.say(**whole)
    assert again.json()["detail"] == wording.ALREADY_SAVED


def test_only_json_is_taken_from_programs(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """A form of a page elsewhere could not be told from one of ours otherwise."""
    reader = come()
    for body in (b"no JSON", b"[1]", b"{"):
        sent = reader.client.post("reader-study/case", content=body, headers={"content-type": "application/json"})
        assert (sent.status_code, sent.json()["detail"]) == (409, wording.NOT_JSON)
    assert reader.client.post("reader-study/case", data={"number": "1"}).status_code == 403
