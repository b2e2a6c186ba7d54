"""A run folder on disk: what it was begun with, which stages are finished, from where an interrupted one goes on.

run/run.json                 plan, base, data and seed: a rerun with others is refused
run/01-vision/               the first stage, here named vision
    adapter/                 the adapter after this stage
    stage.json               what the stage was and took; written last, so that it marks the stage as finished
    log.jsonl                loss, learning rate and gradient norm
    training-studies.txt     one digest a study
    checkpoints/             while the stage runs
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from clinicalblip.datasets.files.atomic import differing, write_whole
from clinicalblip.errors import StageError
from clinicalblip.instructblip.distributed import rank

_COMPLETE = "complete"
_LOCK = ".in-use"


@dataclass(frozen=True)
class StageFolder:
    """The folder of one stage."""

    path: Path

    @property
    def adapter(self) -> Path:
        """Where the stage's adapter is saved."""
        return self.path / "adapter"

    @property
    def checkpoints(self) -> Path:
        """Where the Trainer keeps its checkpoints."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """The losses, one JSON object a line."""
        return self.path / "log.jsonl"

    @property
    def finished(self) -> bool:
        """Whether the stage ran to its end."""
        return (self.path / "stage.json").is_file()

    def finish(self, record: Mapping[str, Any]) -> None:
        """Mark the stage as finished and remove its checkpoints."""
        write_json(self.path / "stage.json", record)
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def mark_complete(self, step: int) -> None:
        """Say of the checkpoint of this step that it was written to its end, and remove those before it."""
        written = self.checkpoints / f"checkpoint-{step}"
        (written / _COMPLETE).touch()
        for path in self.checkpoints.glob("checkpoint-*"):
            if path != written:
                shutil.rmtree(path)

    def last_checkpoint(self) -> tuple[Path, int] | None:
        """The last checkpoint written to its end and its step; those that were not are removed."""
        complete: dict[int, Path] = {}
        for path in self.checkpoints.glob("checkpoint-*"):
            if (path / _COMPLETE).is_file():
                complete[int(path.name.rpartition("-")[2])] = path
            else:
                shutil.rmtree(path, ignore_errors=True)
        return (complete[max(complete)], max(complete)) if complete else None

    def cut_log(self, step: int) -> None:
        """Drop what was logged after this step: it will be trained, and logged, again."""
        if self.log.is_file():
            lines = self.log.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if _step_of(line) <= step]
            write_whole(self.log, "".join(f"{line}\n" for line in kept))

    def add_to_log(self, values: Mapping[str, Any]) -> None:
        """Add one line to the log."""
        with written("The log"), self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(dict(values)) + "\n")

    def seconds_logged(self) -> float:
        """How long the stage had been training when it last logged; 0 for one that begins."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.is_file() else []
        return float(json.loads(lines[-1])["seconds"]) if lines else 0.0

    def write_studies(self, digests: Sequence[str]) -> None:
        """Write which studies the stage learns from."""
        write_whole(self.path / "training-studies.txt", "".join(f"{digest}\n" for digest in digests))


def stage_folder(run: Path, number: int, name: str) -> StageFolder:
    """The folder of a stage, numbered from 1; it is made where it is not there."""
    folder = StageFolder(run / f"{number:02d}-{name}")
    folder.path.mkdir(parents=True, exist_ok=True)
    return folder


def open_run(run: Path, made_of: Mapping[str, Any], patience: float = 600.0) -> None:
    """Begin a run, or see to it that a run that was begun goes on with the same.

    `made_of` are plain JSON values. Of several processes that train together the first begins the run and the others
    wait for it, at most `patience` seconds. Raises StageError, which names what differs, where the folder was begun
    with another plan, base, data or seed, or is in use for something else.
    """
    record = run / "run.json"
    wanted = json.loads(json.dumps(made_of))
    if rank() != 0:
        _wait_for(record, patience)
    if record.is_file():
        try:
            begun = json.loads(record.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StageError("run.json of the run folder is damaged; choose a new run folder.") from error
        if other := differing(begun, wanted):
            raise StageError(
                f"The run folder was begun with another {other}; go on with the same, or choose a new run folder."
            )
        return
    if run.is_dir() and any(path.name != _LOCK for path in run.iterdir()):
        raise StageError("The run folder holds something that is not a run; choose a new or empty one.")
    run.mkdir(parents=True, exist_ok=True)
    write_json(record, wanted)


def _wait_for(record: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not record.is_file():
        if time.monotonic() > deadline:
            raise StageError("The first process has not begun the run; look at what it says, and start again.")
        time.sleep(0.05)


@contextmanager
def sole_use(run: Path) -> Iterator[None]:
    """Keep the run folder to this process while the block lasts. Raises StageError where another one has it.

    The lock goes when its process ends, however it ends. Of several processes that train together the first holds
    it. On systems without file locks there is none.
    """
    run.mkdir(parents=True, exist_ok=True)
    if rank() != 0:
        yield
        return
    with (run / _LOCK).open("w") as lock:
        try:
            import fcntl  # not on every system
        except ImportError:
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StageError(
                "The run folder is in use by another process; wait for it or choose another folder."
            ) from error
        yield


@contextmanager
def written(what: str) -> Iterator[None]:
    """Write in this block; raise StageError where the disk does not take it: what was written before stays usable."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:  # torch says a full disk by a RuntimeError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise StageError(
            f"{what} could not be written ({reason}); make room on the disk and start the same command again: it goes "
            "on from the last checkpoint that is whole."
        ) from error


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write a JSON file so that it is whole or not there."""
    write_whole(path, json.dumps(dict(values), indent=2) + "\n")


def _step_of(line: str) -> float:
    """The step of a logged line; a line cut off by the process's end belongs to no step that counts."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
