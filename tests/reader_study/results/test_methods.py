"""The methods text and the CLAIM items say what design and records say, and nothing else."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version
from platform import python_version

import pytest

from clinicalblip.reader_study.records.records import EventKind, StudyEvent
from clinicalblip.reader_study.results.claim import ITEMS, NOT_REPORTED
from clinicalblip.reader_study.results.methods import PACKAGES, SECTIONS, write_methods
from clinicalblip.reader_study.results.study_data import StudyData
from tests.fixtures.report_tables import report_tables
from tests.fixtures.study_readings import BEGUN, study_design

# A number that stands by itself: not the 1 of AC1 or F1, and no part of a digest.
NUMBER = re.compile(r"(?<![\w.])\d[\d.,]*(?<![.,])(?!\w)")


def numbers(text: str) -> set[str]:
    """Every number of a text."""
    return set(NUMBER.findall(text))


def known_numbers(data: StudyData) -> set[str]:
    """The numbers of the design, of the software, and of whatever can be counted in the records."""
    design = data.design.model_dump(mode="json")
    shares = [data.design.analysis.confidence, *data.design.studies.strata.values()]
    counts = [
        len(data.enrolments),
        sum(each.left is not None for each in data.enrolments),
        len(data.readers),
        len(data.rows),
        len(data.compared),
        len(data.compared) - len(data.unflagged),
        sum(each.row <= 6 for each in data.assignment.readings),
        data.patients,
        *(maker.drafts for makers in data.makers.values() for maker in makers),
        *(sum(row.kind == kind for row in data.rows) for kind in ("training", "gold")),
        sum(row.repeat for row in data.rows),
        sum(row.agreement is None and row.final_findings is not None for row in data.compared),
        *(
            sum((each.kind, each.stratum) == (case.kind, case.stratum) for each in data.assignment.cases)
            for case in data.assignment.cases
        ),
        len(data.arms),
        0,
    ]
    settings = {"20", "5", "3", "50", "25"}  # the least numbers, what is left out first, and the flags' shares
    software = numbers(" ".join([python_version(), data.package, *map(version, PACKAGES)]))
    dates = numbers(" ".join(f"{moment.date()}".replace("-", " ") for moment in (*data.saved, BEGUN)))
    return (
        numbers(json.dumps(design))
        | {f"{100 * each:g}" for each in shares}
        | set(map(str, counts))
        | settings
        | software
        | dates
        | numbers(json.dumps(asdict(data.makers["assisted"][0])))
    )


def test_every_number_is_in_the_design_or_the_records(data: StudyData) -> None:
    """References aside, which are cited."""
    text = write_methods(data).split("## References")[0].replace("SHA-256", "").replace("-", " ")
    assert numbers(text) <= known_numbers(data)


def test_a_number_of_the_design_stands_in_the_text(data: StudyData) -> None:
    """So that the text is of this design: another break, seed and number of resamples."""
    changed = study_design(
        {
            "seed": 987654,
            "reading": {"readers": 6, "break_minutes": 77},
            "analysis": {"bootstrap": 4321, "confidence": 0.901},
        }
    )
    text = write_methods(replace(data, design=changed))
    assert {"987654", "77", "4321", "90.1"} <= numbers(text)


def test_models_are_named_by_digest(data: StudyData) -> None:
    """Also the files that the study is made of."""
    text = write_methods(data)
    assert "ab" * 32 in text
    assert all(digest in text for digest in data.digests.values())


def test_looking_before_the_end_is_said(data: StudyData) -> None:
    """With the day of the first time."""
    assert "not looked at before the end" in write_methods(data)
    looked = replace(data, events=(*data.events, StudyEvent(EventKind.UNBLINDED, BEGUN)))
    assert "looked at before the end, for the first time on 2026-09-01" in write_methods(looked)


def test_nothing_is_claimed(files: Mapping[str, bytes]) -> None:
    """No text speaks of causes; of errors alone it is said that they are significant, in a table of theirs."""
    for name in ("report.md", "methods.md", "claim.md", "dictionary.md"):
        text = files[name].decode().lower()
        for word in (
            "because of",
            "leads to",
            "led to",
            "causes",
            "improve",
            "effect of",
            "proves",
            "thanks to",
            "due to",
        ):
            assert word not in text, (name, word)
        assert not re.search(r"^[^|\n].*(?<!\u201c)\bsignificant(ly)?\b", text, re.MULTILINE), name


def test_claim_has_its_44_items_in_order(files: Mapping[str, bytes]) -> None:
    """Each with where it is answered, or that it is not reported."""
    lines = report_tables(files["claim.md"])["Items"]
    assert [line["item"] for line in lines] == [str(number) for number in range(1, 45)]
    assert len(ITEMS) == 44
    assert all(line["where it is answered"] for line in lines)
    assert sum(line["where it is answered"] == NOT_REPORTED for line in lines) > 10


def test_every_place_that_claim_names_is_there(files: Mapping[str, bytes]) -> None:
    """As a heading of the file that it names."""
    headings = {
        name: set(re.findall(r"^## (.+)$", files[name].decode(), re.MULTILINE)) for name in ("report.md", "methods.md")
    }
    named = 0
    for line in report_tables(files["claim.md"])["Items"]:
        for file, places in re.findall(r"(report\.md|methods\.md): ([^;]+)", line["where it is answered"]):
            for place in places.split(", "):
                assert place in headings[file]
                named += 1
    assert named > 15


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_part_of_the_methods_has_a_text(data: StudyData, heading: str) -> None:
    """None is empty."""
    assert re.search(rf"^## {heading}\n\n\S", write_methods(data), re.MULTILINE)


def test_a_title_is_no_html(data: StudyData) -> None:
    """What an owner writes stands as it is."""
    text = write_methods(replace(data, design=study_design({"title": "A <b>study</b> & more"})))
    assert text.startswith("# Methods: A &lt;b>study&lt;/b> &amp; more\n")
