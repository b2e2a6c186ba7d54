"""How far a preparation is."""

import io
from collections.abc import Iterator

import pytest

from clinicalblip.datasets.preparation import Counts, Preparation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study


def test_reports_are_counted_and_not_studies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preparation that leaves studies out is as far as it has read."""
    now = [0.0]
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    counts = Counts()

    def studies() -> Iterator[Study]:
        for number in range(2):
            now[0] += 20.0
            counts.read["reports"] += 3
            yield Study(f"s{number}", "p", "train", reference=Report("Clear."))

    stream = io.StringIO()
    assert len(list(Preparation(studies(), counts, 6).track(stream))) == 2
    assert [line.split(" [")[0] for line in stream.getvalue().splitlines()] == ["reports: 3/6", "reports: 6/6"]
