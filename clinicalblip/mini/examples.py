"""What the bundled model learns to say: a film, what is known of it, and a report composed from its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.mini.films import NIH_LABELS, NIH_SETS, PHANTOM_SET, Films
from clinicalblip.mini.sentences import SPOKEN_OF, Sentences, compose_report
from clinicalblip.radiology.findings import LabelSet, Observation, observation_of
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study

# How often each kind of film leads a draw for a finding that it has: NIH reads all fourteen, so it says most.
_SET_SHARE = {**dict.fromkeys(NIH_SETS, 1.0), PHANTOM_SET: 0.5}
_OTHER_SHARE = 0.15


@dataclass(frozen=True)
class Example:
    """A row of the films table with its context and its composed report."""

    row: int
    context: ClinicalContext
    report: Report


class Examples:
    """Draws examples, the same ones for the same seed and step."""

    def __init__(
        self,
        films: Films,
        studies: Sequence[Study],
        sentences: Sentences,
        *,
        abnormal: float = 0.6,
        denied: float = 0.7,
        hinted: float = 0.15,
    ) -> None:
        self._films, self._sentences = films, sentences
        self._abnormal, self._denied, self._hinted = abnormal, denied, hinted
        train = films.rows("train")
        truth = observation_table(films.labels[train])
        share = np.array([_SET_SHARE.get(films.sets[row], _OTHER_SHARE) for row in train])
        self._by_finding = [
            (train[has], share[has] / share[has].sum())
            for has in (truth[:, number] == 1 for number in range(len(SPOKEN_OF)))
            if has.any()
        ]
        normal = (truth == 0).all(axis=1)
        self._normal = (train[normal], share[normal] / share[normal].sum())
        self._indications = [study.context.indication for study in studies if study.context.indication]
        self._comparisons = [study.context.comparison for study in studies if study.context.comparison]
        self._priors = [study.reference.impression for study in studies if study.reference.impression]

    def draw(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` examples: a film for a finding drawn evenly among all, or a normal film."""
        random = np.random.default_rng(seed)
        examples = []
        for _ in range(number):
            pool = self._normal
            if random.random() < self._abnormal:
                pool = self._by_finding[int(random.integers(len(self._by_finding)))]
            row = int(random.choice(pool[0], p=pool[1]))
            labels = labels_of(self._films.labels[row])
            report = compose_report(labels, self._sentences, random, self._denied)
            examples.append(Example(row, self._context(labels, random), report))
        return examples

    def _context(self, labels: dict[Observation, bool], random: np.random.Generator) -> ClinicalContext:
        """Slots filled now and then. Only the hints tell of the film: the rest is drawn from any training study, so
        that the model learns that an indication is a question and no answer."""

        def any_of(texts: Sequence[str], share: float) -> str:
            return texts[int(random.integers(len(texts)))] if texts and random.random() < share else ""

        present = [what.value.lower() for what in SPOKEN_OF if labels.get(what)]
        hints = ", ".join(present) if present and random.random() < self._hinted else ""
        return ClinicalContext(
            indication=any_of(self._indications, 0.5),
            comparison=any_of(self._comparisons, 0.1),
            prior_report=any_of(self._priors, 0.05),
            hints=hints,
        )


def labels_of(row: NDArray[np.float32]) -> dict[Observation, bool]:
    """What one row of NIH labels says of the observations that reports speak of; unknown ones are left out."""
    table = observation_table(row[None])[0]
    return {what: bool(value) for what, value in zip(SPOKEN_OF, table, strict=True) if not np.isnan(value)}


def observation_table(labels: NDArray[np.float32]) -> NDArray[np.float32]:
    """NIH's 14 labels (n, 14) as the observations of `SPOKEN_OF` (n, 13): present where any of its labels is."""
    table = np.full((len(labels), len(SPOKEN_OF)), np.nan, dtype=np.float32)
    for number, name in enumerate(NIH_LABELS):
        column = SPOKEN_OF.index(observation_of(name, LabelSet.NIH))
        table[:, column] = np.fmax(table[:, column], labels[:, number])
    return table
