"""What a draft says of a kind of finding that can be drawn: whether it affirms or denies it, and on which side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from clinicalblip.labeler import observations
from clinicalblip.labeler.laterality import lateralities
from clinicalblip.radiology.observation import Certainty, Observation
from research.mini.reports.sentences import split_sentences
from research.phantom.description import OBSERVATION, Kind

_WORDS: Final = {
    Kind.HYPERINFLATION: r"hyper-?(?:inflat|expan|aerat)\w*|flatten\w*",
    Kind.SCOLIOSIS: r"\w*scolio\w*|curvature",
    Kind.GRANULOMA: r"granulom\w*|calcified nodule",
    Kind.PACEMAKER: r"pace ?maker|pacer|pacing|generator",
    Kind.CENTRAL_LINE: r"(?<!pleural )line|catheter|picc",
    Kind.ENDOTRACHEAL_TUBE: r"endotracheal|tube",
    Kind.STERNOTOMY_WIRES: r"sternotomy|wires?",
}
# The chambers that a pacemaker's leads end in have no side.
_SIDES: Final = re.compile(r"\b(?:left|right)\b(?! (?:atri|ventric|heart))")
_DENIED: Final = re.compile(r"\b(?:no|not|without|free of|resolved|removed)\b", re.IGNORECASE)


def affirms(text: str, kind: Kind) -> bool:
    """Whether a draft affirms a finding of this kind."""
    return any(True for _ in sentences_affirming(text, kind))


def denies(text: str, kind: Kind) -> bool:
    """Whether a draft denies findings of this kind and affirms none."""
    if observation := _observation(kind):
        return observations(text).get(observation) is Certainty.ABSENT
    mentions = [sentence for sentence in split_sentences(text) if _mentions(sentence, kind)]
    return bool(mentions) and all(_DENIED.search(sentence) for sentence in mentions)


def sides_of(text: str, kind: Kind) -> set[str]:
    """The sides on which a draft affirms a finding of this kind."""
    if observation := _observation(kind):
        return {side.value for side in lateralities(text).get(observation, ())}
    return {side for sentence in sentences_affirming(text, kind) for side in _SIDES.findall(sentence.lower())}


def sentences_affirming(text: str, kind: Kind) -> Iterator[str]:
    """The sentences of a draft that affirm a finding of this kind."""
    observation = _observation(kind)
    for sentence in split_sentences(text):
        if observation is not None:
            if observations(sentence).get(observation) is Certainty.PRESENT:
                yield sentence
        elif _mentions(sentence, kind) and not _DENIED.search(sentence):
            yield sentence


def _mentions(sentence: str, kind: Kind) -> bool:
    return bool(re.search(rf"\b(?:{_WORDS[kind]})\b", sentence, re.IGNORECASE))


def _observation(kind: Kind) -> Observation | None:
    """The observation that means this kind; None where several kinds share one, so that words decide."""
    return None if kind in _WORDS else OBSERVATION[kind]


def affirms_any(text: str) -> bool:
    """Whether a draft affirms any finding."""
    labels = observations(text)
    return any(how is Certainty.PRESENT for what, how in labels.items() if what is not Observation.NO_FINDING)
