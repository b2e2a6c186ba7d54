"""A call that is sent again is done once, whatever became of the first answer."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Send

from clinicalblip.web.answers import Answers

KEY = "a" * 32
BODY: Message = {"type": "http.response.body", "body": b"saved"}


class Counted:
    """A call that counts how often it is made, and waits until it may end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.made, self.error, self.may_end = 0, error, asyncio.Event()

    async def __call__(self, send: Send) -> None:
        """Make the call."""
        self.made += 1
        await self.may_end.wait()
        if self.error:
            raise self.error
        await send(BODY)


def asked(answers: Answers, call: Callable[[Send], Awaitable[None]]) -> tuple["asyncio.Task[None]", list[Message]]:
    """A call that is on its way, and what it is answered."""
    got: list[Message] = []

    async def send(message: Message) -> None:
        got.append(message)

    return asyncio.ensure_future(answers.once(KEY, call, send)), got


def test_a_call_sent_again_while_it_is_made_waits_for_the_same_answer() -> None:
    """The line broke before the first answer came; the second one is that answer, and so is a third one later."""

    async def run() -> None:
        answers, call = Answers(), Counted()
        first, got = asked(answers, call)
        await asyncio.sleep(0)
        second, again = asked(answers, call)
        await asyncio.sleep(0)
        call.may_end.set()
        await asyncio.gather(first, second)
        third, later = asked(answers, call)
        await third
        assert (call.made, got, again, later) == (1, [BODY], [BODY], [BODY])

    asyncio.run(run())


def test_a_call_that_failed_is_made_again() -> None:
    """Whoever waited for its answer has it made anew."""

    async def run() -> None:
        answers, failing, call = Answers(), Counted(OSError("gone")), Counted()
        call.may_end.set()
        first, _ = asked(answers, failing)
        await asyncio.sleep(0)
        second, got = asked(answers, call)
        await asyncio.sleep(0)
        failing.may_end.set()
        with pytest.raises(OSError, match="gone"):
            await first
        await second
        assert (failing.made, call.made, got) == (1, 1, [BODY])

    asyncio.run(run())
