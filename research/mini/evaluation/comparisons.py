"""What drafts say of a prior film: drawn pairs in which one finding is new, resolved, larger or smaller, or none is.

A draft is right where it says the change that happened and none that did not; "unchanged" may stand beside another
change, for other findings have not changed. So a report that lists every change is never right. The prior film and its
report are given. The constant report says that nothing has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from clinicalblip.progress import track
from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation.drafting import Drafter
from research.phantom.choosing import random_phantom
from research.phantom.description import Phantom
from research.phantom.draw import draw
from research.phantom.pairs import before_and_now
from research.phantom.reports.report import Change, changes, describe

FIRST_SEED: Final = 21_000_000
"""No part of the model was trained on phantoms from here on."""

_SAID: Final = {
    Change.NEW: r"\bnew(?:ly)?\b|interval development|not there before|\bha(?:s|ve) developed\b",
    Change.LARGER: r"\b(?:larger|increase\w*|worse\w*|progress\w+|grown|bigger)\b",
    Change.SMALLER: r"\b(?:smaller|decrease\w*|improv\w+|reduc\w+)\b",
    Change.UNCHANGED: r"\b(?:unchanged|stable|as before|no (?:interval |significant )?change)\b",
    Change.RESOLVED: r"\b(?:no longer|no remaining|no residual|resol\w+|removed|cleared|disappeared|any ?more)\b",
}
_DENIED: Final = re.compile(r"\b(?:no|without) (?:new|increase\w*|decrease\w*|worsening|improvement|larger|smaller)\b")
CONSTANT: Final = "The findings are unchanged."


@dataclass(frozen=True)
class Comparison:
    """Two films of one person, and what happened between them."""

    before: Phantom
    now: Phantom
    change: Change


def said_changes(text: str) -> set[Change]:
    """The changes that a draft says."""
    lowered = _DENIED.sub(" ", text.lower())
    return {change for change, words in _SAID.items() if re.search(words, lowered)}


def is_right(text: str, change: Change) -> bool:
    """Whether a draft says this change and, "unchanged" apart, no other."""
    said = said_changes(text)
    return change in said and said <= {change, Change.UNCHANGED}


def draw_comparisons(each: int) -> Iterator[Comparison]:
    """Yield `each` pairs of every change, from seeds of their own."""
    for number, change in enumerate(Change):
        made = 0
        for seed in range(FIRST_SEED + number * 100_000, FIRST_SEED + (number + 1) * 100_000):
            now = random_phantom(seed)
            try:
                pair = before_and_now(now, change, np.random.default_rng((seed, 11)))
            except ValueError:  # nothing on this film can have changed so
                continue
            happened = set(changes(pair.second, pair.first).values())
            if happened and happened - {Change.UNCHANGED} == {change} - {Change.UNCHANGED}:
                yield Comparison(pair.first, pair.second, change)
                made += 1
            if made == each:
                break


def evaluate_comparisons(drafter: Drafter, each: int) -> dict[str, dict[str, int]]:
    """Draft `each` pairs of every change; by the change how many drafts are right of how many."""
    pairs = list(draw_comparisons(each))
    size = drafter.base.image_size
    films = [
        [draw(pair.now, size).image, draw(pair.before, size).image]
        for pair in track(pairs, "drawn pairs", total=len(pairs))
    ]
    contexts = [
        ClinicalContext(prior_report=describe(pair.before, np.random.default_rng((pair.before.seed, 13))).text)
        for pair in pairs
    ]
    drafts = drafter.draft(films, contexts, "drafts of pairs")
    found = {change.value: {"of": 0, "right": 0, "constant": 0} for change in Change}
    for pair, text in zip(pairs, drafts, strict=True):
        count = found[pair.change.value]
        count["of"] += 1
        count["right"] += is_right(text, pair.change)
        count["constant"] += is_right(CONSTANT, pair.change)
    return found
