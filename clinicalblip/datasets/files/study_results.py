"""A file with one JSON line a study that several processes write together, and that can be gone on with at any moment.

NAME.jsonl          whole, in the order of the studies file
NAME.about.json     what made it, plain values
.NAME.jsonl.part-0  what process 0 has written so far; gone when the file is whole
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from clinicalblip.datasets.files.atomic import write_json_atomically
from clinicalblip.datasets.files.fingerprint import differing_fields
from clinicalblip.datasets.files.json_lines import append_json_lines, recover_json_lines, write_json_lines
from clinicalblip.errors import DatasetError

Result = TypeVar("Result")


@dataclass(frozen=True)
class StudyResultsFile(ABC, Generic[Result]):
    """One result a study, all of one kind; a kind has a name for people and fields of its own beside study_id."""

    path: Path
    kind: ClassVar[str]

    @abstractmethod
    def to_fields(self, result: Result) -> dict[str, Any]:
        """The fields of a line."""

    @abstractmethod
    def from_fields(self, fields: Mapping[str, Any]) -> Result:
        """The result that `to_fields` made fields of. Raises ValueError or KeyError for other fields."""

    @property
    def about(self) -> Path:
        """The file that says what made this one."""
        return self.path.with_name(f"{self.path.stem}.about.json")

    def begin(self, fingerprint: Mapping[str, Any]) -> None:
        """Begin the file, or check that one that was begun is made of the same.

        The `fingerprint` has plain JSON values. Raises DatasetError, which names what differs, where it was begun
        otherwise.
        """
        wanted = json.loads(json.dumps(fingerprint))
        if self.about.is_file():
            begun = json.loads(self.about.read_text(encoding="utf-8"))
            if other := differing_fields(begun, wanted):
                raise DatasetError(
                    f"The {self.kind} file was begun with another {other}; go on with the same, or name another file."
                )
            return
        if self.path.exists():
            raise DatasetError(f"The {self.kind} file is there, and nothing says what made it; name another file.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_json_atomically(self.about, wanted)

    def completed(self) -> dict[str, Result]:
        """The results of all processes so far, by study id; the half line of a killed process does not count."""
        found: dict[str, Result] = {}
        for file in [*self._parts(), self.path]:
            found.update(self._results(file))
        return found

    def repair(self, process: int) -> None:
        """Remove the half line that a killed process left at the end of its part."""
        part = self._part(process)
        if part.is_file():
            write_json_lines(map(self._row, self._results(part)), part)

    def append(self, process: int, results: Iterable[tuple[str, Result]]) -> None:
        """Add the results of some studies to a process's part; they are on disk when this returns."""
        append_json_lines(map(self._row, results), self._part(process))

    def finish(self, study_ids: Iterable[str]) -> None:
        """Write the whole file in this order, then remove the parts. Raises KeyError for a study without a result."""
        completed = self.completed()
        rows = [self._row((study_id, completed[study_id])) for study_id in study_ids]
        write_json_lines(rows, self.path)
        for part in self._parts():
            part.unlink()

    def _row(self, result: tuple[str, Result]) -> dict[str, Any]:
        study_id, fields = result[0], self.to_fields(result[1])
        return {"study_id": study_id, **fields}

    def _results(self, file: Path) -> Iterator[tuple[str, Result]]:
        for row in recover_json_lines(file):
            with suppress(ValueError):
                yield row["study_id"], self.from_fields(row)

    def _part(self, process: int) -> Path:
        return self.path.with_name(f".{self.path.name}.part-{process}")

    def _parts(self) -> list[Path]:
        return sorted(self.path.parent.glob(f".{self.path.name}.part-*"))
