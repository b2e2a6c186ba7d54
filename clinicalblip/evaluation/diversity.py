"""How much a set of texts varies, and whether drafts have collapsed into a template."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.evaluation.target import fold_text

COLLAPSED: Final = 4
"""Drafts have collapsed where they are this many times less varied than the references: they have so many times fewer
distinct texts, or their commonest text is so many times as frequent and at least `OFTEN` of the studies have it. The
590 findings of R2Gen's IU X-RAY test split are 398 distinct texts, and 2.9 % of the studies have the commonest."""

OFTEN: Final = 0.2
"""The fraction of studies from which on one text is a template."""

FEWEST: Final = 20
"""The number of studies below which nothing is said to have collapsed."""


@dataclass(frozen=True)
class Diversity:
    """The numbers of texts, of distinct ones, of the commonest one and of empty ones, and the mean number of words.

    Texts that differ in case or white space alone are one text.
    """

    texts: int
    distinct: int
    commonest: int
    empty: int
    mean_words: float

    def __post_init__(self) -> None:
        if not (1 <= self.distinct <= self.texts and 1 <= self.commonest <= self.texts and self.empty >= 0):
            raise ValueError(f"{self.distinct} distinct and {self.commonest} equal of {self.texts} texts cannot be")

    @property
    def commonest_fraction(self) -> float:
        """The fraction of the studies that have the commonest text."""
        return self.commonest / self.texts

    def has_collapsed(self, references: "Diversity") -> bool:
        """Whether these drafts are a template beside the references of the same studies."""
        if self.texts < FEWEST:
            return False
        fewer = COLLAPSED * self.distinct <= references.distinct
        return fewer or self.commonest_fraction >= max(OFTEN, COLLAPSED * references.commonest_fraction)


def measure_diversity(texts: Sequence[str]) -> Diversity:
    """The diversity of one text or more."""
    counts = Counter(hash(fold_text(text)) for text in texts)
    words = sum(len(text.split()) for text in texts)
    empty = sum(not text.strip() for text in texts)
    return Diversity(len(texts), len(counts), max(counts.values()), empty, words / len(texts))
