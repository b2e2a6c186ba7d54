"""What the page needs of a request."""

import logging

import pytest

from clinicalblip.errors import RadiographError
from clinicalblip.web import wording
from clinicalblip.web.request_info import error_sentence, session_key


class Asking:
    """A request as far as the page looks at it."""

    session_hash: str | None = None


def test_who_has_no_session_shares_none() -> None:
    """Two requests without a session key are two visitors."""
    assert session_key(None) != session_key(None)
    assert session_key(Asking()) != session_key(Asking())  # type: ignore[arg-type]


def test_a_session_is_its_own_key() -> None:
    """The key that Gradio gave is the visitor's."""
    asking = Asking()
    asking.session_hash = "abc"
    assert session_key(asking) == "abc"  # type: ignore[arg-type]


def test_known_errors_speak_for_themselves() -> None:
    """An error of the family is shown as it is."""
    assert error_sentence(RadiographError("a sentence")) == "a sentence"


def test_unexpected_errors_are_logged_by_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    """What an unexpected error says may hold a reader's text, so nobody sees it."""
    with caplog.at_level(logging.DEBUG):
        assert error_sentence(ValueError("Jane Doe")) == wording.UNEXPECTED
    assert "ValueError" in caplog.text
    assert "Jane Doe" not in caplog.text
