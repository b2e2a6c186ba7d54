"""What came of preparing a data set: the studies, and the count of everything that was kept or left out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from clinicalblip.radiology.study import SPLITS, Study


@dataclass(frozen=True)
class Preparation:
    """Studies that are read while they are asked for, and the counts of those read so far.

    `studies` can be gone through once; the counts and `table` are complete when it is at its end. `read` counts all
    reports (`reports`, and of them `with findings` and `with impression`), `kept` the studies by split, `left_out` what
    was left out by reason.
    """

    studies: Iterator[Study]
    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def table(self) -> str:
        """The counts as lines to print: reports read, studies kept by split, left out by reason."""
        rows = [("reports", self.read["reports"])]
        rows += [(f"  {what}", self.read[what]) for what in ("with findings", "with impression")]
        rows += [("kept", self.kept.total())]
        rows += [(f"  {split}", self.kept[split]) for split in SPLITS]
        rows += [("left out", self.left_out.total())]
        rows += [(f"  {reason}", count) for reason, count in sorted(self.left_out.items())]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {count:>7,}" for name, count in rows)
