"""What a reader may be called."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import IdentifiableText
from clinicalblip.screening.pseudonyms import check_pseudonym, suggest_pseudonym


@pytest.mark.parametrize(
    "text",
    ["", "heron", "John Smith", "smith-7", "Dr. Jones", "anna-12", "jane.doe@example.org", "12345678", "x-1", "a-b-1"],
)
def test_a_name_is_no_pseudonym(text: str) -> None:
    """Only a common word and a number is taken."""
    with pytest.raises(IdentifiableText):
        check_pseudonym(text)


@given(st.text(max_size=30) | st.from_regex(r"[a-zA-Z]{1,18}-[0-9]{1,5}", fullmatch=True))
def test_whatever_is_typed_is_of_the_form_or_refused(text: str) -> None:
    """Nothing else is raised, and what is taken is written in one way."""
    with suppress(IdentifiableText):
        taken = check_pseudonym(text)
        assert re.fullmatch(r"[a-z]{2,16}-[0-9]{1,4}", taken)
        assert check_pseudonym(taken) == taken


def test_every_pseudonym_that_is_offered_is_taken() -> None:
    """As it is offered, and in capitals with blanks around it."""
    for _ in range(200):
        offered = suggest_pseudonym()
        assert check_pseudonym(f" {offered.upper()} ") == offered
    assert check_pseudonym("reader-7") == "reader-7"
