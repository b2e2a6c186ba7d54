"""Where replicas may be asked: over TLS, or on this machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import SettingsError
from clinicalblip.serving.address import check_address, is_loopback


@pytest.mark.parametrize(
    "address",
    [
        "https://model.example",
        "https://10.0.0.5:8000",
        "http://127.0.0.1:8000",
        "http://localhost:1",
        "http://[::1]:8000",
    ],
)
def test_an_address_that_keeps_secrets_is_taken(address: str) -> None:
    """With or without a slash at its end."""
    assert check_address(address) == check_address(address + "/") == address


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://model.example:8000", "in the clear"),
        ("http://10.0.0.5", "in the clear"),
        ("http://127.0.0.1.example.com", "in the clear"),
        ("ray://127.0.0.1:10001", "runs whatever it is sent"),
        ("127.0.0.1:8000", "not that of an HTTP server"),
        ("https://", "not that of an HTTP server"),
        ("https://model.example/path", "not that of an HTTP server"),
        ("https://user:word@model.example", "not that of an HTTP server"),
        ("https://model.example:0", "not that of an HTTP server"),
        ("https://model.example:port", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("", "not that of an HTTP server"),
    ],
)
def test_any_other_is_one_sentence(address: str, says: str) -> None:
    """Which says what to give instead, and repeats nothing of it."""
    with pytest.raises(SettingsError, match=says) as caught:
        check_address(address)
    assert str(caught.value).endswith("on this machine.")
    assert "word" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_settings_error(text: str) -> None:
    """And never one that leads elsewhere in the clear."""
    try:
        address = check_address(text)
    except SettingsError:
        return
    assert address.lower().startswith(("https://", "http://"))


@pytest.mark.parametrize(("host", "is_own"), [("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("a", False)])
def test_loopback_is_known(host: str, is_own: bool) -> None:
    """All of 127.0.0.0/8, and nothing that listens at every address."""
    assert is_loopback(host) is is_own
