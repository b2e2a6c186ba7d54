"""What tests of the page share: a running page, a film, and waiting for something to become true."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scripted_reporter import ScriptedReporter

from clinicalblip.feedback.store import ReviewStore
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
