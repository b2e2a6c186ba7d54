"""Drafts of drawn films whose truth is known: experiments that no real film allows.

    named         the same chest without and with one finding: only the second draft affirms it
    side          of the drafts that give a finding a side, those with the right one
    hint          a hinted finding is in the draft, with the side and the degree of the hint
    beside_hint   with a hint of one finding, another finding of the film is still affirmed as without the hint
    contradicted  a hinted finding that the film lacks is denied
    course        with a prior film: new, resolved, larger, smaller and unchanged are said where they are true
    no_prior      without a prior film nothing is compared
    nothing       noise and blank films: drafts that affirm no finding

Each gives how many drafts are right of how many. No part of the model was trained on these phantoms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.base import Base
from clinicalblip.progress import track
from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation.evaluate_drafts import MAX_NEW_TOKENS, draft
from research.mini.films.prior_films import earlier_film
from research.mini.reports.draft_findings import affirms, affirms_any, denies, sentences_affirming, sides_of
from research.mini.reports.hints import hint_of
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import Finding, Kind, Phantom
from research.phantom.draw import draw
from research.phantom.pairs import with_and_without
from research.phantom.reports.phrases import DEGREES
from research.phantom.reports.report import Change, changes, describe

FIRST_SEED: Final = 20_000_000
"""The training films are phantoms from 0 on, Phantom-IU's from ten million on; neither reaches this seed."""


_COMPARED: Final = {
    Change.NEW: r"\bnew(?:ly)?\b|interval development|not there before",
    Change.LARGER: r"\b(?:larger|increase\w*|worse\w*|progress\w+)\b",
    Change.SMALLER: r"\b(?:smaller|decrease\w*|improv\w+)\b",
    Change.UNCHANGED: r"\b(?:unchanged|stable|no (?:interval )?change)\b",
    Change.RESOLVED: r"\b(?:no longer|no remaining|no residual|resol\w+|removed)\b",
}
_ANY_COMPARISON: Final = re.compile("|".join(_COMPARED.values()), re.IGNORECASE)


@dataclass(frozen=True)
class Count:
    """How many drafts, `right`, are right of how many, `of`."""

    of: int
    right: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.of:
            raise ValueError(f"{self.right} of {self.of} cannot be")


Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Counterfactuals:
    """Drafts `each` drawn films, or a multiple, in each experiment, and counts the drafts that are right."""

    base: Base
    model: Any
    each: int = 30
    tokens: int = MAX_NEW_TOKENS
    seed: int = FIRST_SEED

    def run_all(self) -> dict[str, dict[str, dict[str, int]]]:
        """The counts of every experiment: by its name and by what is varied in it."""
        found = {
            "named": self.named(),
            "side": {"": self.side()},
            "hint": {"": self.hint()},
            "beside_hint": {"": self.beside_hint()},
            "contradicted": {"": self.contradicted()},
            "course": self.course(),
            "no_prior": {"": self.no_prior()},
            "nothing": self.nothing(),
        }
        return {
            name: {what: {"of": count.of, "right": count.right} for what, count in counts.items()}
            for name, counts in found.items()
        }

    def picture(self, phantom: Phantom) -> Picture:
        """The phantom's frontal film at the model's size."""
        return draw(phantom, self.base.image_size).image

    def drafts(self, phantoms: Sequence[Phantom], hints: Sequence[str] | None = None) -> list[str]:
        """The drafts of these phantoms' films, each with its hint where there are hints."""
        contexts = [ClinicalContext(hints=hint) for hint in hints or [""] * len(phantoms)]
        return self._draft([[self.picture(phantom)] for phantom in phantoms], contexts)

    def _draft(self, films: Sequence[Sequence[Picture]], contexts: Sequence[ClinicalContext]) -> list[str]:
        return draft(self.base, self.model, films, contexts, self.tokens)

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

    def hint(self) -> Count:
        """True hints of one-sided findings: the draft affirms the finding with that side and the hint's degree."""
        phantoms, hints, kinds = self._hinted
        right = 0
        for phantom, hint, kind, text in zip(phantoms, hints, kinds, self._hinted_drafts, strict=True):
            degree = next((word for word in DEGREES.get(kind, ()) if word in hint.split()), "")
            affirmed = " ".join(sentences_affirming(text, kind)).lower()
            right += _finding(phantom, kind).side in sides_of(text, kind) and degree in affirmed
        return Count(len(phantoms), right)

    def beside_hint(self) -> Count:
        """Findings that a draft affirms without a hint, and still affirms when another finding is hinted."""
        phantoms, _, kinds = self._hinted
        of = right = 0
        for phantom, kind, before, after in zip(
            phantoms, kinds, self.drafts(phantoms), self._hinted_drafts, strict=True
        ):
            others = [f.kind for f in phantom.in_order if f.kind is not kind and affirms(before, f.kind)]
            of += len(others)
            right += sum(affirms(after, other) for other in others)
        return Count(of, right)

    def contradicted(self) -> Count:
        """Hints of a finding that the film lacks: drafts that deny it."""
        phantoms, hints, kinds = [], [], []
        for phantom, rng in self._phantoms(61):
            kind = list(Kind)[int(rng.integers(9))]
            if phantom.finding(kind) is None:
                phantoms.append(phantom)
                hints.append(hint_of(random_finding(kind, rng), rng))
                kinds.append(kind)
        drafts = self.drafts(phantoms, hints)
        return Count(len(drafts), sum(denies(text, kind) for kind, text in zip(kinds, drafts, strict=True)))

    def course(self) -> dict[str, Count]:
        """With the prior film and report: drafts that say what has changed, by the kind of change."""
        found: dict[Change, list[bool]] = {change: [] for change in _COMPARED}
        pairs = [(p, earlier_film(p, rng), rng) for p, rng in self._phantoms(71, 6 * self.each)]
        courses = [(now, before, rng, course(now, before)) for now, before, rng in pairs]
        chosen = [(now, before, rng, what) for now, before, rng, what in courses if what]
        texts = self._draft(
            [[self.picture(now), self.picture(before)] for now, before, _, _ in chosen],
            [ClinicalContext(prior_report=describe(before, rng).text) for _, before, rng, _ in chosen],
        )
        for (_, _, _, what), text in zip(chosen, texts, strict=True):
            found[what].append(bool(re.search(_COMPARED[what], text, re.IGNORECASE)))
        return {change.value: Count(len(each), sum(each)) for change, each in found.items()}

    def no_prior(self) -> Count:
        """Films without a prior film: drafts that compare nothing."""
        drafts = self.drafts([phantom for phantom, _ in self._phantoms(81)])
        return Count(len(drafts), sum(not _ANY_COMPARISON.search(text) for text in drafts))

    def nothing(self) -> dict[str, Count]:
        """Noise and blank films: drafts that affirm no finding."""
        rng = np.random.default_rng(self.seed)
        size = self.base.image_size
        films = {
            "noise": [rng.random((size, size), dtype=np.float32) for _ in range(self.each)],
            "blank": [np.full((size, size), n / self.each, dtype=np.float32) for n in range(self.each)],
        }
        found = {}
        for name, pictures in films.items():
            texts = self._draft([[each] for each in pictures], [ClinicalContext()] * len(pictures))
            found[name] = Count(len(texts), sum(not affirms_any(text) for text in texts))
        return found

    def _phantoms(self, stream: int, number: int | None = None) -> Iterator[tuple[Phantom, np.random.Generator]]:
        for n in range(number or 4 * self.each):
            seed = self.seed + stream * 100_000 + n
            yield random_phantom(seed), np.random.default_rng((seed, 3))

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

    @cached_property
    def _hinted_drafts(self) -> list[str]:
        phantoms, hints, _ = self._hinted
        return self.drafts(phantoms, hints)

    @cached_property
    def _hinted(self) -> tuple[list[Phantom], list[str], list[Kind]]:
        """Phantoms whose first finding is one-sided, a hint of that finding, and its kind."""
        phantoms, hints, kinds = [], [], []
        for phantom, rng in self._phantoms(51):
            for finding in phantom.in_order[:1]:
                if len(finding.signs) == 1:
                    phantoms.append(phantom)
                    hints.append(hint_of(finding, rng))
                    kinds.append(finding.kind)
        return phantoms, hints, kinds


def course(now: Phantom, before: Phantom) -> Change | None:
    """The change between two films, where there is one; None where there are several, or no finding to compare."""
    changed = [change for change in changes(now, before).values() if change is not Change.UNCHANGED]
    if not changed:
        return Change.UNCHANGED if now.findings else None
    return changed[0] if len(changed) == 1 else None


def _finding(phantom: Phantom, kind: Kind) -> Finding:
    finding = phantom.finding(kind)
    if finding is None:
        raise ValueError(f"the phantom has no {kind}")
    return finding
