"""Sets of drafts become rows of a card, each scored against the same references."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinicalblip.errors import SettingsError
from clinicalblip.evaluation.diversity import measure_diversity
from clinicalblip.evaluation.leaks import Copies, count_copies, digest_text
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
from clinicalblip.evaluation.target import one_line


@dataclass(frozen=True)
class DraftSet:
    """Drafts that make one row: one text a scored study, in the studies' order, and what has to be known of them.

    `provenance` is None for a baseline, which no model wrote; `note` a sentence for the reader of the card, or nothing.
    """

    kind: RowKind
    texts: Sequence[str]
    provenance: Provenance | None = None
    hints: HintSource = HintSource.NONE
    note: str = ""


class Scorer:
    """Scores one set of drafts after another against the same references, which are cleaned once.

    `train_texts` are the train split's texts, in which copies are looked for; `java` is METEOR's program, which all
    sets of drafts share.
    """

    def __init__(
        self, request: EvaluationRequest, references: Sequence[str], train_texts: Sequence[str], java: MeteorJava
    ) -> None:
        self._request, self._references, self._java = request, references, java
        self._train = frozenset(map(digest_text, train_texts)) or None
        cleaned = [clean(one_line(text), request.cleaning) for text in references]
        self._cleaned = cleaned if request.cut is None else [cut(text, request.cut) for text in cleaned]
        self._missing: dict[tuple[str, str], list[RowKind]] = {}
        self.reference_diversity = measure_diversity(references)

    def score(self, drafts: DraftSet) -> tuple[Row, Mapping[str, Statistic]]:
        """The row of these drafts, and the statistics that its figures come from."""
        statistics = self._measure(drafts)
        diversity = measure_diversity(drafts.texts)
        row = Row(
            kind=drafts.kind,
            provenance=drafts.provenance,
            hints=drafts.hints,
            figures=self._figures(statistics),
            diversity=diversity,
            collapsed=diversity.has_collapsed(self.reference_diversity),
            copies=count_copies(drafts.texts, self._train, self._references),
            note=drafts.note,
        )
        return row, statistics

    def compare(self, own: Mapping[str, Statistic], kind: RowKind, other: Mapping[str, Statistic]) -> Difference:
        """The headline less a row, over the figures that both have."""
        both = [name for name in own if name in other and not name.endswith("-positives")]
        return Difference(kind, self._figures({name: paired_difference(own[name], other[name]) for name in both}))

    @property
    def reference_copies(self) -> Copies:
        """How many references stand word for word among the train texts."""
        return count_copies(self._references, self._train)

    @property
    def missing(self) -> tuple[AbsentFigure, ...]:
        """What could not be measured so far, with the sentence how to get it."""
        return tuple(AbsentFigure(name, reason, tuple(kinds)) for (name, reason), kinds in self._missing.items())

    def _figures(self, statistics: Mapping[str, Statistic]) -> dict[str, Figure]:
        intervals = bootstrap_intervals(statistics, seed=self._request.seed)
        return {name: to_figure(interval) for name, interval in intervals.items()}

    def _measure(self, drafts: DraftSet) -> dict[str, Statistic]:
        wanted = self._request.metrics
        names = [name for name in METRICS if name in wanted or not wanted]
        found: dict[str, Statistic] = {}
        if names:
            cleaned = [clean(one_line(text), self._request.cleaning) for text in drafts.texts]
            for name, statistic in measure(names, cleaned, self._cleaned, java=self._java).items():
                if isinstance(statistic, MissingStatistic):
                    self._missing.setdefault((name, statistic.reason), []).append(drafts.kind)
                else:
                    found[name] = statistic
        of_findings = [name for name in wanted if name not in METRICS]
        if of_findings or not wanted:
            every = measure_findings(drafts.texts, self._references)
            if unknown := [name for name in of_findings if name != FINDINGS and name not in every]:
                raise SettingsError(
                    f"There is no figure {', '.join(unknown)}; the figures of findings are {', '.join(every)}."
                )
            everything = FINDINGS in of_findings or not wanted
            found |= {name: each for name, each in every.items() if everything or name in of_findings}
        return found
