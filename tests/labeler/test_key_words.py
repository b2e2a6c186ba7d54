"""A reader's own key words."""

import pytest

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


def test_what_is_not_known_is_passed_on_as_it_is() -> None:
    """Words stay, without a finding; nothing between separators is no word."""
    assert [(word.text, word.findings) for word in read_key_words("hilar nodes,, 😀;\n ")] == [
        ("hilar nodes", ()),
        ("😀", ()),
    ]
