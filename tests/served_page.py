"""What tests of the page share: a running page, a film, and waiting for something to become true."""

import io
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scripted_reporter import ScriptedReporter

from clinicalblip.feedback.location import Location
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.page import build_page, launch_arguments
from clinicalblip.web.visits import Visits

NAME = "Doe-Jane-19500101"
"""What a film's file is called, and must be found nowhere."""


@dataclass(frozen=True)
class Served:
    """A running page and what it works with."""

    url: str
    reporter: ScriptedReporter
    store: ReviewStore
    visits: Visits
    cache: Path


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def one_page(folder: Path, settings: Settings, reporter: ScriptedReporter) -> Iterator[Served]:
    """Serve one page for all tests of a file, with its uploads and reviews in `folder`."""
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")
    port, reviews = free_port(), folder / "reviews.sqlite3"
    settings = settings.model_copy(update={"server": ServerSettings(name="127.0.0.1", port=port)})
    store, visits = ReviewStore(reviews), Visits()
    blocks = build_page(settings, reporter, store, Location(reviews, lasting=True), visits=visits)
    blocks.launch(**launch_arguments(settings), prevent_thread_lock=True, quiet=True)
    yield Served(f"http://127.0.0.1:{port}/", reporter, store, visits, folder / "uploads")
    blocks.close(verbose=False)
    store.close()
    del os.environ["GRADIO_TEMP_DIR"]


def png_film(side: int = 128, *, seed: int = 0) -> bytes:
    """A 16-bit PNG of noise around a ramp: a film as far as reading goes."""
    ramp = np.linspace(2000, 60000, side * side).reshape(side, side)
    noise = np.random.default_rng(seed).integers(0, 1500, (side, side))
    buffer = io.BytesIO()
    Image.fromarray((ramp + noise).astype(np.uint16)).save(buffer, "PNG")
    return buffer.getvalue()


def until(condition: Callable[[], object], *, seconds: float = 15.0) -> bool:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
