"""The page in a process of its own, as app.py starts it, and what it takes from outside: memory, log, reviews.

It is served on loopback with the bundled model, its reviews and uploads in a folder that goes with it. Linux only:
memory is read from /proc.
"""

import ctypes
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from clinicalblip.errors import SettingsError
from clinicalblip.heap import resident_bytes

ROOT = Path(__file__).resolve().parents[2]

_START_SECONDS = 180.0
_SAMPLE_SECONDS = 0.1
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl


class PageProcess:
    """A context manager: the page runs within it, and nothing of it afterwards."""

    def __init__(self, **environment: str) -> None:
        self._environment = environment
        self.folder = Path()
        self.port = 0
        self._peak = 0
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="load-"))
        self.port = _free_port()
        here = {
            "CLINICALBLIP_STORAGE_REVIEWS": str(self.folder / "reviews.sqlite3"),
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(self.port),
            "GRADIO_TEMP_DIR": str(self.folder / "uploads"),
            "HF_HUB_OFFLINE": "1",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env={**os.environ, **here, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # no thread runs yet
            )
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        try:
            self._wait_until_served()
            self._sampler.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _wait_until_served(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/config", timeout=5):
                    return
            except (URLError, TimeoutError, ConnectionError):
                time.sleep(0.2)
        last = self._log.read_text("utf-8", errors="replace").strip().splitlines()[-1:]
        raise SettingsError(f"The page did not start within {_START_SECONDS:.0f} s. It said last: {''.join(last)}")

    def _end(self) -> None:
        self._ended.set()
        if self._sampler.is_alive():
            self._sampler.join()
        workers = _descendants(self._process.pid)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pid in workers:
            if _parent(pid) in (1, self._process.pid, os.getpid()):  # still there, and no other process of that number
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder)

    def _sample(self) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            self._peak = max(self._peak, self.memory())

    def memory(self) -> int:
        """Resident bytes of the server and its workers now; pages that they share count for each."""
        return sum((resident_bytes(pid) or 0) for pid in (self._process.pid, *_descendants(self._process.pid)))

    def peak(self) -> int:
        """The most resident bytes since this was asked last."""
        peak, self._peak = max(self._peak, self.memory()), 0
        return peak

    def log_bytes(self) -> int:
        """What was written to the log since the start."""
        return self._log.stat().st_size

    def running(self) -> bool:
        """Whether the server is still there."""
        return self._process.poll() is None

    def saved(self) -> dict[str, str]:
        """The reviews that are on disk: ids, and the final findings where they were kept."""
        file = self.folder / "reviews.sqlite3"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            rows = connection.execute(
                "SELECT reviews.id, texts.final_findings FROM reviews LEFT JOIN texts ON texts.review = reviews.id"
            )
            return {identifier: findings or "" for identifier, findings in rows}
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread ended in this moment
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
