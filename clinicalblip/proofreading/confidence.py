"""How sure a model is of what a report says, by the probabilities that it gives to observations.

A probability is of an observation alone: of side, zone, degree and change it says nothing. Where a report denies an
observation, what it says is as likely as that observation is not; where it is in doubt ("possible pneumonia"), it is
read as affirming it. What a report says of an observation without a probability is not weighed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from clinicalblip.labeler import observations, sentences
from clinicalblip.radiology.observation import NAMED_BY, Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.settings import ScoreSettings

Probabilities = Mapping[Observation, float]


class Confidence(IntEnum):
    """How far a model agrees with what is said: it doubts it, is unsure, or agrees."""

    DOUBTS = 1
    UNSURE = 2
    AGREES = 3


@dataclass(frozen=True)
class WeighedFinding:
    """What is said of an observation; `probability`: the model's, in [0, 1], that it is as it is said."""

    observation: Observation
    certainty: Certainty
    probability: float
    confidence: Confidence


@dataclass(frozen=True)
class WeighedSentence:
    """A sentence that begins at `start` of its section, and what it says that the model has a probability of."""

    start: int
    findings: tuple[WeighedFinding, ...]

    @property
    def confidence(self) -> Confidence:
        """That of the finding that the model agrees with least."""
        return min(finding.confidence for finding in self.findings)


def weigh_sentences(text: str, probabilities: Probabilities, limits: ScoreSettings) -> Iterator[WeighedSentence]:
    """Yield the sentences of one section of a report that say something of an observation with a probability."""
    for sentence in sentences(text):
        said = dict.fromkeys((each.finding.observation, each.finding.certainty) for each in sentence.mentions)
        weighed = tuple(_weigh(*each, probabilities, limits) for each in said if each[0] in probabilities)
        if weighed:
            yield WeighedSentence(sentence.start, weighed)


def unmentioned(
    draft: Report, final: Report, probabilities: Probabilities, limits: ScoreSettings
) -> list[WeighedFinding]:
    """What the model thinks likely, and neither the draft nor the reader's report speaks of, most likely first.

    A report speaks of an observation also where it affirms another one that can stand for it, as a consolidation for a
    pneumonia; in the reader's report it does so where it denies it, too.
    """
    spoken = _spoken_of(draft) | _spoken_of(final)
    found = (_weigh(what, Certainty.PRESENT, probabilities, limits) for what in probabilities if what not in spoken)
    return sorted((each for each in found if each.confidence is Confidence.AGREES), key=lambda each: -each.probability)


def doubted(draft: Report, final: Report, probabilities: Probabilities, limits: ScoreSettings) -> list[WeighedFinding]:
    """What the draft says and the model doubts, as long as the reader's report says it too, the most doubtful first.

    An empty report of the reader's is none yet.
    """
    said = draft if final.empty else final
    kept = _statements(said, probabilities, limits)
    found = {each for each in _statements(draft, probabilities, limits) if each.confidence is Confidence.DOUBTS}
    return sorted(found & kept, key=lambda each: (each.probability, each.observation))


def _weigh(
    what: Observation, certainty: Certainty, probabilities: Probabilities, limits: ScoreSettings
) -> WeighedFinding:
    probability = probabilities[what]
    confidence = Confidence.UNSURE
    if probability >= limits.likely:
        confidence = Confidence.AGREES
    elif probability < limits.unlikely:
        confidence = Confidence.DOUBTS
    if certainty is Certainty.ABSENT:
        probability = 1.0 - probability
        confidence = Confidence(Confidence.DOUBTS + Confidence.AGREES - confidence)
    return WeighedFinding(what, certainty, probability, confidence)


def _statements(report: Report, probabilities: Probabilities, limits: ScoreSettings) -> set[WeighedFinding]:
    return {
        finding
        for text in (report.findings, report.impression)
        for sentence in weigh_sentences(text, probabilities, limits)
        for finding in sentence.findings
    }


def _spoken_of(report: Report) -> set[Observation]:
    """The observations that a report speaks of, and those that what it affirms can stand for."""
    said = observations(report.text)
    affirmed = {what for what, certainty in said.items() if certainty is not Certainty.ABSENT}
    return {*said} | {what for what in Observation if affirmed & NAMED_BY.get(what, frozenset())}
