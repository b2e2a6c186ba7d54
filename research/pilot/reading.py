"""A simulated reader reads: what they write, how long they take and what they decide, by stated parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.assignment.assignment import AssignedPair, AssignedReading
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.findings_agreement import positive_findings
from clinicalblip.reader_study.results.reading_row import DECISIONS
from clinicalblip.reader_study.results.sections.automation import wrong_findings
from clinicalblip.reader_study.simulation.readers import Population, SimulatedArm, SimulatedReader
from clinicalblip.reader_study.simulation.simulate import decide
from clinicalblip.reader_study.study_folder import StudyFolder
from research.pilot.editing import findings_of, say, take_back

_TIME, _DECISION, _CARE, _BIAS, _TASTE, _MOOD = range(6)
TENDENCIES: Final = 6
"""How many numbers of variance 1 a case has: one for each kind of outcome."""

_PAIR_SECONDS: Final = 25.0
_IDLE: Final = (0.02, 0.15)  # of the active seconds


@dataclass(frozen=True)
class Reader:
    """A reader of a row of the assignment. `tendencies`: of the cases, by their numbers less one.

    The study's folder, with its key, is what makes the truth known; no reader on a page has it.
    """

    row: int
    drawn: SimulatedReader
    population: Population
    tendencies: NDArray[np.float64]
    study: StudyFolder
    rng: np.random.Generator

    def read(self, case: dict[str, Any]) -> dict[str, Any]:
        """What is saved of a case that the page gave."""
        assigned = self.study.assignment.of_row(self.row)[case["number"] - 1]
        prepared = self.study.drafts.get((assigned.case, assigned.arm))
        if case["draft_id"] != (prepared.id if prepared else None):
            raise ValueError("the page shows another draft than was assigned")
        shown = Report(case["findings"], case["impression"]) if prepared else Report()
        final = self._correct(assigned, shown) if prepared else self._write(assigned)
        seconds = self._seconds(assigned)
        decision = decide(self.population, self._arm(assigned), self._uniform(assigned, "strictness", _DECISION))
        sure = self._uniform(assigned, "thoroughness", _MOOD)
        return {
            "number": case["number"],
            "final": {"findings": final.findings, "impression": final.impression},
            "verdict": DECISIONS[decision] if prepared else None,
            "answers": {each["name"]: _nth(each["answers"], sure) for each in case["questions"]},
            "reading": self._reading(case["draft_id"] or "", shown, final, seconds),
        }

    def choose(self, pair: AssignedPair) -> tuple[Choice, float]:
        """Which of two drafts, by Bradley and Terry's chances with ties about them, and after how many seconds."""
        seconds = _PAIR_SECONDS * exp(self.drawn.speed + self.population.chance * float(self.rng.normal()))
        return self._preferred(pair), seconds

    def _preferred(self, pair: AssignedPair) -> Choice:
        strengths = {arm.name: arm.strength for arm in self.population.arms}
        first, second = sorted((pair.left, pair.right))
        wins = 1 / (1 + exp(strengths[second] - strengths[first]))
        of_case = float(self.tendencies[pair.case - 1, _TASTE])
        where = self.drawn.uniform(self.population, self.drawn.taste, of_case, first, float(self.rng.normal()))
        if abs(where - wins) < self.population.tie / 2:
            return Choice.TIE
        return Choice.LEFT if (first if where < wins else second) == pair.left else Choice.RIGHT

    def answer(self, options: Sequence[str]) -> str:
        """An answer to an item of a questionnaire."""
        return _nth(options, float(self.rng.random()))

    def _arm(self, assigned: AssignedReading) -> SimulatedArm:
        return next(arm for arm in self.population.arms if arm.name == assigned.arm)

    def _uniform(self, assigned: AssignedReading, tendency: str, number: int) -> float:
        of_case = float(self.tendencies[assigned.case - 1, number])
        own = getattr(self.drawn, tendency)
        return self.drawn.uniform(self.population, own, of_case, assigned.arm, float(self.rng.normal()))

    def _seconds(self, assigned: AssignedReading) -> float:
        difficulty = float(self.tendencies[assigned.case - 1, _TIME])
        arm, chance = self._arm(assigned), float(self.rng.normal())
        return self.drawn.seconds(self.population, arm, difficulty, assigned.position, chance)

    def _correct(self, assigned: AssignedReading, shown: Report) -> Report:
        """The draft without the errors that were caught, and without the wrong findings that were not kept."""
        arm, reference = self._arm(assigned), self.study.studies[assigned.case].reference
        errors = self.study.key.get(self.study.drafts[assigned.case, assigned.arm].id, ())
        final, of_errors = shown, {each.observation for error in errors for each in (error.before, error.after) if each}
        for error in errors:
            if self._uniform(assigned, "care", _CARE) < arm.caught:
                final = take_back(final, error)
        for observation in self._wrong(shown, reference):
            if observation not in of_errors and self._uniform(assigned, "bias", _BIAS) >= arm.kept_wrong:
                final = say(final, observation, findings_of(reference, observation))
        return final

    def _write(self, assigned: AssignedReading) -> Report:
        """A true report, but for what drafts of the case get wrong, some of which the reader gets wrong too."""
        final = reference = self.study.studies[assigned.case].reference
        mistakes: dict[Observation, Report] = {}
        for arm in self.population.arms:
            if draft := self.study.drafts.get((assigned.case, arm.name)):
                for observation in self._wrong(draft.draft.report, reference):
                    mistakes.setdefault(observation, draft.draft.report)
        for observation, draft_report in sorted(mistakes.items()):
            if self._uniform(assigned, "bias", _BIAS) < self._arm(assigned).kept_wrong:
                final = say(final, observation, findings_of(draft_report, observation))
        return final

    def _wrong(self, report: Report, reference: Report) -> list[Observation]:
        return sorted(each for each, _ in wrong_findings(positive_findings(report), positive_findings(reference)))

    def _reading(self, draft: str, shown: Report, final: Report, seconds: float) -> dict[str, Any]:
        """What the page's clock would say."""
        saved = seconds * (1 + float(self.rng.uniform(*_IDLE)))
        kept = min(len(final.findings) + len(final.impression), len(shown.findings) + len(shown.impression))
        said: dict[str, Any] = {
            "saved_seconds": round(saved, 1),
            "active_seconds": round(min(seconds, saved), 1),
            "first_action_seconds": round(0.1 * seconds, 1),
            "characters": {
                "kept": kept if final != shown else len(final.findings) + len(final.impression),
                "typed": len(final.findings) + len(final.impression) - kept if final != shown else 0,
            },
            "windows": int(self.rng.poisson(2)),
            "zooms": int(self.rng.poisson(1)),
        }
        if draft:
            said |= {"draft": draft, "first_word_seconds": 0.0, "draft_ended_seconds": 0.0}
            said["verdict_seconds"] = round(0.95 * min(seconds, saved), 1)
        return said


def _nth(options: Sequence[str], uniform: float) -> str:
    return options[min(len(options) - 1, int(uniform * len(options)))]
