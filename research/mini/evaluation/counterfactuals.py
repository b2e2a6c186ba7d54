"""Drafts of drawn films whose truth is known: experiments that no real film allows.

    named         the same chest without and with one finding: only the second draft affirms it
    side          of the drafts that give a finding a side, those with the right one
    no_prior      without a prior film nothing is compared
    nothing       noise and blank films: drafts that affirm no finding

Each gives how many drafts are right of how many. No part of the model was trained on these phantoms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from clinicalblip.progress import track
from research.mini.evaluation.comparisons import said_changes
from research.mini.evaluation.drafting import Drafter
from research.mini.reports.draft_findings import affirms, affirms_any, sides_of
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import Finding, Kind, Phantom
from research.phantom.draw import draw
from research.phantom.pairs import with_and_without

FIRST_SEED: Final = 20_000_000
"""The training films are phantoms from 0 on, Phantom-IU's from ten million on; neither reaches this seed."""


@dataclass(frozen=True)
class Count:
    """How many drafts, `right`, are right of how many, `of`."""

    of: int
    right: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.of:
            raise ValueError(f"{self.right} of {self.of} cannot be")


@dataclass(frozen=True)
class Counterfactuals:
    """Drafts `each` drawn films, or a multiple, in each experiment, and counts the drafts that are right."""

    drafter: Drafter
    each: int = 30
    seed: int = FIRST_SEED

    def run_all(self) -> dict[str, dict[str, dict[str, int]]]:
        """The counts of every experiment: by its name and by what is varied in it."""
        found = {
            "named": self.named(),
            "side": {"": self.side()},
            "no_prior": {"": self.no_prior()},
            "nothing": self.nothing(),
        }
        return {
            name: {what: {"of": count.of, "right": count.right} for what, count in counts.items()}
            for name, counts in found.items()
        }

    def drafts(self, phantoms: Sequence[Phantom]) -> list[str]:
        """The drafts of these phantoms' frontal films at the model's size."""
        size = self.drafter.base.image_size
        return self.drafter.draft([[draw(phantom, size).image] for phantom in phantoms])

    def named(self) -> dict[str, Count]:
        """By kind: pairs of the same chest without and with it, of which only the second draft affirms it."""
        found = {}
        for kind, drafted in self._pair_drafts.items():
            right = sum(affirms(after, kind) and not affirms(before, kind) for _, before, after in drafted)
            found[kind.value] = Count(len(drafted), right)
        return found

    def side(self) -> Count:
        """Of the drafts that give a one-sided finding a side, those with the right one."""
        sided = right = 0
        for kind, drafted in self._pair_drafts.items():
            for phantom, _, text in drafted:
                finding = _finding(phantom, kind)
                if len(finding.signs) == 1:
                    sides = sides_of(text, kind)
                    sided += bool(sides)
                    right += sides == {finding.side}
        return Count(sided, right)

    def no_prior(self) -> Count:
        """Films without a prior film: drafts that compare nothing."""
        drafts = self.drafts(list(self._phantoms(81)))
        return Count(len(drafts), sum(not said_changes(text) for text in drafts))

    def nothing(self) -> dict[str, Count]:
        """Noise and blank films: drafts that affirm no finding."""
        rng = np.random.default_rng(self.seed)
        size = self.drafter.base.image_size
        films = {
            "noise": [rng.random((size, size), dtype=np.float32) for _ in range(self.each)],
            "blank": [np.full((size, size), n / self.each, dtype=np.float32) for n in range(self.each)],
        }
        found = {}
        for name, pictures in films.items():
            texts = self.drafter.draft([[each] for each in pictures])
            found[name] = Count(len(texts), sum(not affirms_any(text) for text in texts))
        return found

    def _phantoms(self, stream: int) -> Iterator[Phantom]:
        for n in range(4 * self.each):
            yield random_phantom(self.seed + stream * 100_000 + n)

    def _pairs(self, kind: Kind) -> Iterator[tuple[Phantom, Phantom]]:
        made = 0
        for number in range(100 * self.each):
            seed = self.seed + list(Kind).index(kind) * 1_000 + number
            rng = np.random.default_rng((seed, 2))
            try:
                pair = with_and_without(random_phantom(seed), random_finding(kind, rng))
            except ValueError:  # the one would hide the other
                continue
            yield pair.first, pair.second
            made += 1
            if made == self.each:
                return

    @cached_property
    def _pair_drafts(self) -> dict[Kind, list[tuple[Phantom, str, str]]]:
        """By kind: the phantom that has it, and the drafts of the same chest without and with it."""
        found = {}
        for kind in track(Kind, "counterfactuals, kinds", total=len(Kind)):
            without, having = zip(*self._pairs(kind), strict=True)
            found[kind] = list(zip(having, self.drafts(without), self.drafts(having), strict=True))
        return found


def _finding(phantom: Phantom, kind: Kind) -> Finding:
    finding = phantom.finding(kind)
    if finding is None:
        raise ValueError(f"the phantom has no {kind}")
    return finding
