"""The children that read films, each lent to one reader at a time.

A film of a stranger goes through parsers and codecs written in C; here they run where they can do no more than end.
A child that crashes, hangs, takes too much memory or answers nonsense is ended, and the film is refused in one
sentence; the next film gets another child.
"""

import atexit
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clinicalblip.errors import PrivacyError, RadiographError, UnreadableRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import LimitSettings

COMMAND = (sys.executable, "-m", "clinicalblip.imaging.sandbox.worker")
SIZE = max(1, min(4, os.cpu_count() or 1))
"""More children than processors read no faster, and each takes some 80 MiB."""

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[3]
_START_SECONDS = 60.0
_MOST_BESIDES_VALUES = 2**24
"""Bytes: lookup tables of 65,536 entries, far more of them than a film offers."""

# What an interpreter needs to start and to find its packages. The rest of the environment, with the tokens that are
# often in it, is nothing for a process that reads strangers' files.
_ENVIRONMENT = frozenset(
    (
        *("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "APPDATA"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    )
)
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class _Ended(Exception):
    """The child is of no use any more."""


class _TookTooLong(_Ended):
    """It was still busy when its time was over."""


class Child:
    """One process that reads films, one at a time; for one thread at a time."""

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
        self._asked: Any = self._process.stdin
        self._answered: Any = self._process.stdout
        self._is_ready = False

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether its process has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for its imports. Raises an _Ended."""
        if not self._is_ready:
            with self._within(_START_SECONDS):
                if protocol.receive(self._answered) != {"ready": True}:
                    raise protocol.Nonsense("no child of ours")
            self._is_ready = True

    def ask(
        self, request: protocol.Message, data: bytes, limits: LimitSettings
    ) -> tuple[protocol.Message, protocol.Arrays]:
        """Have one film read. Raises an _Ended."""
        with self._within(limits.reading_seconds):
            protocol.send(self._asked, request | {"bytes": len(data)}, [memoryview(data)])
            answer = protocol.receive(self._answered)
            most = limits.megapixels * 2 * 10**6 + _MOST_BESIDES_VALUES
            return answer, protocol.receive_arrays(self._answered, answer.get("arrays"), most=most)

    def end(self) -> None:
        """End it, busy or not, and leave no zombie."""
        self._process.kill()
        self._process.wait()
        self._close()

    def forget(self) -> None:
        """In a fork of the process that started it: let go of its pipes, so that it ends with its own parent."""
        self._close()
        self._process.returncode = 0  # it is no child of this process, which must not wait for it

    def _close(self) -> None:
        for pipe in (self._asked, self._answered):
            pipe.close()

    @contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Kill the child when the time is over, which ends the read or write that waits for it."""
        lock, state = threading.Lock(), {"over": False, "done": False}

        def kill() -> None:
            with lock:
                if not state["done"]:
                    state["over"] = True
                    self._process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, protocol.Nonsense) as error:
            if not isinstance(error, protocol.Nonsense):
                self._process.wait()  # its end of the pipe is closed: it is ending
            by_clock = sys.platform != "win32" and self._process.returncode == -signal.SIGXCPU
            raise (_TookTooLong if state["over"] or by_clock else _Ended)(type(error).__name__) from error
        finally:
            with lock:
                state["done"] = True
            timer.cancel()
        if state["over"]:
            raise _TookTooLong


class Pool:
    """At most `size` children, started when they are needed and lent to one reader each; for many threads.

    `command` starts a child that answers as `child.py` does.
    """

    def __init__(self, command: Sequence[str] = COMMAND, *, size: int = SIZE) -> None:
        self._command = command
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._children: set[Child] = set()
        self._is_closed = False

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def children(self) -> list[int]:
        """The process numbers of the children there are."""
        with self._lock:
            return [child.pid for child in self._children if child.lives]

    def read(self, data: bytes, options: ReadOptions) -> Radiograph:
        """Read a film as `read_in_process` does, in a child; waits while all of them are lent.

        Raises what it raises, and UnreadableRadiograph where the child does not answer in time or at all.
        """
        request, limits = protocol.pack_options(options), options.limits
        with self._free, self._lent() as child:
            try:
                answer, arrays = child.ask(request, data, limits)
                result = _result(answer, arrays)
            except (_Ended, protocol.Nonsense) as error:
                self._end(child)
                _LOG.warning("a reading child was ended: %s", type(error).__name__)
                raise _refusal(error, limits) from error
            if answer.get("last"):
                self._end(child)
        if isinstance(result, Radiograph):
            return result
        raise result

    def warm(self) -> None:
        """Start a child ahead of the first film, without waiting for it; none where one is there already."""
        with self._lock:
            if not self._children and not self._is_closed:
                self._idle.append(self._start())

    def close(self) -> None:
        """End the idle children now, and the lent ones when they come back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            self._end(child)

    def forget(self) -> None:
        """In a fork: let go of the children, which belong to the process that forked."""
        for child in self._children:
            child.forget()

    @contextmanager
    def _lent(self) -> Iterator[Child]:
        child = self._take()
        try:
            child.wait_until_ready()
        except _Ended as error:
            self._end(child)
            raise _no_start() from error
        try:
            yield child
        except (RadiographError, PrivacyError):
            raise
        except BaseException:  # Ctrl-C in the middle of an answer: nobody can go on from there
            self._end(child)
            raise
        with self._lock:
            keep = child in self._children and not self._is_closed
            if keep:
                self._idle.append(child)
        if not keep:
            self._end(child)

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()  # the one that was used last: its memory is warm
                if child.lives:
                    return child
                self._children.discard(child)
                child.end()
            return self._start()

    def _start(self) -> Child:
        try:
            child = Child(self._command)
        except OSError as error:
            raise _no_start() from error
        self._children.add(child)
        return child

    def _end(self, child: Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.end()


def _result(answer: protocol.Message, arrays: protocol.Arrays) -> Radiograph | RadiographError | PrivacyError:
    if "error" in answer:
        error = protocol.error_named(answer["error"], answer.get("sentence"))
        _LOG.info("a film was refused: %s, %s", type(error).__name__, _type_name(answer.get("cause")))
        return error
    if "unexpected" in answer:
        _LOG.error("reading a film raised what it should not: %s", _type_name(answer["unexpected"]))
        return UnreadableRadiograph("The file cannot be read: it is like no other. Export it again, or as PNG.")
    return protocol.unpack(answer.get("radiograph"), arrays)


def _type_name(said: Any) -> str:
    return said if isinstance(said, str) and said.isidentifier() and len(said) < 80 else "no cause"


def _refusal(error: Exception, limits: LimitSettings) -> UnreadableRadiograph:
    if isinstance(error, _TookTooLong):
        return UnreadableRadiograph(
            f"The file cannot be read: it was not done after {limits.reading_seconds:g} seconds. Export the film "
            "again, uncompressed or smaller."
        )
    return UnreadableRadiograph(
        "The file cannot be read: its picture data broke what decodes it, or would not fit in memory. Export the film "
        "again, or as PNG, and upload that."
    )


def _no_start() -> UnreadableRadiograph:
    return UnreadableRadiograph(
        "No film can be read just now, as the process that reads them does not start. Try again in a minute."
    )


_shared = Pool()


def shared_pool() -> Pool:
    """The one pool of this process; a fork has one of its own."""
    return _shared


def _leave() -> None:
    _shared.close()


def _after_fork() -> None:
    global _shared
    _shared.forget()
    _shared = Pool()


atexit.register(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
