"""What became of each sentence of a draft in the reader's report: kept, edited or dropped.

Sentences are matched by what they say, not by where they stand: first those with the same words, then the most alike,
each once. Likeness is that of the words, and more where both speak of the same observation; where they speak of nothing
alike ("no pneumothorax is seen", "no effusion is seen"), one did not become the other. What is left of the reader's
report are sentences of the reader's own. Two sentences of the draft that became one are both matched with it, where
most of the shorter one's words stand in it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from clinicalblip.feedback.comparison import words_of
from clinicalblip.labeler import sentences
from clinicalblip.radiology.finding import Sentence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.sentence_review import SentenceFate

ALIKE: Final = 0.5
"""The least likeness of two sentences one of which became the other: 2 x common / all words, and what they say."""

SAME_OBSERVATION: Final = 0.3
"""What an observation that both speak of adds to their likeness."""

SAME_FINDINGS: Final = 0.5
"""What it adds that both say the same of the same observations: "the heart is enlarged", "cardiomegaly"."""

CONTAINED: Final = 0.75
"""The least share of a sentence's words that stand, in order, in the one that it was joined to."""

_ENDS: Final = frozenset({".", ";", ":", "!", ","})

# What may be made more or less specific by an edit: an opacity a consolidation, a pneumonia an opacity.
_LUNG: Final = frozenset(
    {
        Observation.LUNG_OPACITY,
        Observation.LUNG_LESION,
        Observation.EDEMA,
        Observation.CONSOLIDATION,
        Observation.PNEUMONIA,
        Observation.ATELECTASIS,
        Observation.INFILTRATION,
        Observation.EMPHYSEMA,
        Observation.FIBROSIS,
    }
)
_HEART: Final = frozenset({Observation.CARDIOMEGALY, Observation.ENLARGED_CARDIOMEDIASTINUM})
_KINDS: Final[Mapping[Observation, str]] = {
    name: "lung" if name in _LUNG else "heart" if name in _HEART else str(name) for name in Observation
}


@dataclass(frozen=True)
class FatedSentence:
    """A sentence of the draft and what became of it; `after` is None where it was dropped."""

    before: Sentence
    fate: SentenceFate
    after: Sentence | None


@dataclass(frozen=True)
class SentenceFates:
    """The draft's sentences in its order, and the reader's own in theirs."""

    draft: tuple[FatedSentence, ...]
    own: tuple[Sentence, ...]


def sentence_fates(draft: str, final: str) -> SentenceFates:
    """Match the sentences of one section of a draft with the same section of the reader's report.

    Case and punctuation at a sentence's end are no difference. Time grows with the number of sentences of either text
    that are not in the other, multiplied.
    """
    old, new = sentences(draft), sentences(final)
    before = [_words(draft, each) for each in old]
    after = [_words(final, each) for each in new]
    matches = _same(before, after)
    fates = dict.fromkeys(matches, SentenceFate.KEPT)
    left = [i for i in range(len(old)) if i not in matches]
    free = sorted(set(range(len(new))) - set(matches.values()))
    if left and free:
        comparable = _comparable([old[i] for i in left], [new[k] for k in free])
        likeness = comparable.bonus + cdist(
            [before[i] for i in left], [after[k] for k in free], scorer=Indel.normalized_similarity, dtype=np.float64
        )
        likeness[~comparable.may_be | (likeness < ALIKE)] = 0.0
        pairs = dict(_most_alike(likeness))
        for row, i in enumerate(left):
            column = pairs.get(row)
            if column is None:
                column = _joined_to(before[i], [after[k] for k in free], comparable.may_be[row])
            if column is not None:
                matches[i], fates[i] = free[column], SentenceFate.EDITED
    own = set(range(len(new))) - set(matches.values())
    return SentenceFates(
        tuple(
            FatedSentence(each, fates.get(i, SentenceFate.DROPPED), new[matches[i]] if i in matches else None)
            for i, each in enumerate(old)
        ),
        tuple(new[k] for k in sorted(own)),
    )


def _words(text: str, sentence: Sentence) -> tuple[str, ...]:
    words = [word.lower() for word in words_of(text[sentence.start : sentence.end])]
    while words and words[-1] in _ENDS:
        words.pop()
    return tuple(words)


def _same(before: Sequence[tuple[str, ...]], after: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Sentences with the same words; of several alike the first with the first."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for k in reversed(range(len(after))):
        places[after[k]].append(k)
    return {i: places[words].pop() for i, words in enumerate(before) if places.get(words)}


class _Comparable(NamedTuple):
    """Of each pair of sentences: whether one may have become the other, and what shared observations add."""

    may_be: NDArray[np.bool_]
    bonus: NDArray[np.float64]


def _comparable(old: Sequence[Sentence], new: Sequence[Sentence]) -> _Comparable:
    old_kinds, new_kinds = _kinds(old), _kinds(new)
    name_nothing_alike = (old_kinds @ new_kinds.T) == 0
    both_name = np.outer(old_kinds.any(axis=1), new_kinds.any(axis=1))
    share = (_named(old) @ _named(new).T) > 0
    bonus = np.where(share, SAME_OBSERVATION, 0.0)
    said = [frozenset(mention.finding for mention in each.mentions) for each in new]
    for row, each in enumerate(old):
        findings = frozenset(mention.finding for mention in each.mentions)
        bonus[row, [bool(findings) and findings == other for other in said]] = SAME_FINDINGS
    return _Comparable(~(both_name & name_nothing_alike), bonus)


def _named(stated: Sequence[Sentence]) -> NDArray[np.int64]:
    """Which observations each sentence speaks of, (sentences, observations), 0 or 1."""
    said = [{mention.finding.observation for mention in each.mentions} for each in stated]
    return np.array([[name in names_said for name in Observation] for names_said in said], dtype=np.int64)


def _kinds(stated: Sequence[Sentence]) -> NDArray[np.int64]:
    kinds = sorted(set(_KINDS.values()))
    said = [{_KINDS[mention.finding.observation] for mention in each.mentions} for each in stated]
    return np.array([[kind in names for kind in kinds] for names in said], dtype=np.int64)


def _most_alike(likeness: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column), the most alike first, each once; of equally alike ones those nearest to the same place."""
    rows, columns = np.nonzero(likeness)
    pairs: list[tuple[int, int]] = []
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for at in np.lexsort((np.abs(rows - columns), -likeness[rows, columns])):
        row, column = int(rows[at]), int(columns[at])
        if row not in taken_rows and column not in taken_columns:
            pairs.append((row, column))
            taken_rows.add(row)
            taken_columns.add(column)
    return pairs


def _joined_to(words: Sequence[str], after: Sequence[tuple[str, ...]], may_be: NDArray[np.bool_]) -> int | None:
    """The sentence that most of these words stand in, in order; the first of several."""
    shares = {k: _common(words, after[k]) / max(1, len(words)) for k in np.flatnonzero(may_be).tolist()}
    best = max(shares, key=lambda k: shares[k], default=None)
    return best if best is not None and shares[best] >= CONTAINED else None


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two sentences have in common, in order."""
    return (len(one) + len(other) - Indel.distance(one, other)) // 2
