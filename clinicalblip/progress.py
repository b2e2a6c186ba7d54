"""How far something long has come: a bar in a terminal, a line now and then in a log."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TextIO, TypeVar, cast

from tqdm import tqdm

Item = TypeVar("Item")

Log = Callable[[str], None]
"""Is given a line for the person who waits."""

_LOG_SECONDS: Final = 15.0
_LOG_FORMAT: Final = "{desc}: {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}{postfix}]"
_LOG_FORMAT_NO_TOTAL: Final = "{desc}: {n_fmt} [{elapsed}, {rate_fmt}{postfix}]"


def track(
    items: Iterable[Item],
    description: str,
    *,
    total: int | None = None,
    unit: str = "it",
    enabled: bool = True,
    stream: TextIO | None = None,
) -> Iterator[Item]:
    """Give the items, and show on standard error, or another `stream`, how many of `total` are done."""
    yield from progress_bar(description, items=items, total=total, unit=unit, enabled=enabled, stream=stream)


def progress_bar(
    description: str,
    *,
    total: int | None = None,
    items: Iterable[Any] | None = None,
    done: int = 0,
    unit: str = "it",
    enabled: bool = True,
    stream: TextIO | None = None,
) -> "tqdm[Any]":
    """A bar to be updated by hand, which begins with so many `done`.

    Where the stream is no terminal it is a line every 15 seconds instead, and nothing for what is done sooner.
    """
    stream = stream or sys.stderr
    in_log: dict[str, Any] = {}
    if not stream.isatty():
        stream = cast(TextIO, _LogLines(stream))
        in_log = {
            "mininterval": _LOG_SECONDS,
            "maxinterval": _LOG_SECONDS,
            "delay": _LOG_SECONDS,
            "leave": False,
            "bar_format": _LOG_FORMAT_NO_TOTAL if total is None else _LOG_FORMAT,
        }
    return tqdm(
        items,
        desc=description,
        total=total,
        initial=done,
        unit=unit,
        disable=not enabled,
        file=stream,
        miniters=1,
        **in_log,
    )


def write_line(line: str) -> None:
    """Write a line on standard error, above a bar that may stand there."""
    tqdm.write(line, file=sys.stderr)
    sys.stderr.flush()


class _LogLines:
    """A stream for tqdm in which each state of a bar is a line of its own, without what only a terminal understands."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", "utf-8")

    def write(self, text: str) -> int:
        """Write what stands on the bar's line; moving the cursor and blanking the line are left out."""
        if line := text.strip():
            self._stream.write(f"{line}\n")
        return len(text)

    def flush(self) -> None:
        """Pass on what was written."""
        self._stream.flush()
