"""Drafts and their key as files: they come back as they were, and a stranger's file is refused in a sentence."""

import json
import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.radiology.draft import Draft, GenerationOptions
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.design.design import ErrorsPart
from clinicalblip.reader_study.drafts.draft_file import (
    draft_from_json,
    draft_to_json,
    read_drafts,
    read_key,
    write_drafts,
    write_key,
)
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft, SentenceEvidence
from tests.fixtures.reader_study import put_in_pneumothorax
from tests.fixtures.scripted_reporter import IDENTITY

DRAFT = Draft(
    report=Report("Findingword\u2028here.", "Endword."),
    prompt="Promptword.",
    radiographs=("f" * 64, "e" * 64),
    model=replace(IDENTITY, adapter=None, adapter_digest=None),
    generation=GenerationOptions(max_new_tokens=220, temperature=0.7, top_p=0.9),
    seed=2**32 - 1,
    tokens=12,
    seconds=0.1,
    stopped=True,
    warnings=("Warningword.",),
)
FIRST = PreparedDraft("a" * 32, 1, "assisted", DRAFT, {Observation.EDEMA: 0.25, Observation.CARDIOMEGALY: 1.0})
SHOWN = SentenceEvidence("Endword.", (((0.5, -0.125), (0.0, 1.0)), ((0.25,),)))
SECOND = PreparedDraft("0" * 32, 2, "assisted", replace(DRAFT, model=IDENTITY), evidence=(SHOWN,))
ERRORS = put_in_pneumothorax(DRAFT.report, ErrorsPart(), 0).errors


def test_drafts_come_back_as_they_were_in_the_order_of_their_lots(tmp_path: Path) -> None:
    """With every field of the draft and its scores; the file is its owner's alone."""
    path = tmp_path / "drafts.jsonl"
    write_drafts([FIRST, SECOND], path)
    assert read_drafts(path) == (SECOND, FIRST)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_comes_back_as_it_was_and_drafts_do_not_say_it(tmp_path: Path) -> None:
    """It lies in a file of its own, its owner's alone."""
    path = tmp_path / "key.jsonl"
    write_key({FIRST.id: ERRORS}, path)
    assert read_key(path) == {FIRST.id: ERRORS}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_key({}, path)
    assert read_key(path) == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "A" * 32}, "its id is not of 32 hexadecimal digits"),
        ({"id": "a" * 31}, "its id is not of 32 hexadecimal digits"),
        ({"case": 0}, "out of range"),
        ({"scores": {"Edema": 1.5}}, "out of range"),
        ({"scores": {"Edema": float("nan")}}, "out of range"),
        ({"evidence": [{"sentence": "Findingword.", "drops": [[[0.5], [0.1, 0.2]]]}]}, "no table of numbers"),
        ({"evidence": [{"sentence": "Findingword.", "drops": [[[float("inf")]]]}]}, "no table of numbers"),
        ({"scores": {"No such": 0.5}}, r"scores.No such"),
        ({"draft": {}}, r"draft\.report: missing"),
        ({"draft": {**draft_to_json(FIRST)["draft"], "seconds": float("inf")}}, "out of range"),
    ],
)
def test_a_line_that_is_no_draft_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """By its number and field, and without a word of the report."""
    path = tmp_path / "drafts.jsonl"
    write_drafts([SECOND], path)
    with path.open("a") as file:
        file.write(json.dumps(draft_to_json(FIRST) | changes) + "\n")
    with pytest.raises(ReaderStudyError, match=f"^Line 2 of the drafts file breaks the format: .*{said}") as raised:
        read_drafts(path)
    assert "word" not in str(raised.value)


def test_a_draft_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """By its id, or by its case and arm; a missing file is refused too."""
    path = tmp_path / "drafts.jsonl"
    for twin in (replace(SECOND, id=FIRST.id), replace(SECOND, case=FIRST.case)):
        write_drafts([FIRST, twin], path)
        with pytest.raises(ReaderStudyError, match="A draft comes twice"):
            read_drafts(path)
    with pytest.raises(ReaderStudyError, match="The key file of the study's folder cannot be read"):
        read_key(tmp_path / "none.jsonl")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=6,
)


@given(st.sampled_from(sorted(draft_to_json(FIRST))), st.sampled_from(sorted(draft_to_json(FIRST)["draft"])), _JSON)
def test_whatever_stands_in_a_draft_it_is_one_or_refused(name: str, inner: str, value: Any) -> None:
    """A value in the place of any other gives a draft, or a ValueError."""
    good = draft_to_json(FIRST)
    for values in (good | {name: value}, good | {"draft": good["draft"] | {inner: value}}):
        try:
            draft = draft_from_json(values)
        except ValueError:
            continue
        assert draft_from_json(draft_to_json(draft)) == draft


@given(st.lists(st.binary(max_size=60) | _JSON.map(lambda value: json.dumps(value).encode()), max_size=4))
def test_whatever_bytes_a_file_has_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: Any) -> None:
    """As drafts and as a key; nothing but the one error comes of it."""
    path = tmp_path_factory.getbasetemp() / "strange.jsonl"
    path.write_bytes(b"\n".join(lines))
    for read in (read_drafts, read_key):
        with suppress(ReaderStudyError):
            read(path)
