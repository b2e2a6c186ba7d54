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

from clinicalblip.datasets.whole_file import differing, write_whole
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
            if other := differing(begun, wanted):
                raise DatasetError(
                    f"The predictions file was begun with another {other}; go on with the same, or name another file."
                )
            return
        if self.path.exists():
            raise DatasetError("The predictions file is there, and nothing says what made it; name another file.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.about, json.dumps(wanted, indent=2) + "\n")

    def drafted(self) -> dict[str, Report]:
        """What all processes have drafted so far; a line that a killed process left half written does not count."""
        found: dict[str, Report] = {}
        for file in [*self._parts(), self.path]:
            found.update(_whole_lines(file))
        return found

    def mend(self, process: int) -> None:
        """Take away the half line that a killed process left at the end of its part."""
        part = self._part(process)
        if part.is_file():
            write_whole(part, "".join(_line(*draft) for draft in _whole_lines(part)))

    def add(self, process: int, drafts: Iterable[tuple[str, Report]]) -> None:
        """Add the drafts of some studies to a process's part; they are on disk when it returns."""
        with self._part(process).open("a", encoding="utf-8") as file:
            for study_id, report in drafts:
                file.write(_line(study_id, report))
            file.flush()
            os.fsync(file.fileno())

    def finish(self, study_ids: Iterable[str]) -> None:
        """Write the whole file in this order, then remove the parts. Raises KeyError for a study without a draft."""
        drafted = self.drafted()
        lines = [(study_id, drafted[study_id]) for study_id in study_ids]
        write_whole(self.path, "".join(_line(study_id, report) for study_id, report in lines))
        for part in self._parts():
            part.unlink()

    def _part(self, process: int) -> Path:
        return self.path.with_name(f".{self.path.name}.part-{process}")

    def _parts(self) -> list[Path]:
        return sorted(self.path.parent.glob(f".{self.path.name}.part-*"))


def _whole_lines(file: Path) -> list[tuple[str, Report]]:
    """Study ids and drafts; the half line of a killed process does not count."""
    drafts = []
    if file.is_file():
        for text in file.read_bytes().splitlines():
            with suppress(ValueError):
                line = json.loads(text)
                drafts.append((line["study_id"], Report(line["findings"], line["impression"])))
    return drafts


def _line(study_id: str, report: Report) -> str:
    fields = {"study_id": study_id, "findings": report.findings, "impression": report.impression}
    return json.dumps(fields, ensure_ascii=False) + "\n"
