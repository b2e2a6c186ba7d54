"""What is made of a server that answers wrongly, slowly, or as somebody else."""

import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from clinicalblip.errors import ModelError, ModelUnavailable
from clinicalblip.radiology.report import Report
from clinicalblip.serving.connection import CutOff, ReplicaConnection
from clinicalblip.serving.protocol import (
    LINE_BYTES,
    Beat,
    DoubtsRequest,
    Failed,
    ServedModel,
    Words,
    pack_line,
    pack_model,
)
from tests.fixtures.scripted_reporter import GENERATION, IDENTITY
from tests.fixtures.served_replica import SECRET

ID, OTHER = "a" * 32, "b" * 32
BEAT = pack_line(Beat(ID))
END = pack_line(Failed(ID, "ModelError", "It is over."))
MODEL = ServedModel(IDENTITY, GENERATION, 0, 160)


@contextmanager
def scripted_server(*answers: bytes, hangs: bool = False) -> Iterator[str]:
    """A server that gives each connection the next of these answers, whatever it is asked, and then closes or hangs."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with suppress(OSError):
                for answer in answers:
                    connection, _ = listening.accept()
                    with connection, suppress(OSError):
                        asked = b""
                        while b"\r\n\r\n" not in asked:
                            asked += connection.recv(2**16)
                        length = int((re.findall(rb"content-length: (\d+)", asked.lower()) or [b"0"])[0])
                        while len(asked.split(b"\r\n\r\n", 1)[1]) < length:
                            asked += connection.recv(2**16)
                        connection.sendall(answer)
                        if hangs:
                            over.wait(20)

        thread = threading.Thread(target=run)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=20)


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP answer that ends with its connection."""
    return "\r\n".join((f"HTTP/1.1 {status}", "connection: close", *headers, "", "")).encode() + body


@contextmanager
def connected(url: str, silence: float = 5.0) -> Iterator[ReplicaConnection]:
    """A connection that is closed after use."""
    connection = ReplicaConnection(url, SECRET, silence=silence)
    yield connection
    connection.close()


def ask(answer: bytes, **options: bool) -> list[object]:
    """The lines of an answer to a request."""
    with scripted_server(answer, **options) as url, connected(url, 0.5) as connection:
        return list(connection.ask(DoubtsRequest(ID), b"", "f" * 64))


def test_lines_come_until_the_final_one() -> None:
    """What a server sends behind it is not read."""
    words = Words(ID, 0, (1, 2), Report("The heart", ""), 0.1)
    lines = ask(http(BEAT + pack_line(words) + END + b"more"))
    assert lines == [Beat(ID), words, Failed(ID, "ModelError", "It is over.")]


@pytest.mark.parametrize(
    "answer",
    [b"", http(b"", "503 Service Unavailable"), http(b"Internal Server Error", "500 No"), http(b"", "429 Later")],
    ids=["closed", "503", "500", "429"],
)
def test_who_does_not_answer_may_be_asked_again(answer: bytes) -> None:
    """Nothing had begun."""
    with pytest.raises(CutOff) as caught:
        ask(answer)
    assert not caught.value.accepted


@pytest.mark.parametrize(
    "body", [b"", BEAT, BEAT + END[:9], BEAT + b"Internal Server Error"], ids=["empty", "beat", "half", "error"]
)
@pytest.mark.parametrize("headers", [(), ("content-length: 9999",)], ids=["closed", "cut"])
def test_an_answer_without_an_end_may_be_asked_again(body: bytes, headers: tuple[str, ...]) -> None:
    """It had begun, and half a line is no line."""
    with pytest.raises(CutOff) as caught:
        ask(http(body, "200 OK", *headers))
    assert caught.value.accepted


def test_silence_is_no_answer() -> None:
    """After a time of the connection's own, beats keep it waiting."""
    with pytest.raises(CutOff) as caught:
        ask(http(BEAT), hangs=True)
    assert caught.value.accepted


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (http(b"", "401 No"), ModelUnavailable, "CLINICALBLIP_MODEL_SECRET"),
        (http(b"", "409 No"), ModelUnavailable, "another model"),
        (http(b"", "404 No"), ModelUnavailable, "none of them"),
        (http(b"", "302 Found", "location: http://elsewhere.example/"), ModelUnavailable, "none of them"),
        (http(b"", "413 No"), ModelError, "do not take"),
        (http(b"<html>Hello</html>\n"), ModelError, "no answer"),
        (http(b"null\n"), ModelError, "no answer"),
        (http(b"\xff\xfe\n"), ModelError, "no answer"),
        (http(pack_line(Beat(OTHER))), ModelError, "another request"),
        (http(b"x" * (LINE_BYTES + 1)), ModelError, "no answer"),
        (http(BEAT + b"y" * (LINE_BYTES + 1) + b"\n" + END), ModelError, "no answer"),
    ],
    ids=["401", "409", "404", "302", "413", "html", "null", "bytes", "other's id", "long", "long line"],
)
def test_what_is_no_answer_of_ours_is_one_sentence(answer: bytes, error: type[Exception], says: str) -> None:
    """And nothing of it is shown."""
    with pytest.raises(error, match=says) as caught:
        ask(answer)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, CutOff)


@pytest.mark.parametrize("body", [b"<html></html>", b"{}", b"x" * 2**21], ids=["html", "empty", "large"])
def test_a_server_of_something_else_is_no_model(body: bytes) -> None:
    """A wrong address is told from replicas that are not there."""
    with (
        scripted_server(http(body)) as url,
        connected(url) as connection,
        pytest.raises(ModelUnavailable, match=r"model\.at"),
    ):
        connection.model()


def test_a_model_is_read_whole() -> None:
    """As it was packed."""
    with scripted_server(http(pack_model(MODEL))) as url, connected(url) as connection:
        assert connection.model() == MODEL


def test_the_secret_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """At the loudest level of every library."""
    caplog.set_level(logging.DEBUG)
    with scripted_server(http(pack_model(MODEL)), http(BEAT + END)) as url, connected(url) as connection:
        connection.model()
        list(connection.ask(DoubtsRequest(ID), b"", "f" * 64))
    assert SECRET.get_secret_value() not in caplog.text


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films and secret go where the settings say."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with scripted_server(http(pack_model(MODEL))) as url, connected(url) as connection:
        assert connection.model() == MODEL
