"""What the page needs of a request."""

import logging

import pytest

from clinicalblip.errors import RadiographError
from clinicalblip.web import wording
from clinicalblip.web.request_info import error_sentence


def test_known_errors_speak_for_themselves() -> None:
    """An error of the family is shown as it is."""
    assert error_sentence(RadiographError("a sentence")) == "a sentence"


def test_unexpected_errors_are_logged_by_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    """What an unexpected error says may hold a reader's text, so nobody sees it."""
    with caplog.at_level(logging.DEBUG):
        assert error_sentence(ValueError("Jane Doe")) == wording.UNEXPECTED
    assert "ValueError" in caplog.text
    assert "Jane Doe" not in caplog.text
