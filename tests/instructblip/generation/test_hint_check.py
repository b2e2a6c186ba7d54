"""A draft that answers a hint which nobody gave is noticed; one that quotes its reader right is not."""

import pytest

from clinicalblip.instructblip.generation.hint_check import answers_ungiven_hint
from clinicalblip.instructblip.prompt import build_prompt
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report


def prompt(hints: str) -> str:
    """The prompt of a frontal film with these hints."""
    return build_prompt(ClinicalContext(hints=hints), [View.FRONTAL], count_tokens=len, budget=10_000).text


@pytest.mark.parametrize(
    ("hints", "findings", "is_ungiven"),
    [
        ("left pleural effusion", "The hinted left pleural effusion is not seen. Clear lungs.", False),
        ("Left  pleural effusion, large heart", "The hinted left pleural\neffusion is seen.", False),
        ("sternotomy wires", "The hinted sternotomy wires are confirmed.", False),
        ("large heart", "The hinted large left pneumothorax is not seen.", True),
        ("", "The hinted nodule is seen.", True),
        ("large heart", "The heart is large. No nodule is seen.", False),
        ("", "", False),
    ],
)
def test_a_hint_in_other_words_than_the_readers_is_noticed(hints: str, findings: str, is_ungiven: bool) -> None:
    """Case and white space do not matter; a finding that was not hinted does."""
    assert answers_ungiven_hint(Report(findings), prompt(hints)) is is_ungiven
