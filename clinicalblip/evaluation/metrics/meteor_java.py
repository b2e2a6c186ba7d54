"""METEOR 1.5's own program, a Java process that is started once and then asked about any number of texts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from threading import Thread
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

COUNTS = 23
"""How many numbers METEOR prints of a pair of texts."""

LONGEST = 20_000
"""Characters of a text: METEOR's aligner needs memory by the square of it, and dies of 100,000."""

PATIENCE = 120.0
"""Seconds until an answer, the start included, which takes 5 on a quiet machine and 10 on a busy one."""


class MeteorStopped(Exception):
    """METEOR gave no answer; the message says why and what to do."""


class MeteorJava:
    """The program: started with the first texts to count, ended with the `with` block.

    It is pycocoevalcap's jar, started as there (English, `-norm`, 2 GB). One thread at a time may use it.
    """

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program; the next texts to count start it anew."""
        running, self._running = self._running, None
        if running is not None:
            running.end()

    def count(self, candidates: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
        """The counts that METEOR prints for each pair of texts, (studies, 23), in its order.

        New lines and "|||", which would split the program's input, are taken out. Raises MeteorStopped
        without Java, without pycocoevalcap, for a text of more than 20,000 characters, and where the program ends or
        does not answer in time.
        """
        for number, pair in enumerate(zip(candidates, references, strict=True), start=1):
            if (longest := max(map(len, pair))) > LONGEST:
                raise MeteorStopped(
                    f"METEOR 1.5 cannot align a text of {longest:,} characters (study {number} of {len(candidates)}), "
                    f"only up to {LONGEST:,}; leave that study out or mend its text."
                )
        if self._running is None:
            self._running = _Running(_command())
        try:
            return self._ask(self._running, candidates, references)
        except BaseException:
            self.close()  # answers to what was asked already would be taken for those to the next texts
            raise

    def _ask(self, running: _Running, candidates: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
        writer = Thread(target=running.write, args=(candidates, references), daemon=True)
        writer.start()
        counts = np.empty((len(candidates), COUNTS))
        for row in range(len(candidates)):
            where = f"at study {row + 1} of {len(candidates)}"
            try:
                answer = running.answers.get(timeout=self._patience)
            except Empty:
                raise MeteorStopped(
                    f"METEOR 1.5 did not answer {where} within {self._patience:g} s; score again on a quieter machine."
                ) from None
            numbers = answer.split()
            if len(numbers) != COUNTS:
                raise MeteorStopped(
                    f"METEOR 1.5 ended {where} ({running.complaint()}); see that `java -version` works and that 2 GB "
                    "of memory are free."
                )
            counts[row] = [float(number) for number in numbers]
        writer.join()
        return counts


class _Running:
    """The process, and a thread that collects its answers, so that waiting for one can time out."""

    def __init__(self, command: Sequence[str]) -> None:
        self.answers: SimpleQueue[str] = SimpleQueue()
        self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process; a full pipe would stop it
        try:
            self._process = subprocess.Popen(  # noqa: S603 - Java and a jar that is found by its place
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise MeteorStopped(f"Java does not start ({error.strerror}); see that `java -version` works.") from None
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, candidates: Sequence[str], references: Sequence[str]) -> None:
        """Send every pair; that the program ended meanwhile is noticed where its answers are awaited."""
        with suppress(OSError, ValueError):  # a broken pipe, or one closed by now
            for candidate, reference in zip(candidates, references, strict=True):
                line = f"SCORE ||| {_in_one_line(reference)} ||| {_in_one_line(candidate)} \n"
                self._input.write(line.encode("utf-8", "replace"))
            self._input.flush()

    def complaint(self) -> str:
        """The first line that the program wrote to standard error, else its exit status; neither contains a text."""
        try:
            rest = f"exit status {self._process.wait(timeout=1)}"
        except subprocess.TimeoutExpired:
            rest = "its answer has another form"
        self._errors.seek(0)
        lines = self._errors.read(2000).decode("utf-8", "replace").split("\n")
        return next((line.strip()[:200] for line in lines if line.strip() and not line.startswith("Picked up ")), rest)

    def end(self) -> None:
        """Kill the process and wait until it is gone; there is nothing that it would save."""
        if hasattr(os, "killpg"):  # where Java is a script, what that started holds the pipes
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._reader.join()
        with suppress(OSError):
            self._input.close()
        self._output.close()
        self._errors.close()

    def _read(self) -> None:
        for line in self._output:
            self.answers.put(line.decode("utf-8", "replace"))
        self.answers.put("")  # the end

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - Popen was given a pipe
        return self._process.stdin

    @property
    def _output(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - Popen was given a pipe
        return self._process.stdout


def _command() -> list[str]:
    java = shutil.which("java")
    if java is None:
        raise MeteorStopped(
            "METEOR 1.5 needs Java, which is not on this machine; install it (on Debian: apt-get install "
            "default-jre-headless)."
        )
    package = find_spec("pycocoevalcap")
    folders = package.submodule_search_locations if package is not None else None
    jars = [jar for folder in folders or () if (jar := Path(folder) / "meteor" / "meteor-1.5.jar").is_file()]
    if not jars:
        raise MeteorStopped(
            "METEOR 1.5 comes with the package pycocoevalcap, which is not installed; install it with "
            "pip install pycocoevalcap."
        )
    # Another language of the machine would change how Java lowers letters.
    return [java, "-Duser.language=en", "-Xmx2G", "-jar", str(jars[0]), "-", "-", "-stdio", "-l", "en", "-norm"]


def _in_one_line(text: str) -> str:
    return " ".join(text.replace("|||", "").split())
