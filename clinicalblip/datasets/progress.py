"""How far a preparation is, on one line that a person watches or in a log."""

import time
from collections.abc import Iterator
from typing import Final, TextIO

from clinicalblip.datasets.preparation import Preparation
from clinicalblip.radiology.study import Study

_WATCHED: Final = 0.5  # seconds between two lines on a terminal
_LOGGED: Final = 30.0  # and in a log


def with_progress(preparation: Preparation, stream: TextIO) -> Iterator[Study]:
    """Go through the studies and say on `stream` how many reports are read; a short preparation says nothing."""
    watched = stream.isatty()
    started = said = time.monotonic()
    for study in preparation.studies:
        yield study
        now = time.monotonic()
        if now - said >= (_WATCHED if watched else _LOGGED):
            said = now
            line = progress_line(preparation.counts.read["reports"], preparation.total, now - started)
            stream.write(f"\r{line}\x1b[K" if watched else f"{line}\n")
            stream.flush()
    if watched and said != started:
        stream.write("\r\x1b[K")
        stream.flush()


def progress_line(reports: int, total: int | None, seconds: float) -> str:
    """What is said after so many reports and seconds."""
    speed = reports / seconds if seconds > 0 else 0.0
    if not total:
        return f"{reports:,} reports, {speed:,.0f} a second"
    left = f", {(total - reports) / speed:,.0f} s left" if speed else ""
    return f"{reports:,} of {total:,} reports ({reports / total:.0%}), {speed:,.0f} a second{left}"
