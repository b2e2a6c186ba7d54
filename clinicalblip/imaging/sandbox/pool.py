"""The workers that read films, each lent to one reader at a time.

A stranger's film goes through parsers and codecs written in C; in a worker the worst that they can do is to end it. A
worker that crashes, hangs, takes too much memory or breaks the protocol is killed, and the film is refused in one
sentence; the next film gets another worker.
"""

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from clinicalblip.errors import PrivacyError, RadiographError, UnreadableRadiograph
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.imaging.sandbox.process import WorkerError, WorkerProcess, WorkerTimeout
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import LimitSettings

COMMAND = (sys.executable, "-m", "clinicalblip.imaging.sandbox.worker")
SIZE = max(1, min(4, os.cpu_count() or 1))
"""More workers than processors read no faster, and each takes some 80 MiB."""

_Read = TypeVar("_Read")
_LOG = logging.getLogger(__name__)


class Pool:
    """At most `size` workers, started when they are needed and lent to one reader each; for many threads.

    `command` starts a process that answers as `worker.py` does.
    """

    def __init__(self, command: Sequence[str] = COMMAND, *, size: int = SIZE) -> None:
        self._command = command
        self._turns = FairQueue(size, **WAITING)
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._workers: set[WorkerProcess] = set()
        self._is_closed = False

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """The process numbers of the workers that are alive."""
        with self._lock:
            return [worker.pid for worker in self._workers if worker.is_alive]

    def read(self, data: bytes, options: ReadOptions) -> Radiograph:
        """Read a film as `read_in_process` does, in a worker; waits for a turn while all of them are lent.

        Raises what it raises, UnreadableRadiograph where the worker does not answer in time or at all, and Overloaded
        where too many wait.
        """
        request = protocol.pack_options(options)
        return self._ask(request, data, options.limits, _radiograph_of)

    def read_entry(self, data: bytes, key: bytes, limits: LimitSettings) -> FilmEntry:
        """Read which study and patient a DICOM film belongs to, by digests under `key`; waits and raises as `read`."""
        return self._ask(protocol.pack_entry_request(key, limits), data, limits, _entry_of)

    def _ask(
        self,
        request: protocol.Message,
        data: bytes,
        limits: LimitSettings,
        unpack: Callable[[protocol.Message, protocol.Arrays], _Read],
    ) -> _Read:
        with self._turns.turn(), self._borrow() as worker:
            try:
                answer, arrays = worker.request(request, data, limits)
                result = _error_of(answer) or unpack(answer, arrays)
            except (WorkerError, protocol.ProtocolError) as error:
                self._discard(worker)
                _LOG.warning("a worker was killed: %s", type(error).__name__)
                raise _refusal(error, limits) from error
            if answer.get("retires"):
                self._discard(worker)
        if isinstance(result, (RadiographError, PrivacyError)):
            raise result
        return result

    def warm(self) -> None:
        """Start a worker ahead of the first film, without waiting for it; does nothing where one is there already."""
        with self._lock:
            if not self._workers and not self._is_closed:
                self._idle.append(self._start())

    def close(self) -> None:
        """Kill the idle workers now, and the lent ones when they come back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            self._discard(worker)

    def abandon(self) -> None:
        """In a fork: let go of the workers, which belong to the process that forked."""
        for worker in self._workers:
            worker.abandon()

    @contextmanager
    def _borrow(self) -> Iterator[WorkerProcess]:
        worker = self._take()
        try:
            worker.wait_until_ready()
        except WorkerError as error:
            self._discard(worker)
            raise _cannot_start() from error
        try:
            yield worker
        except (RadiographError, PrivacyError):
            raise
        except BaseException:  # Ctrl-C in the middle of an answer: nobody can go on from there
            self._discard(worker)
            raise
        with self._lock:
            keep = worker in self._workers and not self._is_closed
            if keep:
                self._idle.append(worker)
        if not keep:
            self._discard(worker)

    def _take(self) -> WorkerProcess:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()  # the one that was used last: its memory is warm
                if worker.is_alive:
                    return worker
                self._workers.discard(worker)
                worker.kill()
            return self._start()

    def _start(self) -> WorkerProcess:
        try:
            worker = WorkerProcess(self._command)
        except OSError as error:
            raise _cannot_start() from error
        self._workers.add(worker)
        return worker

    def _discard(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.kill()


def _error_of(answer: protocol.Message) -> RadiographError | PrivacyError | None:
    if "error" in answer:
        error = protocol.unpack_error(answer["error"], answer.get("sentence"))
        _LOG.info("a film was refused: %s, %s", type(error).__name__, _type_name(answer.get("cause")))
        return error
    if "unexpected" in answer:
        _LOG.error("reading a film raised an error of no kind of ours: %s", _type_name(answer["unexpected"]))
        return UnreadableRadiograph("The file cannot be read: it is like no other. Export it again, or as PNG.")
    return None


def _radiograph_of(answer: protocol.Message, arrays: protocol.Arrays) -> Radiograph:
    return protocol.unpack_radiograph(answer.get("radiograph"), arrays)


def _entry_of(answer: protocol.Message, _arrays: protocol.Arrays) -> FilmEntry:
    return protocol.unpack_entry(answer.get("entry"))


def _type_name(name: Any) -> str:
    """The name of an exception's type, if the worker's answer is one: it is logged, and may hold anything."""
    return name if isinstance(name, str) and name.isidentifier() and len(name) < 80 else "no cause"


def _refusal(error: Exception, limits: LimitSettings) -> UnreadableRadiograph:
    if isinstance(error, WorkerTimeout):
        return UnreadableRadiograph(
            f"The file cannot be read: it was not done after {limits.reading_seconds:g} seconds. Export the film "
            "again, uncompressed or smaller."
        )
    return UnreadableRadiograph(
        "The file cannot be read: its picture data broke what decodes it, or would not fit in memory. Export the film "
        "again, or as PNG, and upload that."
    )


def _cannot_start() -> UnreadableRadiograph:
    return UnreadableRadiograph(
        "No film can be read just now, as the process that reads them does not start. Try again in a minute."
    )


_shared = Pool()


def shared_pool() -> Pool:
    """The one pool of this process; a fork has one of its own."""
    return _shared


def _close_at_exit() -> None:
    _shared.close()


def _replace_in_fork() -> None:
    global _shared
    _shared.abandon()
    _shared = Pool()


atexit.register(_close_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_replace_in_fork)
