"""What the bundled model learns to say: a film, what is known of it, and a report that is true of both.

Examples come in pairs that share everything that was known beforehand: one film has a finding, the other has not. So
half of what is learnt is abnormal, and no indication ever tells the two apart: only the film does. There are two kinds
of pairs: reports composed from what the encoder reads in a real film (`readings.py`), and drawn films (`drawn.py`),
whose reports also say side, zone, degree, devices and what changed. Beside them stand questions: how much likelier is
of this film a sentence that affirms an observation than one that denies it?
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
from research.mini.drawn import DrawnStudies
from research.mini.films import NIH_SETS, PHANTOM_SET, PRIOR_SET, Films
from research.mini.hints import Question, answer_hint, ask_hint, hint_of_observation
from research.mini.pseudo_labels import Readings
from research.mini.sentences import SPOKEN_OF, Sentences, affirm, compose_report, deny

# How often each kind of film leads a draw for a finding that it has: NIH reads all fourteen, so it says most.
_SET_SHARE = {**dict.fromkeys(NIH_SETS, 1.0), PHANTOM_SET: 0.0, PRIOR_SET: 0.0}
_OTHER_SHARE = 0.15

# A normal drawn film is hinted at less often than others: a reader's hint is right more often than not.
_NORMAL_HINTED = 0.25


@dataclass(frozen=True)
class Example:
    """A row of the films table, the row of its prior film if it has one, what is known, and the report.

    `asked` are questions about what was known beforehand.
    """

    row: int
    context: ClinicalContext
    report: Report
    prior: int | None = None
    asked: tuple[Question, ...] = ()


class Examples:
    """Draws examples and questions, the same ones for the same seed and step.

    `drawn` is the share of pairs of drawn films; the rest are of real ones. `denied` is the share of what a real film
    lacks that its report mentions, `hinted` that of hints.
    """

    def __init__(
        self,
        films: Films,
        studies: Sequence[Study],
        sentences: Sentences,
        readings: Readings,
        *,
        denied: float = 0.15,
        hinted: float = 0.35,
        drawn: float = 0.4,
    ) -> None:
        self._sentences, self._readings = sentences, readings
        self._denied, self._hinted = denied, hinted
        self._drawn_share = drawn
        train = films.rows("train")
        told = readings.told(train)
        share = np.array([_SET_SHARE.get(films.sets[row], _OTHER_SHARE) for row in train])

        def pool(chosen: NDArray[np.bool_]) -> _Pool | None:
            weights = share * chosen
            return (train[weights > 0], weights[weights > 0] / weights.sum()) if weights.sum() else None

        columns = enumerate(SPOKEN_OF)
        both = {what: (pool(told[:, n]), pool(~told[:, n])) for n, what in columns}
        self._pools = {what: (has, lacks) for what, (has, lacks) in both.items() if has and lacks}
        normal = pool(np.logical_not(told.any(axis=1)))
        if not self._pools or normal is None:
            raise ValueError("there is nothing to learn from without films with and films without a finding")
        self._normal = normal
        often = np.sqrt([len(has[0]) for has, _ in self._pools.values()])
        self._leading = often / often.sum()
        self._drawn = DrawnStudies(films)
        self._indications = [study.context.indication for study in studies if study.context.indication]
        self._comparisons = [study.context.comparison for study in studies if study.context.comparison]
        self._priors = [study.reference.impression for study in studies if study.reference.impression]

    def draw(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` examples with one film each, in pairs that share what is known beforehand."""
        random = np.random.default_rng(seed)
        examples: list[Example] = []
        while len(examples) < number:
            drawn = random.random() < self._drawn_share and bool(self._drawn.some)
            examples.extend(self._drawn_pair(random) if drawn else self._whole_pair(random))
        return examples[:number]

    def ask(self, example: Example, number: int, random: np.random.Generator) -> list[Question]:
        """`number` questions: what was known beforehand, as far as half of them, and what is in the film.

        Of a real film they ask for what the encoder reads, of a drawn one for the truth.
        """
        questions = list(example.asked[: number // 2])
        more = number - len(questions)
        if example.row in self._drawn.phantoms:
            return questions + [Question(*said, inf) for said in self._drawn.true_and_false(example.row, more, random)]
        for place in random.choice(len(SPOKEN_OF), size=min(more, len(SPOKEN_OF)), replace=False):
            what = SPOKEN_OF[int(place)]
            said = affirm(what, self._sentences, random), deny(what, self._sentences, random)
            questions.append(Question(*said, self._readings.of(example.row, what)))
        return questions

    def drawn_truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What is true of these rows' films where they are drawn ones, (len(rows), 16 x 7); NaN of real films."""
        return self._drawn.truth(rows)

    def draw_with_prior(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` examples of drawn films with the film and the report from before; none where none are drawn."""
        random = np.random.default_rng(seed)
        if not self._drawn.with_prior:
            return []
        return [self._later(random) for _ in range(number)]

    def _one_that_leads(self, random: np.random.Generator) -> Observation:
        """A rare finding leads oftener than films have it, but not as often as a common one: a model that is taught
        every finding equally often says the rare ones far too often."""
        return list(self._pools)[int(random.choice(len(self._pools), p=self._leading))]

    def _whole_pair(self, random: np.random.Generator) -> list[Example]:
        """A film for a finding, and a normal film."""
        context = self.context(random)
        what = self._one_that_leads(random)
        return [self._whole(_one_of(pool, random), context, random) for pool in (self._pools[what][0], self._normal)]

    def _whole(self, row: int, context: ClinicalContext, random: np.random.Generator) -> Example:
        labels = self._readings.tell(row, random)
        report = compose_report(labels, self._sentences, random, self._denied)
        present = [what for what in SPOKEN_OF if labels.get(what) and what in self._sentences.affirming]
        if not present or random.random() >= self._hinted:
            return Example(row, context, report)
        what = present[int(random.integers(len(present)))]
        hint = hint_of_observation(what, random)
        answer, own = answer_hint(hint, True, random), {text for text, _ in self._sentences.affirming[what]}
        findings = f"{answer} {_say_instead(report.findings, own, '')}".strip()
        impression = _say_instead(report.impression, own, f"{hint[:1].upper()}{hint[1:]}.")
        question = ask_hint(hint, True, random)
        return Example(row, replace(context, hints=hint), Report(findings, impression), asked=(question,))

    def _drawn_pair(self, random: np.random.Generator) -> list[Example]:
        """Two drawn films of the same context; a hint is true of its film, or contradicted by it."""
        context = self.context(random)
        pair = []
        for study in (self._drawn.one(random), self._drawn.one(random)):
            often = self._hinted if study.phantom.findings else _NORMAL_HINTED * self._hinted
            if random.random() < often:
                hint, report, question = study.hinted(random)
                pair.append(Example(study.row, replace(context, hints=hint), report, asked=(question,)))
            else:
                pair.append(Example(study.row, context, study.report(random)))
        return pair

    def _later(self, random: np.random.Generator) -> Example:
        study = self._drawn.later(random)
        prior = study.prior_report(random) if random.random() < 0.8 else ""
        context, report = replace(self.context(random), prior_report=prior), study.report(random)
        return Example(study.row, context, report, study.prior, study.ask_changes(random))

    def context(self, random: np.random.Generator) -> ClinicalContext:
        """Slots filled now and then, from any training study, so that the model learns that an indication is a
        question and no answer."""

        def any_of(texts: Sequence[str], share: float) -> str:
            return texts[int(random.integers(len(texts)))] if texts and random.random() < share else ""

        return ClinicalContext(
            indication=any_of(self._indications, 0.5),
            comparison=any_of(self._comparisons, 0.1),
            prior_report=any_of(self._priors, 0.05),
        )


_Pool = tuple[NDArray[np.int64], NDArray[np.float64]]


def _one_of(pool: _Pool, random: np.random.Generator) -> int:
    return int(random.choice(pool[0], p=pool[1]))


def _say_instead(text: str, sentences: set[str], other: str) -> str:
    """The text with the longest of these sentences that stands in it replaced."""
    for sentence in sorted(sentences, key=len, reverse=True):
        if sentence in text:
            return " ".join(text.replace(sentence, other, 1).split())
    return text
