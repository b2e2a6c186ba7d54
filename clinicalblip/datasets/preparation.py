"""What comes of preparing a data set: the studies, and the count of everything that is kept or left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self, TextIO

from clinicalblip.progress import progress_bar
from clinicalblip.radiology.study import SPLITS, Study


@dataclass(frozen=True)
class Counts:
    """The counts of what was gone through so far.

    `read` counts all reports (`reports`, and of them `with findings` and `with impression`), `kept` the studies by
    split, `texts` those of them by the texts that they have, `left_out` what was left out by reason, `set_aside` what
    a kept study's report said that is in none of its texts, and `priors` why a kept study has a prior report or none.
    """

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    priors: Counter[str] = field(default_factory=Counter)

    def keep(self, study: Study) -> Study:
        """Count a study that is kept, and return it."""
        self.kept[study.split] += 1
        texts = {**vars(study.context), **vars(study.reference)}
        self.texts.update(name.replace("_", " ") for name, text in texts.items() if text)
        return study

    def add(self, other: Self) -> None:
        """Count what another process counted."""
        for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True):
            mine.update(theirs)

    @property
    def table(self) -> str:
        """The counts as lines to print: reports read, studies kept by split and text, left out by reason."""
        rows = [("reports", self.read["reports"])]
        rows += [(f"  {what}", self.read[what]) for what in ("with findings", "with impression")]
        rows += [("kept", self.kept.total())]
        rows += [(f"  {split}", self.kept[split]) for split in SPLITS]
        rows += [(f"  with {name}", count) for name, count in sorted(self.texts.items())]
        for title, counts in (
            ("left out", self.left_out),
            ("not part of a text", self.set_aside),
            ("prior reports", self.priors),
        ):
            if counts or counts is self.left_out:
                rows += [(title, counts.total()), *((f"  {reason}", count) for reason, count in sorted(counts.items()))]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {count:>7,}" for name, count in rows)


@dataclass(frozen=True)
class Preparation:
    """Studies that are read while they are asked for, and the counts of those read so far.

    `studies` can be gone through once; the counts are complete when it is at its end. `total` is how many reports
    there are to read, None where that is not known before.
    """

    studies: Iterator[Study]
    counts: Counts = field(default_factory=Counts)
    total: int | None = None

    def track(self, stream: TextIO | None = None) -> Iterator[Study]:
        """Give the studies, and show on standard error, or another `stream`, how many reports are read."""
        with progress_bar("reports", total=self.total, unit="report", stream=stream) as bar:
            for study in self.studies:
                bar.update(self.counts.read["reports"] - bar.n)
                yield study
