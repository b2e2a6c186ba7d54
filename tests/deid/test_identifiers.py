"""What could show who the patient is, found in free text and masked."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.deid.identifiers import Identifier, IdentifierKind, find_identifiers, mask_identifiers
from tests.fixtures import planted_sentences
from tests.fixtures.planted_sentences import Planted

PLANTED = [one for one in planted_sentences.TUNING if one.identifiers]
HARMLESS = [one for one in planted_sentences.TUNING if not one.identifiers]

SCRAPS = [
    *(
        "Dr. ",
        "Mrs ",
        "Drs. ",
        "Patient: ",
        "Name:",
        "Doe",
        "JOHN",
        "Smith",
        ", ",
        "^",
        " and ",
        "dr ",
        "MD",
        "his wife ",
    ),
    *("DOB ", "born ", "03/12/1956", "12 March 1956", "19560312", "geb. "),
    *("tel ", "+44 20 7946 0958", "(555) 123-4567", "pager ", "0930", "ext. "),
    *("MRN ", "# ", "AB123456", "943 476 5919", "1.2.840.10008.5.1.4.1", "078-05-1120", "case no. "),
    *("a@b.example", "@", "742 Evergreen Terrace", ", IL 62704", "PO Box 1", "Address: ", "Hauptstraße 12"),
    *(
        "[",
        "]",
        "[name]",
        "[date of birth]",
        "[phone number",
        "address]",
        " ",
        ". ",
        "\n",
        "XXXX",
        "T4-T5",
        "3.2 x 4.5 cm",
    ),
]
"""What the rules look for, in pieces, so that random texts come upon them."""

TEXTS = st.one_of(
    st.text(st.characters(codec=None), max_size=200),
    st.lists(st.one_of(st.sampled_from(SCRAPS), st.text(max_size=5)), max_size=30).map("".join),
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.text[:40])
def test_it_finds_what_is_planted(planted: Planted) -> None:
    """Every kind in each of its forms: that place, that kind, nothing else."""
    found = find_identifiers(planted.text)
    assert [(one.kind, one.start, one.end) for one in found] == list(planted.identifiers)


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda harmless: harmless.text[:40])
def test_it_leaves_what_only_looks_like_it(harmless: Planted) -> None:
    """Eponyms, levels, measurements, times, study dates and de-identified texts are nobody's."""
    assert find_identifiers(harmless.text) == ()


def test_several_in_one_line_are_found_in_order() -> None:
    """A header line as a workstation pastes it."""
    text = "NAME: DOE JANE   DOB: 01/02/1950   MRN: 123456   TEL: 555 010 1234"
    masked = mask_identifiers(text, find_identifiers(text))
    assert masked == "NAME: [name]   DOB: [date of birth]   MRN: [record number]   TEL: [phone number]"


def test_a_study_date_an_age_and_a_year_stay() -> None:
    """A report needs them: only a date that is called one of birth is taken."""
    assert find_identifiers("Born 1956, aged 54, compared to 3/4/2010 and to the study of 2009-01-31.") == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [("943 476 5919", IdentifierKind.RECORD_NUMBER), ("943 476 5918", IdentifierKind.PHONE)],
)
def test_the_check_digit_tells_an_nhs_number_from_a_telephone(text: str, kind: IdentifierKind) -> None:
    """Ten digits in groups of three, three and four are either."""
    assert [one.kind for one in find_identifiers(f"Her number {text} is known.")] == [kind]


def test_masks_say_what_was_there() -> None:
    """The words around stay as they were."""
    text = "Called Dr. Harper (jane@example.org) about MRN 00456789."
    expected = "Called Dr. [name] ([e-mail address]) about MRN [record number]."
    assert mask_identifiers(text, find_identifiers(text)) == expected


def test_only_what_the_reader_chose_is_masked() -> None:
    """A part of what was found can be masked alone."""
    text = "Dr. Harper, MRN 00456789"
    assert mask_identifiers(text, find_identifiers(text)[1:]) == "Dr. Harper, MRN [record number]"


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (4, 2)])
def test_an_identifier_has_a_place(start: int, end: int) -> None:
    """Places that cannot be are refused where they are made."""
    with pytest.raises(ValueError, match="cannot stand"):
        Identifier(IdentifierKind.NAME, start, end)


@pytest.mark.parametrize(
    "found",
    [
        (Identifier(IdentifierKind.NAME, 0, 99),),
        (Identifier(IdentifierKind.NAME, 0, 4), Identifier(IdentifierKind.NAME, 3, 5)),
    ],
)
def test_places_of_another_text_are_refused(found: tuple[Identifier, ...]) -> None:
    """Masking by the places of another text would leave the name there."""
    with pytest.raises(ValueError, match="not of this text"):
        mask_identifiers("Doe, J", found)


@given(TEXTS)
@settings(max_examples=200)
def test_places_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    """Any unicode, half surrogate pairs and control characters too."""
    last = 0
    for one in find_identifiers(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end


@given(TEXTS)
@settings(max_examples=200)
def test_nothing_is_found_in_a_masked_text(text: str) -> None:
    """So masking twice changes nothing."""
    masked = mask_identifiers(text, find_identifiers(text))
    assert find_identifiers(masked) == ()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "scrap",
    [
        "a",
        "a@",
        "A^",
        "Dr. ",
        "Address: 1 ",
        "1 rue a a ",
        "tel at at ",
        "J. ",
    ],
)
def test_a_long_text_of_one_scrap_takes_no_longer_than_its_length(scrap: str) -> None:
    """What makes a backtracking pattern hang: 100,000 characters that nearly match, all over."""
    text = (scrap * (100_000 // len(scrap))) + " and Dr. Harper"
    assert any(text[one.start : one.end].endswith("Harper") for one in find_identifiers(text))


def test_no_sentence_stands_in_both_halves() -> None:
    """What the rules were written against is no part of what they were measured on."""
    tuning = {re.sub(r"\W+", " ", one.text.lower()) for one in planted_sentences.TUNING}
    held_out = {re.sub(r"\W+", " ", one.text.lower()) for one in planted_sentences.HELD_OUT}
    assert len(tuning) + len(held_out) >= 150
    assert not tuning & held_out
