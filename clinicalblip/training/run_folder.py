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

from clinicalblip.datasets.files.atomic import write_atomically, write_json_atomically
from clinicalblip.datasets.files.file_lock import lock_file
from clinicalblip.datasets.files.fingerprint import differing_fields
from clinicalblip.datasets.files.json_lines import append_json_lines, recover_json_lines, write_json_lines
from clinicalblip.errors import StageError
from clinicalblip.instructblip.distributed import rank

_COMPLETE = "complete"
_LOCK = ".in-use"


@dataclass(frozen=True)
class StageRun:
    """One stage of a run, on disk."""

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
        write_json_atomically(self.path / "stage.json", record)
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def mark_complete(self, step: int) -> None:
        """Say of the checkpoint of this step that it was written to its end, and remove those before it."""
        whole = self.checkpoints / f"checkpoint-{step}"
        (whole / _COMPLETE).touch()
        for path in self.checkpoints.glob("checkpoint-*"):
            if path != whole:
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

    def truncate_log(self, step: int) -> None:
        """Drop what was logged after this step: it will be trained, and logged, again."""
        if self.log.is_file():
            write_json_lines([row for row in recover_json_lines(self.log) if row["step"] <= step], self.log)

    def append_log(self, values: Mapping[str, Any]) -> None:
        """Add one line to the log."""
        with translate_write_errors("The log"):
            append_json_lines([values], self.log, sync=False)

    def seconds_logged(self) -> float:
        """How long the stage had been training when it last logged; 0 for one that begins."""
        rows = recover_json_lines(self.log)
        return float(rows[-1]["seconds"]) if rows else 0.0

    def write_studies(self, digests: Sequence[str]) -> None:
        """Write which studies the stage learns from."""
        write_atomically(self.path / "training-studies.txt", "".join(f"{digest}\n" for digest in digests))


def stage_run(run: Path, number: int, name: str) -> StageRun:
    """The stage of a run with this number, from 1, and name; its folder is made where it is not there."""
    stage = StageRun(run / f"{number:02d}-{name}")
    stage.path.mkdir(parents=True, exist_ok=True)
    return stage


def begin_or_resume_run(run: Path, fingerprint: Mapping[str, Any], timeout: float = 600.0) -> None:
    """Begin a run, or check that one that was begun is made of the same.

    The `fingerprint` has plain JSON values. Of several processes that train together the first begins the run, and the
    others wait for it for at most `timeout` seconds. Raises StageError, which names what differs, where the folder was
    begun with another plan, base, data or seed, or holds something else.
    """
    record = run / "run.json"
    wanted = json.loads(json.dumps(fingerprint))
    if rank() != 0:
        _wait_for(record, timeout)
    if record.is_file():
        try:
            begun = json.loads(record.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StageError("run.json of the run folder is damaged; choose a new run folder.") from error
        if other := differing_fields(begun, wanted):
            raise StageError(
                f"The run folder was begun with another {other}; go on with the same, or choose a new run folder."
            )
        return
    if run.is_dir() and any(path.name != _LOCK for path in run.iterdir()):
        raise StageError("The run folder holds something that is not a run; choose a new or empty one.")
    run.mkdir(parents=True, exist_ok=True)
    write_json_atomically(record, wanted)


def _wait_for(record: Path, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not record.is_file():
        if time.monotonic() > deadline:
            raise StageError("The first process has not begun the run; look at what it says, and start again.")
        time.sleep(0.05)


@contextmanager
def lock_run(run: Path) -> Iterator[None]:
    """Lock the run folder for this process while the block lasts. Raises StageError where another one has it.

    Of several processes that train together the first holds it.
    """
    run.mkdir(parents=True, exist_ok=True)
    if rank() != 0:
        yield
        return
    taken = StageError("The run folder is in use by another process; wait for it or choose another folder.")
    with lock_file(run / _LOCK, taken):
        yield


@contextmanager
def translate_write_errors(what: str) -> Iterator[None]:
    """Raise StageError where the disk does not take what this block writes; what was written before stays usable."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:  # torch reports a full disk by a RuntimeError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise StageError(
            f"{what} could not be written ({reason}); make room on the disk and start the same command again: it goes "
            "on from the last checkpoint that is whole."
        ) from error
