"""What the bundled model learns from: a film, what is known before it is read, and a report that is true of both.

Examples come in pairs with the same context: one film has a finding, the other has none. So half of the reports are
abnormal, and no indication ever tells the two apart: only the film does. There are two kinds of pairs: reports composed
from what the encoder reads in a real film (`pseudo_labels.py`), and drawn films (`phantom_studies.py`), whose reports
also say side, zone, degree, devices and what changed. Each example has questions: how much likelier, for this film, is
a sentence that affirms an observation than one that denies it?

What a reader hints is said, whether the film has it or not; `score` says what the film has. So an example with a hint
has no questions. A few pictures have no chest in them, and their report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.hints import read_hints
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.films.manifest import NIH_SETS
from research.mini.films.phantom_films import PHANTOM_SET, PRIOR_SET
from research.mini.films.table import Films
from research.mini.films.unreadable import UNREADABLE
from research.mini.reports.compose import compose, unreadable_report
from research.mini.reports.hints import chatter, false_hint, hint_of, hint_of_observation, join_hints, other_hint
from research.mini.reports.phantom_studies import PhantomStudies, PhantomStudy, Question
from research.mini.reports.pseudo_labels import PseudoLabels
from research.mini.reports.real_films import absent_from, affirmed_and_denied, changed
from research.mini.reports.sentences import REPORTED, Sentences
from research.mini.reports.statements import Statement, state_hint, state_observation
from research.mini.reports.voice import VOICES, Voice
from research.phantom.reports.report import describe

O = Observation  # noqa: E741 - one letter keeps the sums below short

# Weights with which films are drawn: NIH's are labelled for all fourteen findings, so they are the most.
_SET_WEIGHT = {**dict.fromkeys(NIH_SETS, 1.0), PHANTOM_SET: 0.0, PRIOR_SET: 0.0}
_OTHER_WEIGHT = 0.15

TRUE_HINTS, OTHER_HINTS = 0.55, 0.1
"""Of single hints so many name what the film has, if it has anything, and what no observation stands for.

All others name what the film has not.
"""
_CHATTER = 0.06  # of examples have hints that name nothing
_SAME_AS_INDICATION = 0.08  # of hints are the indication as well
_REPORT_ALONE = 0.06  # of examples have a prior report without its film
_OTHER_RADIOLOGIST = 0.5  # of prior reports are worded otherwise than the model words them
_FILM_ALONE = 0.2  # of those with a prior film have no report of it


@dataclass(frozen=True)
class Example:
    """A row of the table of films, the row of its prior film if it has one, the context, and the report.

    `questions` are those about the prior film.
    """

    row: int
    context: ClinicalContext
    report: Report
    prior: int | None = None
    questions: tuple[Question, ...] = ()


class Examples:
    """Draws examples and questions at random, the same for the same seed.

    `phantom_fraction` of the pairs are drawn films, the others real ones; `hinted_fraction` of the examples have a
    hint; `unreadable_fraction` are pictures without a chest, whose rows lie past the table's end. With `one_voice` what
    is in a film is all that tells its report from another's. Raises ValueError where no film has a finding or none is
    normal.
    """

    def __init__(
        self,
        films: Films,
        studies: Sequence[Study],
        sentences: Sentences,
        pseudo_labels: PseudoLabels,
        *,
        phantom_fraction: float = 0.4,
        hinted_fraction: float = 0.4,
        unreadable_fraction: float = 0.04,
        one_voice: bool = False,
    ) -> None:
        self._sentences, self._pseudo_labels, self._one_voice = sentences, pseudo_labels, one_voice
        self._phantom_fraction, self._hinted_fraction = phantom_fraction, hinted_fraction
        self._unreadable_fraction, self._first_unreadable = unreadable_fraction, len(films.ids)
        train = films.rows("train")
        positive = pseudo_labels.positive(train)
        weight = np.array([_SET_WEIGHT.get(films.sets[row], _OTHER_WEIGHT) for row in train])
        weight /= np.maximum(1, positive.sum(axis=1))  # a film with four findings can be drawn for each of them

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

    def draw(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` examples with one film each, in pairs that have the same context but for hint and prior report."""
        rng = np.random.default_rng(seed)
        examples: list[Example] = []
        while len(examples) < number:
            if rng.random() < self._unreadable_fraction:
                examples.append(self._unreadable(rng))
                continue
            phantom = rng.random() < self._phantom_fraction and bool(self._phantoms.studies)
            examples.extend(self._phantom_pair(rng) if phantom else self._real_pair(rng))
        return examples[:number]

    def draw_alone(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """The same, with hints and nothing else known before the film is read."""
        alone = [each for each in self.draw(2 * number, seed) if not each.context.prior_report]
        return [replace(each, context=ClinicalContext(hints=each.context.hints)) for each in alone[:number]]

    def questions_about(self, example: Example, number: int, rng: np.random.Generator) -> list[Question]:
        """`number` questions: at most half about the prior film, the others about the film; none beside a hint.

        Of a real film the answer is what the encoder reads, of a drawn one the truth, and of no chest there is none.
        """
        if example.context.hints or example.row >= self._first_unreadable:
            return []
        questions = list(example.questions[: number // 2])
        more = number - len(questions)
        if example.row in self._phantoms.phantoms:
            return questions + [Question(*pair, inf) for pair in self._phantoms.true_and_false(example.row, more, rng)]
        for place in rng.choice(len(REPORTED), size=min(more, len(REPORTED)), replace=False):
            what = REPORTED[int(place)]
            odds = self._pseudo_labels.log_odds_of(example.row, what)
            questions.append(Question(*affirmed_and_denied(what, rng), odds))
        return questions

    def phantom_truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What is true of the drawn films among these rows, (len(rows), 16 x 9); NaN for real films."""
        return self._phantoms.truth(rows)

    def draw_with_prior(self, number: int, seed: tuple[int, ...]) -> list[Example]:
        """`number` drawn films with a prior film and mostly its report; none where the table has no such films."""
        rng = np.random.default_rng(seed)
        if not self._phantoms.with_prior:
            return []
        return [self._with_prior(rng) for _ in range(number)]

    def context(self, rng: np.random.Generator) -> ClinicalContext:
        """A context with some slots filled from random training studies: an indication says nothing of the film."""

        def sometimes(texts: Sequence[str], fraction: float) -> str:
            return texts[int(rng.integers(len(texts)))] if texts and rng.random() < fraction else ""

        return ClinicalContext(
            indication=sometimes(self._indications, 0.5), comparison=sometimes(self._comparisons, 0.1)
        )

    def _voice_of(self, row: int) -> Voice:
        return self._voice(self._pseudo_labels.voice_of(row).number)

    def _voice(self, number: int) -> Voice:
        return Voice(0 if self._one_voice else number)

    def _random_finding(self, rng: np.random.Generator) -> Observation:
        return list(self._pools)[int(rng.choice(len(self._pools), p=self._finding_weights))]

    def _unreadable(self, rng: np.random.Generator) -> Example:
        """A picture without a chest; not even a hint makes it one."""
        number = int(rng.integers(UNREADABLE))
        context = self.context(rng)
        if rng.random() < self._hinted_fraction:
            context = replace(context, hints=hint_of_observation(REPORTED[int(rng.integers(len(REPORTED)))], rng))
        return Example(self._first_unreadable + number, context, unreadable_report(self._voice(number % VOICES)))

    def _real_pair(self, rng: np.random.Generator) -> list[Example]:
        """A real film that has a finding, and a normal one."""
        context = self.context(rng)
        what = self._random_finding(rng)
        return [self._real(_one_of(pool, rng), context, rng) for pool in (self._pools[what][0], self._normal)]

    def _real(self, row: int, context: ClinicalContext, rng: np.random.Generator) -> Example:
        labels, voice = self._pseudo_labels.sample(row, rng), self._voice_of(row)
        present = [what for what in REPORTED if labels[what]]
        absent = absent_from(labels)
        if rng.random() < _REPORT_ALONE:
            before = [what for what in REPORTED if rng.random() < (0.6 if labels[what] else 0.05)]
            report = self._compose(changed(present, before, voice), absent, voice)
            return Example(row, replace(context, prior_report=self._report_before(before, report, rng)), report)
        hints = [hint_of_observation(what, rng) for what in present]
        return self._maybe_hinted(
            row, context, [state_observation(what, voice) for what in present], hints, absent, voice, rng
        )

    def _phantom_pair(self, rng: np.random.Generator) -> list[Example]:
        """Two drawn films with the same context; some have a report of a prior film that is not there."""
        context = self.context(rng)
        pair = []
        for _ in range(2):
            if self._phantoms.with_prior and rng.random() < _REPORT_ALONE:
                pair.append(replace(self._with_prior(rng, context, film_alone=0.0), prior=None, questions=()))
                continue
            study = self._phantoms.random(rng)
            voice = self._voice_of(study.row)
            hints = [hint_of(finding, rng) for finding in study.phantom.in_order]
            pair.append(
                self._maybe_hinted(study.row, context, study.statements(voice), hints, study.absent(), voice, rng)
            )
        return pair

    def _with_prior(
        self, rng: np.random.Generator, context: ClinicalContext | None = None, film_alone: float = _FILM_ALONE
    ) -> Example:
        study = self._phantoms.random_with_prior(rng)
        voice = self._voice_of(study.row)
        report = self._compose(study.statements(voice), study.absent(), voice)
        prior = "" if rng.random() < film_alone else self._report_of_prior(study, report, rng)
        context = replace(context or self.context(rng), prior_report=prior)
        return Example(study.row, context, report, study.prior, study.change_questions(voice, rng))

    def _maybe_hinted(
        self,
        row: int,
        context: ClinicalContext,
        statements: Sequence[Statement],
        own_hints: Sequence[str],
        absent: frozenset[Observation],
        voice: Voice,
        rng: np.random.Generator,
    ) -> Example:
        """An example of a film with these statements; `own_hints` are hints of them."""
        lot = rng.random()
        if lot >= self._hinted_fraction:
            hints = chatter(rng) if lot < self._hinted_fraction + _CHATTER * bool(self._hinted_fraction) else ""
            return Example(row, replace(context, hints=hints), self._compose(statements, absent, voice))
        chosen = []
        left, missing = list(own_hints), [what for what in (*REPORTED, *_UNSEEN) if what in absent or what in _UNSEEN]
        for _ in range(int(rng.choice((1, 2, 3, 4), p=(0.6, 0.25, 0.1, 0.05)))):
            kind = rng.random()
            if kind < TRUE_HINTS and left:
                chosen.append(left.pop(int(rng.integers(len(left)))))
            elif kind > 1 - OTHER_HINTS or not missing:
                chosen.append(other_hint(rng))
            else:
                chosen.append(false_hint(missing, rng))
        hints = join_hints(chosen, rng)
        context = replace(context, hints=hints)
        if rng.random() < _SAME_AS_INDICATION:
            context = replace(context, indication=hints)
        hinted = [state_hint(hint) for hint in read_hints(hints)[0] if hint.said]
        named = {each.name for each in hinted} | {each.observation for each in hinted if each.observation}
        own = [each for each in statements if each.name not in named and each.observation not in named]
        return Example(row, context, self._compose([*hinted, *own], absent, voice))

    def _compose(self, statements: Sequence[Statement], absent: Collection[Observation], voice: Voice) -> Report:
        return compose(statements, absent, self._sentences, voice)

    def _report_before(self, present: Sequence[Observation], now: Report, rng: np.random.Generator) -> str:
        """A prior report of a real film that has had these."""
        absent = absent_from({what: what in present for what in REPORTED})

        def say(voice: Voice) -> Report:
            return self._compose([state_observation(what, voice) for what in present], absent, voice)

        return _worded_otherwise(say, now, rng)

    def _report_of_prior(self, study: PhantomStudy, now: Report, rng: np.random.Generator) -> str:
        """A report of the prior film, in the words of these reports or of another radiologist's."""
        if study.earlier is None:
            raise ValueError("the study has no prior film")
        if rng.random() < _OTHER_RADIOLOGIST:
            return describe(study.earlier, rng).text
        before = PhantomStudy(-1, study.earlier)
        return _worded_otherwise(
            lambda voice: self._compose(before.statements(voice), before.absent(), voice), now, rng
        )


_Pool = tuple[NDArray[np.int64], NDArray[np.float64]]
# No label says whether a real film has them.
_UNSEEN = (O.LUNG_OPACITY, O.FRACTURE, O.SUPPORT_DEVICES, O.ENLARGED_CARDIOMEDIASTINUM)


def _one_of(pool: _Pool, rng: np.random.Generator) -> int:
    return int(rng.choice(pool[0], p=pool[1]))


def _worded_otherwise(say: Callable[[Voice], Report], now: Report, rng: np.random.Generator) -> str:
    """A report in a voice in which it is not, word for word, the present one: that may not stand in its own prompt."""
    reports = (say(Voice(int(number))) for number in rng.permutation(VOICES))
    return next((report.text for report in reports if report != now), "")
