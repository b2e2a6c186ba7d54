"""The request for an evaluation: what is to be scored, and how; and the command line for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clinicalblip.errors import SettingsError
from clinicalblip.evaluation.metrics.cleaning import Cleaning
from clinicalblip.evaluation.metrics.registry import METRICS
from clinicalblip.evaluation.predictions import HintSource
from clinicalblip.evaluation.scorecard.scorecard import RowKind
from clinicalblip.evaluation.statistics.statistic import SEED
from clinicalblip.radiology.report import Target

FINDINGS: Final = "findings"
"""The name of all figures of findings together; their own names begin with it."""

OPTIONS: Final = {
    RowKind.SCORED: "predictions",
    RowKind.WITHOUT_PRIOR: "without-prior",
    RowKind.SHUFFLED: "shuffled",
    RowKind.BLANK: "blank",
    RowKind.AGAINST: "against",
}
"""The rows that are made of a predictions file, and the command's option that names it."""


@dataclass(frozen=True)
class EvaluationRequest:
    """What is to be scored, and how.

    `files` are predictions files by the row that they make; without any the card has baselines only. `metrics` are
    names of `METRICS` and of findings' figures, or `findings` for all of these; none means everything.
    `hints` says where the prompts' hints came from, if known; `cut` to how many tokens references are cut.
    """

    studies: Path
    split: str
    target: Target
    files: Mapping[RowKind, Path] = field(default_factory=dict)
    cleaning: Cleaning = Cleaning.R2GEN
    cut: int | None = None
    metrics: tuple[str, ...] = ()
    train_studies: Path | None = None
    hints: HintSource | None = None
    allow_missing: bool = False
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.files and RowKind.SCORED not in self.files:
            raise SettingsError("Rows beside a headline were named without it; name its file with --predictions.")
        unknown = [name for name in self.metrics if name not in METRICS and name.split("-")[0] != FINDINGS]
        if unknown:
            raise SettingsError(
                f"There is no metric {', '.join(unknown)}; the metrics are {', '.join(METRICS)} and {FINDINGS}."
            )
        if self.cut is not None and self.cut < 1:
            raise SettingsError("References are cut to one token or more.")

    @property
    def command(self) -> str:
        """The command line for this request, files without their folders."""
        words = ["python -m clinicalblip evaluate"]
        words += [f"--{OPTIONS[kind]} {self.files[kind].name}" for kind in OPTIONS if kind in self.files]
        words += [f"--studies {self.studies.name}", f"--split {self.split}", f"--target {self.target}"]
        words += [f"--cleaning {self.cleaning}"] + ([f"--cut {self.cut}"] if self.cut else [])
        words += [f"--metrics {','.join(self.metrics)}"] if self.metrics else []
        words += [f"--train-studies {self.train_studies.name}"] if self.train_studies else []
        words += [f"--hints {self.hints}"] if self.hints else []
        words += ["--allow-missing"] if self.allow_missing else []
        return " ".join([*words, f"--seed {self.seed}"])
