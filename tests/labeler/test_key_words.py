"""A reader's own key words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.labeler.key_words import read_key_words
from clinicalblip.radiology.finding import Laterality
from clinicalblip.radiology.observation import Certainty, Observation


@pytest.mark.parametrize(
    ("hint", "observation"),
    [
        ("large heart", Observation.CARDIOMEGALY),
        ("wet", Observation.EDEMA),
        ("ptx?", Observation.PNEUMOTHORAX),
        ("PNA", Observation.PNEUMONIA),
        ("pleural eff", Observation.PLEURAL_EFFUSION),
        ("broken rib", Observation.FRACTURE),
        ("spot RUL", Observation.LUNG_LESION),
        ("pacer", Observation.SUPPORT_DEVICES),
        ("heart looks huge", Observation.CARDIOMEGALY),
        ("fluid overloaded", Observation.EDEMA),
        ("kerley B lines", Observation.EDEMA),
        ("lge L pl. eff", Observation.PLEURAL_EFFUSION),
        ("#ribs R", Observation.FRACTURE),
        ("CAP RLL", Observation.PNEUMONIA),
    ],
)
def test_everyday_words_name_findings(hint: str, observation: Observation) -> None:
    """As a colleague would understand them."""
    (word,) = read_key_words(hint)
    assert [finding.observation for finding in word.findings] == [observation]


def test_sides_are_read_from_letters() -> None:
    """ "R" and "L" stand for the sides, and a question mark for a doubt."""
    effusion, pneumonia = read_key_words("effusion R, pneumonia LLL?")
    assert effusion.findings[0].sides == {Laterality.RIGHT}
    assert pneumonia.findings[0].sides == {Laterality.LEFT}
    assert pneumonia.findings[0].certainty is Certainty.UNCERTAIN


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ("effusion, left", [("left", None)]),
        ("heart failure, mild", [("", "small")]),
        ("nodules RUL, LUL", [("right", None), ("left", None)]),
        ("small effusion L, large R", [("left", "small"), ("right", "large")]),
    ],
)
def test_a_side_or_degree_behind_a_separator_is_said_of_the_finding_before_it(hints, said) -> None:  # type: ignore[no-untyped-def]
    """One key word, and a finding for each place."""
    (word,) = read_key_words(hints)
    assert [(" ".join(sorted(f.sides)), f.degree) for f in word.findings] == said


def test_a_place_behind_joined_findings_is_said_of_all() -> None:
    """Where they have none of their own, and are joined by "and": a comma shares nothing, and edema has no side."""
    for hints, sides in (
        ("collapse + effusion L", [{"left"}, {"left"}]),
        ("pneumonia RLL and effusion L", [{"right"}, {"left"}]),
        ("pneumonia, effusion L", [set(), {"left"}]),
        ("edema and effusion L", [set(), {"left"}]),
    ):
        assert [word.findings[0].sides for word in read_key_words(hints)] == sides


def test_a_question_doubts_findings_and_asks_of_devices_where_they_are() -> None:
    """ "tube position?" doubts no tube, and "r/o ptx" has no right side."""
    tube, ptx = (read_key_words(hint)[0].findings[0] for hint in ("tube position?", "r/o ptx"))
    assert tube.certainty is Certainty.PRESENT
    assert (ptx.certainty, ptx.sides) == (Certainty.UNCERTAIN, frozenset())


@given(st.text(max_size=300))
def test_whatever_is_typed_is_read(hints: str) -> None:
    """No text is too strange: every key word stands in it, but for white space and what is joined by a comma."""
    for word in read_key_words(hints):
        assert all(part.strip() in hints for part in word.text.split(", "))


def test_what_is_not_known_is_passed_on_as_it_is() -> None:
    """Words stay, without a finding; nothing between separators is no word."""
    assert [(word.text, word.findings) for word in read_key_words("hilar nodes,, 😀;\n ")] == [
        ("hilar nodes", ()),
        ("😀", ()),
    ]
