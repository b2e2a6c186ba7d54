"""Texts are neither too long nor name anybody, before they are used."""

from dataclasses import fields, replace

import pytest

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.screening.texts import check_texts, context_texts, phi_in_context
from clinicalblip.settings import LimitSettings, PrivacySettings

NAMED = ClinicalContext(indication="cough, seen by Dr. Zebraname", history="Phone: 555-123-4567")
LIMITS = LimitSettings(text_characters=100)


def test_every_text_of_a_context_has_a_label() -> None:
    """No slot is forgotten, and none has another one's text."""
    names = [slot.name for slot in fields(ClinicalContext)]
    texts = context_texts(ClinicalContext(**{name: name for name in names}))
    assert list(texts.values()) == names
    assert texts["Prior report"] == "prior_report"


def test_a_text_over_the_limit_is_refused_by_its_label() -> None:
    """With what was found and what is allowed; one of just that length passes."""
    with pytest.raises(ClinicalBlipError, match="under History has 101 characters; up to 100"):
        check_texts({"Indication": "a" * 100, "History": "a" * 101}, LIMITS)
    check_texts({"Indication": "a" * 100}, LIMITS)


def test_what_names_somebody_in_a_context_is_found() -> None:
    """By the label of its text; the reader's word holds for exactly that text."""
    assert [match.label for match in phi_in_context(NAMED, PrivacySettings())] == ["Indication", "History"]
    allowed = {NAMED.indication}
    assert [match.label for match in phi_in_context(NAMED, PrivacySettings(), as_is=allowed)] == ["History"]
    changed = replace(NAMED, indication=f"{NAMED.indication} today", history="")
    assert [match.label for match in phi_in_context(changed, PrivacySettings(), as_is=allowed)] == ["Indication"]


def test_nothing_is_found_where_the_settings_check_no_texts() -> None:
    """With privacy.check_texts off a context is used as it is."""
    assert phi_in_context(NAMED, PrivacySettings(check_texts=False)) == ()
