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
"""Studies to one vector each, (studies, width), from their films; a study without a film that can be read gets NaN."""

NORMAL_FINDINGS: Final = (
    "The heart size and mediastinal contours are within normal limits. The lungs are clear. There is no focal "
    "consolidation, pleural effusion or pneumothorax. No acute bony abnormality."
)
NORMAL_IMPRESSION: Final = "No acute cardiopulmonary abnormality."

_CELLS: Final = 4_000_000  # of one block of similarities; 32 MB
_STUDIES_EMBEDDED: Final = 256  # together


@dataclass(frozen=True)
class ReportBank:
    """The train studies whose reports the baselines may give: in the order of their ids, each with a text."""

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
    """The nearest train study of each study, by its place in the bank; -1 where nothing is near.

    A study without a neighbour is given the medoid's report.
    """

    places: NDArray[np.int64]

    @property
    def without(self) -> int:
        """How many studies have no neighbour."""
        return int((self.places < 0).sum())

    def texts(self, bank: ReportBank, medoid: int) -> list[str]:
        """The drafts: each study's neighbour's report."""
        return [bank.texts[medoid if place < 0 else place] for place in self.places.tolist()]


def find_medoid(texts: Sequence[str]) -> int:
    """The place of the text whose TF-IDF vector has the greatest mean cosine with those of all texts.

    With unit vectors that is the greatest product with their sum, so the cost is linear in the texts.
    """
    vectors = _vectors(texts)[0]
    if vectors is None:
        return 0
    closeness = np.asarray(vectors @ np.asarray(vectors.sum(axis=0)).ravel()).ravel()
    return int(np.argmax(np.round(closeness, 9)))


def nearest_by_indication(studies: Sequence[Study], bank: ReportBank) -> Neighbours:
    """The train study with the greatest cosine of the TF-IDF vectors of the indications.

    An indication is compared once however many studies have it. A study without an indication, or of which no word
    stands in a train indication, has no neighbour.
    """
    places = np.full(len(studies), -1, dtype=np.int64)
    first: dict[str, int] = {}
    for place, study in enumerate(bank.studies):
        if study.context.indication.strip():
            first.setdefault(study.context.indication, place)
    asked: dict[str, list[int]] = {}
    for place, study in enumerate(studies):
        asked.setdefault(study.context.indication, []).append(place)
    known, queries = _vectors(list(first), list(asked))
    if known is None:
        return Neighbours(places)
    found = np.fromiter(first.values(), dtype=np.int64)
    transposed = known.T.tocsr()
    members = list(asked.values())
    for block in _blocks(len(members), len(found)):
        closeness = np.round((queries[block] @ transposed).toarray(), 9)
        for who, place, close in zip(members[block], closeness.argmax(axis=1), closeness.max(axis=1), strict=True):
            if close > 0:
                places[who] = found[place]
    return Neighbours(places)


def nearest_by_film(studies: Sequence[Study], bank: ReportBank, embed: Embed) -> Neighbours:
    """The train study with the greatest cosine of the films' embeddings; one without a readable film has none."""
    known = _unit(_embedded(bank.studies, embed))
    usable = np.flatnonzero(~np.isnan(known).any(axis=1))
    known = known[usable]
    places = np.full(len(studies), -1, dtype=np.int64)
    if not len(usable):
        return Neighbours(places)
    for start in range(0, len(studies), _STUDIES_EMBEDDED):
        asked = _unit(embed(studies[start : start + _STUDIES_EMBEDDED]))
        readable = np.flatnonzero(~np.isnan(asked).any(axis=1))
        for block in _blocks(len(readable), len(usable)):
            rows = readable[block]
            places[start + rows] = usable[np.round(asked[rows] @ known.T, 6).argmax(axis=1)]
    return Neighbours(places)


def _embedded(studies: Sequence[Study], embed: Embed) -> NDArray[np.float32]:
    parts = range(0, len(studies), _STUDIES_EMBEDDED)
    return np.concatenate([embed(studies[start : start + _STUDIES_EMBEDDED]) for start in parts])


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.full_like(vectors, np.nan), where=lengths > 0))


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    """Rows some at a time, so that a block of similarities stays small."""
    step = max(1, _CELLS // max(columns, 1))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def _vectors(known: Sequence[str], asked: Sequence[str] = ()) -> tuple[Any, Any]:
    """Unit TF-IDF vectors of words, fitted on the known texts, as sparse rows; None where these have no word."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b")
    try:
        vectors = vectorizer.fit_transform(known)
    except ValueError:  # "empty vocabulary": no text has a word
        return None, None
    return vectors, vectorizer.transform(asked) if asked else None
