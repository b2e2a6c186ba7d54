"""The sentences with which IU X-RAY's train reports say that something is normal, and what each of them claims.

A whole report that is paired with a film by one finding says much that nobody knows of that film, and a model trained
on it learns to invent. So a report is composed sentence by sentence, and a sentence is only used of a film of which all
that it claims is true. What speaks of more than that is left out: devices, ages, comparisons, advice, words that were
masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.study import Study

O = Observation  # noqa: E741 - one letter keeps the tables below tables

REPORTED: Final = (
    O.CARDIOMEGALY,
    O.EDEMA,
    O.CONSOLIDATION,
    O.PNEUMONIA,
    O.INFILTRATION,
    O.ATELECTASIS,
    O.LUNG_LESION,
    O.EMPHYSEMA,
    O.FIBROSIS,
    O.PLEURAL_EFFUSION,
    O.PLEURAL_OTHER,
    O.PNEUMOTHORAX,
    O.HERNIA,
)
"""What is known of a real film, in reading order."""

AIRSPACE: Final = frozenset({O.CONSOLIDATION, O.PNEUMONIA, O.INFILTRATION, O.LUNG_OPACITY})
IN_LUNGS: Final = AIRSPACE | {O.EDEMA, O.ATELECTASIS, O.LUNG_LESION, O.EMPHYSEMA, O.FIBROSIS}


class Organ(IntEnum):
    """Where a report is when it says a sentence, in the order of IU's reports."""

    HEART = 0
    MEDIASTINUM = 1
    LUNGS = 2
    PLEURA = 3
    BONES = 4
    DEVICES = 5


_ORGANS: Final = {
    O.CARDIOMEGALY: Organ.HEART,
    O.ENLARGED_CARDIOMEDIASTINUM: Organ.MEDIASTINUM,
    O.HERNIA: Organ.MEDIASTINUM,
    O.PLEURAL_EFFUSION: Organ.PLEURA,
    O.PLEURAL_OTHER: Organ.PLEURA,
    O.PNEUMOTHORAX: Organ.PLEURA,
    O.FRACTURE: Organ.BONES,
    O.SUPPORT_DEVICES: Organ.DEVICES,
}
# What the words of a normal sentence claim beyond what the labeler reads as denied.
_CLAIMS: Final = (
    (r"\b(?:heart|cardiac|cardio\w*)\b", frozenset({O.CARDIOMEGALY})),
    (r"\b(?:mediastin\w*|cardio ?mediastin\w*)\b", frozenset({O.ENLARGED_CARDIOMEDIASTINUM})),
    (r"\b(?:vascul\w*|vessels?|edema)\b", frozenset({O.EDEMA})),
    (r"\blungs?\b(?!.*\b(?:clear|free) of\b)(?!.*\bwithout\b)", IN_LUNGS),
    (r"\bclear lungs\b|\blungs?\b.*\bclear\b(?! of)", IN_LUNGS),
    (r"\b(?:air ?space|focal|opacit\w+|infiltrat\w*|consolidat\w*|alveolar|pneumonia)\b", AIRSPACE),
    (r"\b(?:nodul\w*|mass(?:es)?)\b", frozenset({O.LUNG_LESION})),
    (r"\b(?:pleural spaces?|pleural fluid|effusions?)\b", frozenset({O.PLEURAL_EFFUSION})),
    (r"\bpleura\b", frozenset({O.PLEURAL_EFFUSION, O.PLEURAL_OTHER})),
    (r"\b(?:bon(?:e|y|es)|osseous|skelet\w*|ribs?|fractur\w*|spine|thoracic cage)\b", frozenset({O.FRACTURE})),
)
_LEFT_OUT: Final = re.compile(
    r"\b(?:xxxx|unchanged|change\w*|interval|new|newly|increas\w*|decreas\w*|prior|previous\w*|again|since|compar\w*|"
    r"persist\w*|improv\w*|worsen\w*|resol\w*|remain\w*|still|stable|old|known|recurrent|residual|otherwise|other|"
    r"\w*adenopathy|granulom\w*|calcif\w*|tube\w*|lines?|catheter\w*|pacemaker\w*|wires?|clips?|port|device\w*|"
    r"surg\w*|post\w*|status|years?|age|man|woman|male|female|patient\w*|history|clinical\w*|recommend\w*|consider\w*|"
    r"follow\w*|ct|exam\w*|study|views?|films?|radiograph\w*|projection|rotat\w*|although|which|aort\w*|trachea\w*|"
    r"hil(?:um|a|ar)|diaphragm\w*|abdom\w*|soft tissues?|air under|free air|intraperitoneal|degenerat\w*|hernia\w*|"
    r"spondyl\w*|scolio\w*|volumes?|hypo\w+|hyper\w+|left|right|base|bases|apex|apices|apical|definite\w*|large|"
    r"typical|specifically|tubercul\w*|primary|preoperative|suspicious|dominant|discrete)\b|\d|\.\.$|[:;]",
    re.IGNORECASE,
)
_MISSPELT: Final = re.compile(r"[a-z,] [A-Z][a-z]|silhouettes? is clear|^In the| ,|appear normal limits|\bTB\b")
_VERB: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|show|shows|demonstrates?|appears?|reveals?|remains?)\b|^(?:No|There)\b"
)
_NORMAL_IMPRESSION: Final = re.compile(r"\b(?:no|normal|negative|clear|unremarkable)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORDS: Final = range(3, 23)  # of a sentence; one of fewer is none
_COMMON: Final = 3  # times that a word stands behind the one before it: what is rarer may be a slip, or one patient's
_EVEN: Final = 0.25
"""A sentence that is so many times as common has a weight of that power: a small model learns the common ones too well
by itself."""


@dataclass(frozen=True)
class NormalSentence:
    """A sentence, its weight among those that could stand in its place, what it claims not to be there, its organ."""

    text: str
    weight: float
    claims: frozenset[Observation]
    organ: Organ


@dataclass(frozen=True)
class Sentences:
    """The normal sentences of findings, and whole impressions of normal films with their counts."""

    normal: tuple[NormalSentence, ...]
    impressions: tuple[tuple[str, float], ...]


def collect_sentences(studies: Iterable[Study]) -> Sentences:
    """The usable normal sentences of these studies' reports, the commonest first."""
    pairs: Counter[tuple[str, str]] = Counter()
    found: Counter[str] = Counter()
    concluded: Counter[str] = Counter()
    for study in studies:
        both = [[*split_sentences(part)] for part in (study.reference.findings, study.reference.impression)]
        pairs.update({pair for part in both for text in part for pair in _pairs(text)})
        found.update(filter(_usable, both[0]))
        said = [text for text in both[1] if not re.fullmatch(r"\d*\.", text)]
        if len(said) == 1 and _usable_impression(said[0]):
            concluded[said[0]] += 1

    def common(counts: Counter[str]) -> list[tuple[str, float]]:
        kept = [(text, n) for text, n in counts.items() if all(pairs[pair] >= _COMMON for pair in _pairs(text))]
        return [(text, n**_EVEN) for text, n in sorted(kept, key=lambda each: (-each[1], each[0]))]

    normal = [_read(text, weight) for text, weight in common(found)]
    return Sentences(tuple(filter(None, normal)), tuple(common(concluded)))


def organ_of(what: Observation | None) -> Organ:
    """Where a report speaks of an observation; of the lungs where nothing else is meant."""
    return _ORGANS.get(what, Organ.LUNGS) if what else Organ.LUNGS


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, white space folded, each with its full stop."""
    for sentence in _SENTENCE_END.split(" ".join(text.split())):
        if sentence:
            yield sentence if sentence[-1] in ".!?" else sentence + "."


def _pairs(sentence: str) -> list[tuple[str, str]]:
    """Each word of a sentence with the one before it; nothing stands before the first."""
    words = re.findall(r"[\w'-]+|[.,]", sentence.lower())
    return list(pairwise(["", *words]))


def _usable(sentence: str) -> bool:
    long_enough = len(sentence.split()) in _WORDS
    return (
        long_enough
        and sentence[0].isupper()
        and bool(_VERB.search(sentence))
        and not (_LEFT_OUT.search(sentence) or _MISSPELT.search(sentence))
    )


def _usable_impression(sentence: str) -> bool:
    names = set(observations(sentence)) - {O.NO_FINDING}
    normal = _NORMAL_IMPRESSION.search(sentence) and len(sentence.split()) in _WORDS and sentence[0].isupper()
    return bool(normal) and not names and not _LEFT_OUT.search(sentence)


def _read(text: str, weight: float) -> NormalSentence | None:
    """What a sentence claims; None where it affirms anything, or claims nothing that is known."""
    said = {what: how for what, how in observations(text).items() if what is not O.NO_FINDING}
    if any(how is not Certainty.ABSENT for how in said.values()):
        return None
    claims = frozenset(said).union(*(what for words, what in _CLAIMS if re.search(words, text, re.IGNORECASE)))
    if not claims or claims & {O.SUPPORT_DEVICES, O.HERNIA}:
        return None
    if claims & AIRSPACE:
        claims |= AIRSPACE
    return NormalSentence(text, weight, claims, min(organ_of(what) for what in claims))
