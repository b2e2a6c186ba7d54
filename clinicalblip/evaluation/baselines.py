"""Drafts that need no report-writing model: what any model has to be better than.

The constant normal report, the train split's medoid, and the train report of the nearest neighbour by indication or
by film. Everything is a function of the studies, whatever their order; ties go to the smallest study id.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.study import Study

Embed = Callable[[Sequence[Study]], NDArray[np.float32]]
"""Turns studies into one vector each, (studies, width), from their films; without a readable film the vector is NaN."""

NORMAL_FINDINGS: Final = (
    "The heart size and mediastinal contours are within normal limits. The lungs are clear. There is no focal "
    "consolidation, pleural effusion or pneumothorax. No acute bony abnormality."
)
NORMAL_IMPRESSION: Final = "No acute cardiopulmonary abnormality."

_BLOCK_CELLS: Final = 4_000_000  # of one block of similarities; 32 MB
_EMBEDDED_TOGETHER: Final = 256


@dataclass(frozen=True)
class ReportBank:
    """The train studies whose reports the baselines give, in the order of their ids, each with a text."""

    studies: tuple[Study, ...]
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        ids = [study.study_id for study in self.studies]
        if len(ids) != len(self.texts) or not all(text.strip() for text in self.texts):
            raise ValueError("a bank has one text, which is not empty, for each of its studies")
        if ids != sorted(ids):
            raise ValueError("a bank's studies stand in the order of their ids")


@dataclass(frozen=True)
class Neighbours:
    """The index in the bank of the nearest train study of each study, (studies,); -1 where there is none.

    A study without a neighbour has the medoid's report.
    """

    indices: NDArray[np.int64]

    @property
    def without(self) -> int:
        """How many studies have no neighbour."""
        return int((self.indices < 0).sum())

    def texts(self, bank: ReportBank, medoid: int) -> list[str]:
        """The drafts: each study's neighbour's report."""
        return [bank.texts[medoid if index < 0 else index] for index in self.indices.tolist()]


def find_medoid(texts: Sequence[str]) -> int:
    """The index of the text whose TF-IDF vector has the greatest mean cosine with those of all texts.

    With unit vectors that is the greatest product with their sum, so the cost is linear in the texts.
    """
    vectors = _tfidf(texts)[0]
    if vectors is None:
        return 0
    closeness = np.asarray(vectors @ np.asarray(vectors.sum(axis=0)).ravel()).ravel()
    return int(np.argmax(np.round(closeness, 9)))


def nearest_by_indication(studies: Sequence[Study], bank: ReportBank) -> Neighbours:
    """The train study with the greatest cosine of the TF-IDF vectors of the indications.

    An indication is compared once however many studies have it. A study without an indication, or with one that shares
    no word with any train indication, has no neighbour.
    """
    nearest = np.full(len(studies), -1, dtype=np.int64)
    first: dict[str, int] = {}
    for index, study in enumerate(bank.studies):
        if study.context.indication.strip():
            first.setdefault(study.context.indication, index)
    queries: dict[str, list[int]] = {}
    for index, study in enumerate(studies):
        queries.setdefault(study.context.indication, []).append(index)
    known, vectors = _tfidf(list(first), list(queries))
    if known is None:
        return Neighbours(nearest)
    in_bank = np.fromiter(first.values(), dtype=np.int64)
    transposed = known.T.tocsr()
    members = list(queries.values())
    for block in _blocks(len(members), len(in_bank)):
        cosines = np.round((vectors[block] @ transposed).toarray(), 9)
        for those, column, cosine in zip(members[block], cosines.argmax(axis=1), cosines.max(axis=1), strict=True):
            if cosine > 0:
                nearest[those] = in_bank[column]
    return Neighbours(nearest)


def nearest_by_film(studies: Sequence[Study], bank: ReportBank, embed: Embed) -> Neighbours:
    """The train study with the greatest cosine of the films' embeddings; one without a readable film has none."""
    known = _normalise(_embed_all(bank.studies, embed))
    usable = np.flatnonzero(~np.isnan(known).any(axis=1))
    known = known[usable]
    nearest = np.full(len(studies), -1, dtype=np.int64)
    if not len(usable):
        return Neighbours(nearest)
    for start in range(0, len(studies), _EMBEDDED_TOGETHER):
        vectors = _normalise(embed(studies[start : start + _EMBEDDED_TOGETHER]))
        readable = np.flatnonzero(~np.isnan(vectors).any(axis=1))
        for block in _blocks(len(readable), len(usable)):
            rows = readable[block]
            nearest[start + rows] = usable[np.round(vectors[rows] @ known.T, 6).argmax(axis=1)]
    return Neighbours(nearest)


def _embed_all(studies: Sequence[Study], embed: Embed) -> NDArray[np.float32]:
    parts = range(0, len(studies), _EMBEDDED_TOGETHER)
    return np.concatenate([embed(studies[start : start + _EMBEDDED_TOGETHER]) for start in parts])


def _normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.full_like(vectors, np.nan), where=lengths > 0))


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    """Yield slices of the rows, so that a block of similarities stays small."""
    step = max(1, _BLOCK_CELLS // max(columns, 1))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def _tfidf(known: Sequence[str], queries: Sequence[str] = ()) -> tuple[Any, Any]:
    """Unit TF-IDF vectors of both, fitted on the known texts, as sparse rows; None where no known text has a word."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b")
    try:
        vectors = vectorizer.fit_transform(known)
    except ValueError:  # "empty vocabulary": no text has a word
        return None, None
    return vectors, vectorizer.transform(queries) if queries else None
