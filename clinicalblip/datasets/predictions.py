"""predictions.jsonl: the drafts of a split, one study a line: study_id, findings, impression.

predictions.jsonl          whole, in the order of the studies file
predictions.about.json     what made it: base, adapter and prompt by digest, the films and slots that were given
.predictions.jsonl.part-0  what process 0 has drafted so far; gone when the predictions are whole
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinicalblip.errors import DatasetError
from clinicalblip.radiology.report import Report


@dataclass(frozen=True)
class PredictionsFile:
    """A predictions file that is being written, by one process or several, and can be gone on with at any moment."""

    path: Path

    @property
    def about(self) -> Path:
        """Where it stands what made the predictions."""
        return self.path.with_name(f"{self.path.stem}.about.json")

    def begin(self, made_of: Mapping[str, Any]) -> None:
        """Begin the file, or see to it that one that was begun goes on with the same.

        `made_of` are plain JSON values. Raises DatasetError, which names what differs, where it was begun otherwise.
        """
        wanted = json.loads(json.dumps(made_of))
        if self.about.is_file():
            begun = json.loads(self.about.read_text(encoding="utf-8"))
            differing = sorted(name for name in wanted.keys() | begun.keys() if wanted.get(name) != begun.get(name))
            if differing:
                raise DatasetError(
                    f"The predictions file was begun with another {' and another '.join(differing)}; go on with the "
                    "same, or name another file."
                )
            return
        if self.path.exists():
            raise DatasetError("The predictions file is there, and nothing says what made it; name another file.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _write(self.about, json.dumps(wanted, indent=2) + "\n")

    def drafted(self) -> dict[str, Report]:
        """What all processes have drafted so far; a line that a killed process left half written does not count."""
        found: dict[str, Report] = {}
        for file in [*self._parts(), self.path]:
            for line in _whole_lines(file):
                found[line["study_id"]] = Report(line["findings"], line["impression"])
        return found

    def mend(self, process: int) -> None:
        """Take away the half line that a killed process left at the end of its part."""
        part = self._part(process)
        if part.is_file():
            _write(part, "".join(_text(line) for line in _whole_lines(part)))

    def add(self, process: int, drafts: Iterable[tuple[str, Report]]) -> None:
        """Add the drafts of some studies to a process's part; they are on disk when it returns."""
        with self._part(process).open("a", encoding="utf-8") as file:
            for study_id, report in drafts:
                file.write(_text({"study_id": study_id, "findings": report.findings, "impression": report.impression}))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, study_ids: Iterable[str]) -> None:
        """Write the whole file in this order, then remove the parts. Raises KeyError for a study without a draft."""
        drafted = self.drafted()
        lines = [(study_id, drafted[study_id]) for study_id in study_ids]
        _write(
            self.path,
            "".join(_text({"study_id": s, "findings": r.findings, "impression": r.impression}) for s, r in lines),
        )
        for part in self._parts():
            part.unlink()

    def _part(self, process: int) -> Path:
        return self.path.with_name(f".{self.path.name}.part-{process}")

    def _parts(self) -> list[Path]:
        return sorted(self.path.parent.glob(f".{self.path.name}.part-*"))


def _whole_lines(file: Path) -> list[dict[str, str]]:
    lines = []
    if file.is_file():
        for text in file.read_bytes().splitlines():
            with suppress(ValueError):  # the half line of a killed process
                lines.append(json.loads(text))
    return lines


def _text(line: Mapping[str, str]) -> str:
    return json.dumps(dict(line), ensure_ascii=False) + "\n"


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.whole")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
