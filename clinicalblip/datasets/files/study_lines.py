"""A file with one JSON line a study that several processes write together, and that can be gone on with at any moment.

NAME.jsonl          whole, in the order of the studies file
NAME.about.json     what made it, plain values
.NAME.jsonl.part-0  what process 0 has written so far; gone when the file is whole
"""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from clinicalblip.datasets.files.atomic import differing, write_whole
from clinicalblip.errors import DatasetError

Said = TypeVar("Said")


@dataclass(frozen=True)
class StudyLines(ABC, Generic[Said]):
    """What was said of each study, of one kind; a kind has a name for people and fields of its own beside study_id."""

    path: Path
    kind: ClassVar[str]

    @abstractmethod
    def pack(self, said: Said) -> dict[str, Any]:
        """The fields of a line."""

    @abstractmethod
    def unpack(self, fields: Mapping[str, Any]) -> Said:
        """What `pack` made fields of. Raises ValueError or KeyError for other fields."""

    @property
    def about(self) -> Path:
        """Where it stands what made the file."""
        return self.path.with_name(f"{self.path.stem}.about.json")

    def begin(self, made_of: Mapping[str, Any]) -> None:
        """Begin the file, or see to it that one that was begun goes on with the same.

        `made_of` are plain JSON values. Raises DatasetError, which names what differs, where it was begun otherwise.
        """
        wanted = json.loads(json.dumps(made_of))
        if self.about.is_file():
            begun = json.loads(self.about.read_text(encoding="utf-8"))
            if other := differing(begun, wanted):
                raise DatasetError(
                    f"The {self.kind} file was begun with another {other}; go on with the same, or name another file."
                )
            return
        if self.path.exists():
            raise DatasetError(f"The {self.kind} file is there, and nothing says what made it; name another file.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.about, json.dumps(wanted, indent=2) + "\n")

    def written(self) -> dict[str, Said]:
        """What all processes have written so far; a line that a killed process left half written does not count."""
        found: dict[str, Said] = {}
        for file in [*self._parts(), self.path]:
            found.update(self._whole_lines(file))
        return found

    def mend(self, process: int) -> None:
        """Take away the half line that a killed process left at the end of its part."""
        part = self._part(process)
        if part.is_file():
            write_whole(part, "".join(self._line(*said) for said in self._whole_lines(part)))

    def add(self, process: int, said: Iterable[tuple[str, Said]]) -> None:
        """Add what is said of some studies to a process's part; it is on disk when this returns."""
        with self._part(process).open("a", encoding="utf-8") as file:
            for study_id, each in said:
                file.write(self._line(study_id, each))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, study_ids: Iterable[str]) -> None:
        """Write the whole file in this order, then remove the parts. Raises KeyError for a study without a line."""
        written = self.written()
        lines = [(study_id, written[study_id]) for study_id in study_ids]
        write_whole(self.path, "".join(self._line(study_id, said) for study_id, said in lines))
        for part in self._parts():
            part.unlink()

    def _line(self, study_id: str, said: Said) -> str:
        return json.dumps({"study_id": study_id, **self.pack(said)}, ensure_ascii=False) + "\n"

    def _whole_lines(self, file: Path) -> list[tuple[str, Said]]:
        """Study ids and what is said of them; the half line of a killed process does not count."""
        said = []
        if file.is_file():
            for text in file.read_bytes().splitlines():
                with suppress(ValueError):
                    line = json.loads(text)
                    said.append((line["study_id"], self.unpack(line)))
        return said

    def _part(self, process: int) -> Path:
        return self.path.with_name(f".{self.path.name}.part-{process}")

    def _parts(self) -> list[Path]:
        return sorted(self.path.parent.glob(f".{self.path.name}.part-*"))
