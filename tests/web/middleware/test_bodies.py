"""Bodies, read within their limits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from starlette.datastructures import Headers

from clinicalblip.web.middleware import bodies, wording
from clinicalblip.web.middleware.bodies import (
    BodyBudget,
    Disconnected,
    declared_length,
    read_call,
    replay,
    upload_parts,
)
from clinicalblip.web.middleware.refusal import Refused


def receiver(parts: Sequence[bytes | None], *, pause: float = 0.0) -> Callable[[], Awaitable[Any]]:
    """A body that arrives in these parts; None is a client that goes away."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        part = left.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    return receive


async def _all(parts: Any) -> bytes:
    return b"".join([part async for part in parts])


def test_a_body_comes_back_whole() -> None:
    """In the order of its parts; and once more for the next reader."""
    body = asyncio.run(read_call(receiver([b"a", b"b"]), 2))
    assert body == b"ab"
    again = asyncio.run(replay(body, receiver([None]))())
    assert again == {"type": "http.request", "body": b"ab", "more_body": False}
    assert asyncio.run(_all(upload_parts(receiver([b"a", b"b"]), 2, "large"))) == b"ab"


@pytest.mark.parametrize("reader", ["call", "upload"])
def test_a_long_body_is_refused_before_it_has_arrived(reader: str) -> None:
    """The part after the limit is the last that is looked at."""
    receive = receiver([b"aa", b"b", b"c"])
    with pytest.raises(Refused) as refused:
        asyncio.run(read_call(receive, 2) if reader == "call" else _all(upload_parts(receive, 2, "large")))
    assert refused.value.status == 413
    assert asyncio.run(receive())["body"] == b"c"


@pytest.mark.parametrize("reader", ["call", "upload"])
def test_a_slow_body_is_refused(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that stands still."""
    monkeypatch.setattr(bodies, "CALL_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "STALL_SECONDS", 0.05)
    receive = receiver([b"a"] * 9, pause=0.2)
    with pytest.raises(Refused) as refused:
        asyncio.run(read_call(receive, 99) if reader == "call" else _all(upload_parts(receive, 99, "large")))
    assert (refused.value.status, refused.value.sentence) == (408, wording.TOO_SLOW)


def test_an_upload_that_trickles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then holds no place for long."""
    monkeypatch.setattr(bodies, "STALL_SECONDS", 0.1)
    with pytest.raises(Refused) as refused:
        asyncio.run(_all(upload_parts(receiver([b"a"] * 20, pause=0.02), 99, "large")))
    assert refused.value.status == 408


@pytest.mark.parametrize("reader", ["call", "upload"])
def test_a_client_that_goes_away_is_no_refusal(reader: str) -> None:
    """There is nobody to answer."""
    receive = receiver([b"a", None])
    with pytest.raises(Disconnected):
        asyncio.run(read_call(receive, 9) if reader == "call" else _all(upload_parts(receive, 9, "large")))


@pytest.mark.parametrize(
    ("said", "status"), [("11", 413), ("9" * 30, 413), ("-1", 400), ("1e3", 400), ("²", 400), ("", 400)]
)
def test_a_length_that_is_too_large_or_none_is_refused_unread(said: str, status: int) -> None:
    """Before a byte of the body is read."""
    with pytest.raises(Refused) as refused:
        declared_length(Headers({"content-length": said}), 10, "large")
    assert refused.value.status == status


def test_zeros_before_a_length_change_nothing() -> None:
    """They are no way to say a short one."""
    assert declared_length(Headers({"content-length": "0" * 30 + "7"}), 10, "large") == 7
    with pytest.raises(Refused):
        declared_length(Headers({"content-length": "0" * 30 + "11"}), 10, "large")


def test_all_bodies_together_have_a_bound() -> None:
    """One too many is refused; when another is done there is room again."""

    async def take() -> None:
        budget = BodyBudget(10)
        async with budget.take(8):
            with pytest.raises(Refused):
                async with budget.take(3):
                    pass
        async with budget.take(10):
            pass

    asyncio.run(take())
