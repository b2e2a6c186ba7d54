"""How many replicas there are, and where: what cannot be is said before anything is started."""

import socket
from pathlib import Path

import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.serving.replica_options import Endpoint, ReplicaCount


@pytest.mark.parametrize(("text", "count"), [("1", (1, 1)), ("3", (3, 3)), ("1-4", (1, 4)), ("2-2", (2, 2))])
def test_a_number_or_two_are_read(text: str, count: tuple[int, int]) -> None:
    """The fewest and the most."""
    assert ReplicaCount.parse(text) == ReplicaCount(*count)
    assert ReplicaCount.parse(text).is_fixed is (count[0] == count[1])


@pytest.mark.parametrize("text", ["", "0", "65", "2-1", "0-2", "1-", "-1", "1-2-3", "two", "1.5", "٣x"])
def test_anything_else_is_no_number_of_replicas(text: str) -> None:
    """ValueError, as of any type."""
    with pytest.raises(ValueError, match="replicas"):
        ReplicaCount.parse(text)


def test_an_endpoint_names_itself_as_model_at_does() -> None:
    """With brackets around an IPv6 address, and https where there is a certificate."""
    assert Endpoint().url == "http://127.0.0.1:8000"
    assert Endpoint("::1", 1).url == "http://[::1]:1"
    assert Endpoint("model.example", 443, Path("c"), Path("k")).url == "https://model.example:443"
    with pytest.raises(ValueError, match="no port 0"):
        Endpoint(port=0)


def test_in_the_clear_only_this_machine_is_served(tmp_path: Path) -> None:
    """And a certificate has its key, as files."""
    pem = tmp_path / "pem"
    pem.write_text("certificate", encoding="utf-8")
    for endpoint, says in (
        (Endpoint("0.0.0.0"), "in the clear"),
        (Endpoint("model.example"), "in the clear"),
        (Endpoint(certificate=pem), "needs its key"),
        (Endpoint(key=pem), "needs its key"),
        (Endpoint(certificate=pem, key=tmp_path / "none"), "is no file"),
        (Endpoint(certificate=pem, key=pem), "cannot be used together"),
    ):
        with pytest.raises(SettingsError, match=says):
            endpoint.check()


def test_a_port_that_is_taken_is_said() -> None:
    """Before Ray is started, which takes its time."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port}"):
            Endpoint(port=port).check()
    Endpoint(port=port).check()
