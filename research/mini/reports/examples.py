"""What the bundled model learns from: a film, what is known before it is read, and a report that is true of both.

Examples come in pairs with the same context: one film has a finding, the other has none. So half of the reports are
abnormal, and no indication ever tells the two apart: only the film does. There are two kinds of pairs: reports composed
from what the encoder reads in a real film (`pseudo_labels.py`), and drawn films (`phantom_studies.py`), whose reports
also say side, zone, degree, devices and what changed. Each example has questions: how much likelier, for this film, is
a sentence that affirms an observation than one that denies it?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.films.manifest import NIH_SETS
from research.mini.films.phantom_films import PHANTOM_SET, PRIOR_SET
from research.mini.films.table import Films
from research.mini.reports.hints import Question, answer_hint, hint_of_observation, hint_question
from research.mini.reports.phantom_studies import PhantomStudies
from research.mini.reports.pseudo_labels import PseudoLabels
from research.mini.reports.sentences import REPORTED, Sentences, affirming_sentence, compose_report, denying_sentence

# Weights with which films are drawn: NIH's are labelled for all fourteen findings, so they are the most.
_SET_WEIGHT = {**dict.fromkeys(NIH_SETS, 1.0), PHANTOM_SET: 0.0, PRIOR_SET: 0.0}
_OTHER_WEIGHT = 0.15

_NORMAL_HINTED = 0.25  # times `hinted`: hints about a normal drawn film are false, and a reader's are mostly true
_DENIED = 0.15  # of what a real film lacks, its report denies this fraction


@dataclass(frozen=True)
class Example:
    """A row of the table of films, the row of its prior film if it has one, the context, and the report.

    `questions` are those about the hint and the prior film.
    """

    row: int
    context: ClinicalContext
    report: Report
    prior: int | None = None
    questions: tuple[Question, ...] = ()


class Examples:
    """Draws examples and questions at random, the same for the same seed.

    `phantom_fraction` of the pairs are drawn films, the others real ones; `hinted_fraction` of the examples have a
    hint. Raises ValueError where no film has a finding or none is normal.
    """

    def __init__(
        self,
        films: Films,
        studies: Sequence[Study],
        sentences: Sentences,
        pseudo_labels: PseudoLabels,
        *,
        phantom_fraction: float = 0.4,
        hinted_fraction: float = 0.35,
    ) -> None:
        self._sentences, self._pseudo_labels = sentences, pseudo_labels
        self._phantom_fraction, self._hinted_fraction = phantom_fraction, hinted_fraction
        train = films.rows("train")
        positive = pseudo_labels.positive(train)
        weight = np.array([_SET_WEIGHT.get(films.sets[row], _OTHER_WEIGHT) for row in train])

        def pool(chosen: NDArray[np.bool_]) -> _Pool | None:
            weights = weight * chosen
            return (train[weights > 0], weights[weights > 0] / weights.sum()) if weights.sum() else None

        columns = enumerate(REPORTED)
        both = {what: (pool(positive[:, n]), pool(~positive[:, n])) for n, what in columns}
        self._pools = {what: (has, lacks) for what, (has, lacks) in both.items() if has and lacks}
        normal = pool(np.logical_not(positive.any(axis=1)))
        if not self._pools or normal is None:
            raise ValueError("examples need training films that have a finding and films that have none")
        self._normal = normal
        # A rare finding is drawn more often than films have it, and still less often than a common one: a model that
        # is taught all findings equally often affirms the rare ones far too often.
        often = np.sqrt([len(has[0]) for has, _ in self._pools.values()])
        self._finding_weights = often / often.sum()
        self._phantoms = PhantomStudies(films)
        self._indications = [study.context.indication for study in studies if study.context.indication]
        self._comparisons = [study.context.comparison for study in studies if study.context.comparison]
        self._priors = [study.reference.impression for study in studies if study.reference.impression]

    def draw(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` examples with one film each, in pairs that have the same context but for the hint."""
        rng = np.random.default_rng(seed)
        examples: list[Example] = []
        while len(examples) < number:
            phantom = rng.random() < self._phantom_fraction and bool(self._phantoms.studies)
            examples.extend(self._phantom_pair(rng) if phantom else self._real_pair(rng))
        return examples[:number]

    def questions_about(self, example: Example, number: int, rng: np.random.Generator) -> list[Question]:
        """`number` questions: at most half about the hint and the prior film, the others about the film.

        Of a real film the answer is what the encoder reads, of a drawn one the truth.
        """
        questions = list(example.questions[: number // 2])
        more = number - len(questions)
        if example.row in self._phantoms.phantoms:
            return questions + [Question(*pair, inf) for pair in self._phantoms.true_and_false(example.row, more, rng)]
        for place in rng.choice(len(REPORTED), size=min(more, len(REPORTED)), replace=False):
            what = REPORTED[int(place)]
            affirming = affirming_sentence(what, self._sentences, rng)
            denying = denying_sentence(what, self._sentences, rng)
            questions.append(Question(affirming, denying, self._pseudo_labels.log_odds_of(example.row, what)))
        return questions

    def phantom_truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What is true of the drawn films among these rows, (len(rows), 16 x 7); NaN for real films."""
        return self._phantoms.truth(rows)

    def draw_with_prior(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` drawn films with their prior film and its report; none where the table has no such films."""
        rng = np.random.default_rng(seed)
        if not self._phantoms.with_prior:
            return []
        return [self._with_prior(rng) for _ in range(number)]

    def _random_finding(self, rng: np.random.Generator) -> Observation:
        return list(self._pools)[int(rng.choice(len(self._pools), p=self._finding_weights))]

    def _real_pair(self, rng: np.random.Generator) -> list[Example]:
        """A real film that has a finding, and a normal one."""
        context = self.context(rng)
        what = self._random_finding(rng)
        return [self._real(_one_of(pool, rng), context, rng) for pool in (self._pools[what][0], self._normal)]

    def _real(self, row: int, context: ClinicalContext, rng: np.random.Generator) -> Example:
        labels = self._pseudo_labels.sample(row, rng)
        report = compose_report(labels, self._sentences, rng, _DENIED)
        present = [what for what in REPORTED if labels.get(what) and what in self._sentences.affirming]
        if not present or rng.random() >= self._hinted_fraction:
            return Example(row, context, report)
        what = present[int(rng.integers(len(present)))]
        hint = hint_of_observation(what, rng)
        answer, affirming = answer_hint(hint, True, rng), {text for text, _ in self._sentences.affirming[what]}
        findings = f"{answer} {_replace_sentence(report.findings, affirming, '')}".strip()
        impression = _replace_sentence(report.impression, affirming, f"{hint[:1].upper()}{hint[1:]}.")
        question = hint_question(hint, True, rng)
        return Example(row, replace(context, hints=hint), Report(findings, impression), questions=(question,))

    def _phantom_pair(self, rng: np.random.Generator) -> list[Example]:
        """Two drawn films with the same context; a hint may be true or false of its film."""
        context = self.context(rng)
        pair = []
        for study in (self._phantoms.random(rng), self._phantoms.random(rng)):
            often = self._hinted_fraction if study.phantom.findings else _NORMAL_HINTED * self._hinted_fraction
            if rng.random() < often:
                hint, report, question = study.with_hint(rng)
                pair.append(Example(study.row, replace(context, hints=hint), report, questions=(question,)))
            else:
                pair.append(Example(study.row, context, study.report(rng)))
        return pair

    def _with_prior(self, rng: np.random.Generator) -> Example:
        study = self._phantoms.random_with_prior(rng)
        prior = study.prior_report(rng) if rng.random() < 0.8 else ""
        context, report = replace(self.context(rng), prior_report=prior), study.report(rng)
        return Example(study.row, context, report, study.prior, study.change_questions(rng))

    def context(self, rng: np.random.Generator) -> ClinicalContext:
        """A context with some slots filled from random training studies: an indication says nothing of the film."""

        def sometimes(texts: Sequence[str], fraction: float) -> str:
            return texts[int(rng.integers(len(texts)))] if texts and rng.random() < fraction else ""

        return ClinicalContext(
            indication=sometimes(self._indications, 0.5),
            comparison=sometimes(self._comparisons, 0.1),
            prior_report=sometimes(self._priors, 0.05),
        )


_Pool = tuple[NDArray[np.int64], NDArray[np.float64]]


def _one_of(pool: _Pool, rng: np.random.Generator) -> int:
    return int(rng.choice(pool[0], p=pool[1]))


def _replace_sentence(text: str, sentences: set[str], other: str) -> str:
    """The text with the longest of these sentences that stands in it replaced."""
    for sentence in sorted(sentences, key=len, reverse=True):
        if sentence in text:
            return " ".join(text.replace(sentence, other, 1).split())
    return text
