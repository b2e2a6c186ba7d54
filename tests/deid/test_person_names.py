"""Every rule for names finds the example that it is described by, and none is without effect."""

import pytest

from clinicalblip.deid.person_names import RULES, find_names


@pytest.mark.parametrize("example", [rule.example for rule in RULES])
def test_a_rule_finds_its_example(example: str) -> None:
    """The family name is among what is found."""
    found = [example[start:end] for start, end in find_names(example)]
    assert any(name in text for text in found for name in ("Harper", "Eleanor", "Doe", "Smith", "DOE"))


def test_a_name_that_stands_alone_is_not_found() -> None:
    """Nothing announces it; docs/privacy.md says so."""
    assert list(find_names("Okonkwo agrees, adebayo folarin chest pain")) == []


@pytest.mark.parametrize("text", ["Drs. Harper, Smith and Doe", "Dr. Harper/Smith", "Doctors Harper & Smith"])
def test_several_names_follow_one_title(text: str) -> None:
    """Each of them is found."""
    found = {text[start:end] for start, end in find_names(text)}
    assert {"Harper", "Smith"} <= found
