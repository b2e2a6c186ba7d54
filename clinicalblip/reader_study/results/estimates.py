"""The statistics of a report: `statistics`, asked for by the settings of a design, and not where there is too little.

Everything that a report estimates goes through here, so that one place knows the calls.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from clinicalblip.reader_study.design.design import ReaderStudyDesign
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.study_data import ChoiceRow
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements

LEAST_READINGS: Final = 20
"""With fewer values than this together there are counts alone, as on the owner's page of reviews."""

LEAST_IN_ARM: Final = 5
"""And with fewer than this in either of two arms they are not compared."""

ByArm = Mapping[str, Estimate]
Units = Sequence[Sequence[int | None]]


def measure(
    rows: Iterable[ReadingRow],
    value: Callable[[ReadingRow], float | None],
    group: Callable[[ReadingRow], str] | None = None,
) -> Measurements:
    """The values of rows that have one, under their arms, or under another group, which may be one of positions."""
    known = [(row, found) for row in rows if (found := value(row)) is not None]
    return Measurements(
        [row.reader for row, _ in known],
        [row.case for row, _ in known],
        [row.arm if group is None else group(row) for row, _ in known],
        [float(found) for _, found in known],
        [row.period for row, _ in known] if group is None else (),
        [row.position for row, _ in known] if group is None else (),
    )


@dataclass(frozen=True)
class Estimates:
    """What is asked for at a confidence, with so many resamples from a seed; each answer is by arm."""

    confidence: float
    resamples: int
    seed: int

    @classmethod
    def of(cls, design: ReaderStudyDesign) -> "Estimates":
        """As the design says."""
        return cls(design.analysis.confidence, design.analysis.bootstrap, design.seed)

    def time_ratios(self, seconds: Measurements, against: str) -> ByArm:
        """Ratios of geometric mean seconds."""
        from clinicalblip.reader_study.statistics.mixed_times import time_ratios

        return self._compare(
            seconds, against, lambda values: time_ratios(values, against=against, confidence=self.confidence)
        )

    def decision_odds(self, ranks: Measurements, against: str) -> ByArm:
        """Odds ratios of a decision that asks for more work."""
        from clinicalblip.reader_study.statistics.ordinal import decision_odds

        return self._compare(
            ranks, against, lambda values: decision_odds(values, against=against, confidence=self.confidence)
        )

    def differences(self, measured: Measurements, against: str) -> ByArm:
        """Differences of means."""
        from clinicalblip.reader_study.statistics.differences import mean_differences

        return self._compare(
            measured,
            against,
            lambda values: mean_differences(
                values, against=against, confidence=self.confidence, resamples=self.resamples, seed=self.seed
            ),
        )

    def shares(self, measured: Measurements) -> ByArm:
        """The share of ones among ones and zeros."""
        from clinicalblip.reader_study.statistics.shares import shares

        found = shares(measured, confidence=self.confidence, resamples=self.resamples, seed=self.seed)
        few = {name for name, count in Counter(measured.arms).items() if count < LEAST_IN_ARM}
        return {each.name: _few_in_arm(each) if each.name in few else each for each in found}

    def alpha(self, units: Units) -> Estimate:
        """Krippendorff's alpha of nominal ratings."""
        from clinicalblip.reader_study.statistics.agreement import Level, krippendorff_alpha

        return self._enough(krippendorff_alpha(units, Level.NOMINAL, confidence=self.confidence, name="alpha"))

    def ac1(self, units: Units) -> Estimate:
        """Gwet's AC1 of ratings 0 and 1."""
        from clinicalblip.reader_study.statistics.agreement import gwet_ac1

        return self._enough(gwet_ac1(units, categories=(0, 1), confidence=self.confidence, name="AC1"))

    def preference(self, choices: Sequence[ChoiceRow], arm: str, against: str) -> Estimate:
        """The odds with which an arm's drafts are preferred; choices in which neither was usable say nothing of it."""
        from clinicalblip.reader_study.statistics.preference import Preference, preferences

        made = []
        for each in choices:
            if each.choice is not Choice.NEITHER and {each.left, each.right} == {arm, against}:
                winner = each.chosen or each.left
                loser = each.right if winner == each.left else each.left
                made.append(Preference(each.reader, each.case, winner, loser, each.chosen is None))
        (found,) = preferences(
            made, against=against, confidence=self.confidence, resamples=self.resamples, seed=self.seed, arms=(arm,)
        )
        return self._enough(found)

    def judge(self, questions: Sequence["Question"]) -> Sequence["Judgement"]:
        """What estimates show, with p values that hold all together by Holm's method."""
        from clinicalblip.reader_study.statistics.margins import non_inferior, superior
        from clinicalblip.reader_study.statistics.multiplicity import holm

        tests = [
            superior(each.found, larger_is_worse=each.larger_is_worse, ratio=each.ratio)
            if each.margin is None
            else non_inferior(each.found, each.margin, larger_is_worse=each.larger_is_worse, ratio=each.ratio)
            for each in questions
        ]
        adjusted = holm([test.p for test in tests])
        return [
            Judgement(test.p, p, self._shows(each, test.holds, p))
            for each, test, p in zip(questions, tests, adjusted, strict=True)
        ]

    def none(self, name: str, note: str = "there is no reading") -> Estimate:
        """That there is nothing to estimate."""
        return Estimate(name, None, None, None, self.confidence, 0, 0, 0, "", note=note)

    def _shows(self, question: "Question", holds: bool | None, p: float | None) -> str:
        if holds is None or p is None:
            return "no estimate"
        if p >= 1 - self.confidence:
            return "not shown"
        if question.margin is not None:
            return "non-inferior" if holds else "not shown"
        return "better" if holds else "worse"

    def _enough(self, found: Estimate) -> Estimate:
        if found.readings >= LEAST_READINGS:
            return found
        return _without(found, _TOO_FEW.format(n=found.readings, least=LEAST_READINGS))

    def _compare(
        self, measured: Measurements, against: str, call: Callable[[Measurements], Sequence[Estimate]]
    ) -> ByArm:
        """What `call` says of each arm, or that there is too little to compare."""
        counts = Counter(measured.arms)
        others = [arm for arm in sorted(counts) if arm != against]
        if len(measured.values) < LEAST_READINGS:
            few = self.none("", _TOO_FEW.format(n=len(measured.values), least=LEAST_READINGS))
            return {arm: replace(few, name=arm) for arm in others}
        if not counts[against]:
            return {arm: self.none(arm, f"no reading under {against}") for arm in others}
        return {
            each.name: _few_in_arm(each) if min(counts[each.name], counts[against]) < LEAST_IN_ARM else each
            for each in call(measured)
        }


@dataclass(frozen=True)
class Question:
    """An estimate, and whether the arm is better, or with a margin whether it is no worse than that."""

    found: Estimate
    margin: float | None
    larger_is_worse: bool
    ratio: bool


@dataclass(frozen=True)
class Judgement:
    """The p value of a question, the one by Holm's method, and what the estimate shows."""

    p: float | None
    adjusted: float | None
    shows: str


_TOO_FEW: Final = "counts alone, for there are {n} values, and an interval needs {least}"
_FEW_IN_ARM: Final = f"counts alone, for an interval needs {LEAST_IN_ARM} values of each"
"""Without how many there are, which stands in the table: one note for all of them."""


def _few_in_arm(found: Estimate) -> Estimate:
    return _without(found, _FEW_IN_ARM)


def _without(found: Estimate, note: str) -> Estimate:
    """The estimate without its numbers, because it is of too little."""
    return replace(found, value=None, low=None, high=None, p=None, df=None, note=note)
