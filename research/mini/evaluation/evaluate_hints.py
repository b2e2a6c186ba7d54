"""What the drafts of validation films make of 400 hints (`hint_set.py`), each given with a film of its own.

    in the draft  a hinted finding is named, in doubt or not, with the hint's sides and degree where it has them
    because of    a draft affirms what the hint does not hint, the film is not labelled with, and the draft of the
                  same film without the hint does not affirm
    unhinted      F1 of the observations that the hint does not speak of, with the hint less without it, paired

Films are the first by the digest of their name, hints go to them in the file's order, and films and hints have nothing
to do with each other: most hints are false, as most of what a reader asks for is. Whether the film has the hinted
finding does not count here; `score` says that. An opacity beside a hinted finding of the lung is another name for it.
The constant normal report answers no hint and names nothing; the draft without the hint says how often a hinted finding
stands in a draft by chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.baselines import NORMAL_FINDINGS, NORMAL_IMPRESSION
from clinicalblip.evaluation.metrics.finding_scores import measure_table
from clinicalblip.evaluation.statistics.statistic import paired_difference
from clinicalblip.labeler import mentions, observations
from clinicalblip.radiology.finding import Finding, Laterality
from clinicalblip.radiology.observation import NAMED_BY, Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation.drafting import Drafter
from research.mini.evaluation.evaluate_drafts import affirmed_findings, speaks_of_the_prompt
from research.mini.evaluation.hint_set import EvaluationHint
from research.mini.evaluation.patients import interval_over_patients
from research.mini.evaluation.validation_films import ValidationFilms
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

_CONSTANT: Final = f"Findings: {NORMAL_FINDINGS} Impression: {NORMAL_IMPRESSION}"
_OTHER_NAMES: Final = frozenset({Observation.LUNG_OPACITY, Observation.ENLARGED_CARDIOMEDIASTINUM})


def evaluate_hints(
    drafter: Drafter, films: ValidationFilms, hints: Sequence[EvaluationHint], unhinted: Sequence[str], seed: int = 0
) -> dict[str, Any]:
    """Draft a film with each hint and count; `unhinted` are the drafts of all the films with no slot filled.

    With fewer films than hints, only so many hints are given.
    """
    order = sorted(range(len(films.rows)), key=lambda n: hashlib.sha256(films.rows[n].id.encode()).hexdigest())
    chosen = order[: len(hints)]
    given = list(hints[: len(chosen)])
    drafts = drafter.draft(
        [[films.pictures[n]] for n in chosen], [ClinicalContext(hints=hint.text) for hint in given], "hinted drafts"
    )
    before = [unhinted[n] for n in chosen]
    truth = observation_table(films.labels[chosen])
    patients = [films.patients[n] for n in chosen]
    never = [n for n, hint in enumerate(given) if hint.never_in_training]
    return {
        "hints": len(given),
        "kinds": len({hint.kind for hint in given}),
        "with_hint": count_hinted(given, drafts),
        "with_hint_never_in_training": count_hinted([given[n] for n in never], [drafts[n] for n in never]),
        "without_hint": count_hinted(given, before),
        "constant_normal_report": count_hinted(given, [_CONSTANT] * len(given)),
        "because_of_hint": sum(map(bool, because_of_hints(given, drafts, before, truth))),
        "unhinted_findings": unhinted_difference(given, drafts, before, truth, patients, seed),
        "speak_of_the_prompt": sum(map(speaks_of_the_prompt, drafts)),
    }


def count_hinted(hints: Sequence[EvaluationHint], drafts: Sequence[str]) -> dict[str, int]:
    """Of how many hinted findings drafts name the finding, its side and degree, and its zone too; and denied hints."""
    counts = dict.fromkeys(
        (
            "findings",
            "named",
            "with_side_and_degree",
            "with_zone_too",
            "hints",
            "whole_hints",
            "denied",
            "not_affirmed",
        ),
        0,
    )
    for hint, draft in zip(hints, drafts, strict=True):
        said = [mention.finding for mention in mentions(draft) if mention.finding.certainty is not Certainty.ABSENT]
        found = [_match(finding, said) for finding in hint.hinted]
        counts["findings"] += len(found)
        counts["named"] += sum(level >= 1 for level in found)
        counts["with_side_and_degree"] += sum(level >= 2 for level in found)
        counts["with_zone_too"] += sum(level >= 3 for level in found)
        counts["hints"] += bool(found)
        counts["whole_hints"] += bool(found) and min(found) >= 2
        denied = [finding.observation for finding in hint.findings if finding.certainty is Certainty.ABSENT]
        counts["denied"] += len(denied)
        counts["not_affirmed"] += sum(what not in {finding.observation for finding in said} for what in denied)
    return counts


def because_of_hints(
    hints: Sequence[EvaluationHint], drafts: Sequence[str], before: Sequence[str], truth: NDArray[np.float32]
) -> list[set[Observation]]:
    """For each hint what its draft affirms that hint, film and the draft without the hint do not have."""
    found = []
    for hint, draft, plain, labels in zip(hints, drafts, before, truth, strict=True):
        hinted = {finding.observation for finding in hint.hinted}
        other_names = {name for what in hinted for name in NAMED_BY.get(what, ())} & _OTHER_NAMES
        labelled = {what for what, label in zip(REPORTED, labels, strict=True) if label == 1}
        found.append(_affirmed(draft) - hinted - other_names - labelled - _affirmed(plain) - {Observation.NO_FINDING})
    return found


def unhinted_difference(
    hints: Sequence[EvaluationHint],
    drafts: Sequence[str],
    before: Sequence[str],
    truth: NDArray[np.float32],
    patients: Sequence[str],
    seed: int = 0,
) -> dict[str, Any]:
    """F1 of the observations that no hint speaks of, with and without hints, and the paired difference."""
    left = truth.copy()
    for row, hint in zip(left, hints, strict=True):
        spoken_of = {finding.observation for finding in hint.findings}
        row[[what in spoken_of for what in REPORTED]] = np.nan
    with_hint, without = (measure_table(affirmed_findings(texts), left)["micro-f1"] for texts in (drafts, before))
    figures = {
        "with_hint": with_hint,
        "without_hint": without,
        "difference": paired_difference(with_hint, without),
    }
    return {name: interval_over_patients(figure, patients, seed) for name, figure in figures.items()}


def _affirmed(draft: str) -> set[Observation]:
    return {what for what, how in observations(draft).items() if how is Certainty.PRESENT}


def _match(hinted: Finding, said: Sequence[Finding]) -> int:
    """0 where the finding is not named, 1 where it is, 2 with the hint's side and degree, 3 with its zone as well."""
    same = [finding for finding in said if finding.observation is hinted.observation]
    if not same:
        return 0
    if hinted.sides:
        same = [finding for finding in same if finding.sides and finding.sides <= hinted.sides]
        if frozenset[Laterality]().union(*(finding.sides for finding in same)) != hinted.sides:
            return 1
    if hinted.degree and hinted.degree not in {finding.degree for finding in same}:
        return 1
    return 3 if hinted.zones <= {zone for finding in same for zone in finding.zones} else 2
