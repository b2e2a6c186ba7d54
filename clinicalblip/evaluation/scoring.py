"""Sets of drafts become rows: every one against the same references."""

from collections.abc import Mapping, Sequence

from clinicalblip.errors import SettingsError
from clinicalblip.evaluation.diversity import Diversity, measure_diversity
from clinicalblip.evaluation.leaks import count_copies
from clinicalblip.evaluation.metrics.cleaning import clean, cut
from clinicalblip.evaluation.metrics.finding_scores import measure_findings
from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.metrics.registry import METRICS, measure
from clinicalblip.evaluation.predictions import HintSource, Provenance
from clinicalblip.evaluation.request import FINDINGS, EvaluationRequest
from clinicalblip.evaluation.scorecard.scorecard import AbsentFigure, Difference, Figure, Row, RowKind, to_figure
from clinicalblip.evaluation.statistics.statistic import (
    MissingStatistic,
    Statistic,
    bootstrap_intervals,
    paired_difference,
)


class Scorer:
    """Scores one set of drafts after another against the same references, which are cleaned once.

    `train` are the digests of the train split's texts, None where there are none; `java` is METEOR's program, which
    all sets of drafts share. `varied` is the references' own diversity.
    """

    def __init__(
        self, asked: EvaluationRequest, references: Sequence[str], train: frozenset[bytes] | None, java: MeteorJava
    ) -> None:
        self._asked, self._references, self.train, self._java = asked, references, train, java
        cleaned = [clean(text, asked.cleaning) for text in references]
        self._cleaned = cleaned if asked.cut is None else [cut(text, asked.cut) for text in cleaned]
        self.varied: Diversity = measure_diversity(references)
        self._missing: dict[tuple[str, str], list[RowKind]] = {}

    def score(
        self,
        kind: RowKind,
        drafts: Sequence[str],
        *,
        given: Provenance | None = None,
        hints: HintSource = HintSource.NONE,
        note: str = "",
    ) -> tuple[Row, Mapping[str, Statistic]]:
        """The row of these drafts, in the studies' order, and what it was measured from."""
        measured = self._measure(kind, drafts)
        varied = measure_diversity(drafts)
        row = Row(
            kind=kind,
            given=given,
            hints=hints,
            figures=self._figures(measured),
            diversity=varied,
            collapsed=varied.has_collapsed(self.varied),
            copies=count_copies(drafts, self.train, self._references),
            note=note,
        )
        return row, measured

    def compare(self, own: Mapping[str, Statistic], kind: RowKind, other: Mapping[str, Statistic]) -> Difference:
        """The headline less a row, over the figures that both have."""
        both = [name for name in own if name in other and not name.endswith("-positives")]
        return Difference(kind, self._figures({name: paired_difference(own[name], other[name]) for name in both}))

    @property
    def missing(self) -> tuple[AbsentFigure, ...]:
        """What could not be measured so far, with the sentence how to get it."""
        return tuple(AbsentFigure(name, reason, tuple(kinds)) for (name, reason), kinds in self._missing.items())

    def _figures(self, measured: Mapping[str, Statistic]) -> dict[str, Figure]:
        return {name: to_figure(each) for name, each in bootstrap_intervals(measured, seed=self._asked.seed).items()}

    def _measure(self, kind: RowKind, drafts: Sequence[str]) -> dict[str, Statistic]:
        wanted = self._asked.metrics
        names = [name for name in METRICS if name in wanted or not wanted]
        found: dict[str, Statistic] = {}
        if names:
            cleaned = [clean(text, self._asked.cleaning) for text in drafts]
            for name, each in measure(names, cleaned, self._cleaned, java=self._java).items():
                if isinstance(each, MissingStatistic):
                    self._missing.setdefault((name, each.reason), []).append(kind)
                else:
                    found[name] = each
        of_findings = [name for name in wanted if name not in METRICS]
        if of_findings or not wanted:
            every = measure_findings(drafts, self._references)
            if unknown := [name for name in of_findings if name != FINDINGS and name not in every]:
                raise SettingsError(
                    f"There is no figure {', '.join(unknown)}; the figures of findings are {', '.join(every)}."
                )
            everything = FINDINGS in of_findings or not wanted
            found |= {name: each for name, each in every.items() if everything or name in of_findings}
        return found
