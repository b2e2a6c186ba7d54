"""What the page needs of a request."""

import logging

import pytest

from clinicalblip.errors import RadiographError
from clinicalblip.web import wording
from clinicalblip.web.request_info import error_sentence, session_key


class FakeRequest:
    """A request as far as the page looks at it."""

    session_hash: str | None = None


def test_requests_without_a_session_key_share_none() -> None:
    """Each gets a random key."""
    assert session_key(None) != session_key(None)
    assert session_key(FakeRequest()) != session_key(FakeRequest())  # type: ignore[arg-type]


def test_a_session_is_its_own_key() -> None:
    """The key that Gradio gave is used."""
    request = FakeRequest()
    request.session_hash = "abc"
    assert session_key(request) == "abc"  # type: ignore[arg-type]


def test_known_errors_speak_for_themselves() -> None:
    """An error of the family is shown as it is."""
    assert error_sentence(RadiographError("a sentence")) == "a sentence"


def test_unexpected_errors_are_logged_by_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    """What an unexpected error says may hold a reader's text, so nobody sees it."""
    with caplog.at_level(logging.DEBUG):
        assert error_sentence(ValueError("Jane Doe")) == wording.UNEXPECTED
    assert "ValueError" in caplog.text
    assert "Jane Doe" not in caplog.text
