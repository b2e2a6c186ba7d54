"""One worker process, from the side that started it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clinicalblip.imaging.sandbox import protocol
from clinicalblip.settings import LimitSettings

_ROOT = Path(__file__).resolve().parents[3]
_START_SECONDS = 60.0
_MAX_BYTES_BESIDES_VALUES = 2**24
"""Lookup tables of 65,536 entries, far more of them than a film offers."""

# What an interpreter needs to start and to find its packages. The rest of the environment, with the tokens that are
# often in it, does not reach a process that reads strangers' files.
_ENVIRONMENT = frozenset(
    (
        *("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "APPDATA"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    )
)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class WorkerError(Exception):
    """The worker crashed, closed its pipe or broke the protocol; it cannot read another film."""


class WorkerTimeout(WorkerError):
    """The worker was still busy when its time was over."""


class WorkerProcess:
    """A process that reads films, one at a time; used by one thread at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        environment = {name: value for name, value in os.environ.items() if name.upper() in _ENVIRONMENT}
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=_ROOT,  # where `-m` finds the package
            env=environment | _ONE_THREAD,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows opens one for every program
        )
        self._requests: Any = self._process.stdin
        self._answers: Any = self._process.stdout
        self._is_ready = False

    @property
    def pid(self) -> int:
        """The process number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until its imports are done. Raises WorkerError."""
        if not self._is_ready:
            with self._time_limit(_START_SECONDS):
                if protocol.receive(self._answers) != {"ready": True}:
                    raise protocol.ProtocolError("the process does not start as a worker does")
            self._is_ready = True

    def request(
        self, message: protocol.Message, data: bytes, limits: LimitSettings
    ) -> tuple[protocol.Message, protocol.Arrays]:
        """Have one film read; gives the answer and its arrays. Raises WorkerError."""
        with self._time_limit(limits.reading_seconds):
            protocol.send(self._requests, message | {"bytes": len(data)}, [memoryview(data)])
            answer = protocol.receive(self._answers)
            max_bytes = limits.megapixels * 2 * 10**6 + _MAX_BYTES_BESIDES_VALUES
            return answer, protocol.receive_arrays(self._answers, answer.get("arrays"), max_bytes=max_bytes)

    def kill(self) -> None:
        """End the process, busy or not, and leave no zombie."""
        self._process.kill()
        self._process.wait()
        self._close_pipes()

    def abandon(self) -> None:
        """In a fork of the process that started it: close the pipes, so that the worker ends with its own parent."""
        self._close_pipes()
        self._process.returncode = 0  # it is no child of this process, which must not wait for it

    def _close_pipes(self) -> None:
        for pipe in (self._requests, self._answers):
            pipe.close()

    @contextmanager
    def _time_limit(self, seconds: float) -> Iterator[None]:
        """Kill the process when the time is over, which ends the read or write that waits for it."""
        lock = threading.Lock()
        is_over = is_done = False

        def kill_at_the_end() -> None:
            nonlocal is_over
            with lock:
                if not is_done:
                    is_over = True
                    self._process.kill()

        timer = threading.Timer(seconds, kill_at_the_end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, protocol.ProtocolError) as error:
            if not isinstance(error, protocol.ProtocolError):
                self._process.wait()  # its end of the pipe is closed: it is ending
            by_cpu_limit = sys.platform != "win32" and self._process.returncode == -signal.SIGXCPU
            raise (WorkerTimeout if is_over or by_cpu_limit else WorkerError)(type(error).__name__) from error
        finally:
            with lock:
                is_done = True
            timer.cancel()
        if is_over:
            raise WorkerTimeout
