"""What the bundled model makes of drawn films whose truth is known: trials that no real film allows.

    named         the same chest without and with one finding: only the second draft names it
    side          of the drafts that name a finding's side, those that name the right one
    hint          a hinted finding is in the draft, with the side and the degree that the hint says
    beside_hint   with a hint of one finding, another one that the film has is still named as without the hint
    contradicted  a hinted finding that the film lacks is denied
    course        with a prior film: new, resolved, larger, smaller and unchanged are said where they are true
    no_prior      without a prior film nothing is compared
    nothing       noise and blank films: drafts that affirm a finding, or call the chest normal

Every trial gives how many of how many. The phantoms are of seeds that no part was trained on.
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
from clinicalblip.labeler import observations
from clinicalblip.labeler.laterality import lateralities
from clinicalblip.progress import track
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext
from research.mini.hints import hint_of
from research.mini.judge import NEW_TOKENS, draft
from research.mini.phantoms import earlier_film
from research.mini.sentences import split_sentences
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import OBSERVATION, Finding, Kind, Phantom
from research.phantom.draw import draw
from research.phantom.pairs import with_and_without
from research.phantom.phrases import DEGREES
from research.phantom.report import Change, changes, describe

FIRST_SEED: Final = 20_000_000
"""Training draws phantoms 0 and up, Phantom-IU from ten million on; neither as many."""

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
_DENIED: Final = re.compile(r"\b(?:no|not|without|free of)\b", re.IGNORECASE)
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
    """So many of so many."""

    of: int
    right: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.of:
            raise ValueError(f"{self.right} of {self.of} cannot be")


Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Trials:
    """Drafts drawn films with a model and counts what is right."""

    base: Base
    model: Any
    each: int = 30
    tokens: int = NEW_TOKENS
    seed: int = FIRST_SEED

    def everything(self) -> dict[str, dict[str, dict[str, int]]]:
        """Every trial: by its name, by what was tried in it, how many of how many."""
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
        """A draft of each film, with a hint each."""
        given = [ClinicalContext(hints=hint) for hint in hints or [""] * len(phantoms)]
        return self._draft([[self.picture(phantom)] for phantom in phantoms], given)

    def _draft(self, films: Sequence[Sequence[Picture]], contexts: Sequence[ClinicalContext]) -> list[str]:
        return draft(self.base, self.model, films, contexts, self.tokens)

    def named(self) -> dict[str, Count]:
        """For each kind: pairs of the same chest without and with it, of which only the second draft names it."""
        found = {}
        for kind, drafted in self._pair_drafts.items():
            right = sum(names(after, kind) and not names(before, kind) for _, before, after in drafted)
            found[kind.value] = Count(len(drafted), right)
        return found

    def side(self) -> Count:
        """Of the drafts that give a one-sided finding a side, those with the right one."""
        said = right = 0
        for kind, drafted in self._pair_drafts.items():
            for phantom, _, text in drafted:
                finding = _finding(phantom, kind)
                if len(finding.signs) == 1:
                    sides = sides_of(text, kind)
                    said += bool(sides)
                    right += sides == {finding.side}
        return Count(said, right)

    def hint(self) -> Count:
        """True hints of findings that have a side: the draft names the finding, that side, and the hint's degree."""
        phantoms, hints, kinds = self._hinted
        right = 0
        for phantom, hint, kind, text in zip(phantoms, hints, kinds, self._hinted_drafts, strict=True):
            degree = next((word for word in DEGREES.get(kind, ()) if word in hint.split()), "")
            said = " ".join(_saying(text, kind)).lower()
            right += _finding(phantom, kind).side in sides_of(text, kind) and degree in said
        return Count(len(phantoms), right)

    def beside_hint(self) -> Count:
        """Findings that the draft names without a hint and that stay named when another finding is hinted."""
        phantoms, _, kinds = self._hinted
        of = right = 0
        for phantom, kind, before, after in zip(
            phantoms, kinds, self.drafts(phantoms), self._hinted_drafts, strict=True
        ):
            others = [f.kind for f in phantom.in_order if f.kind is not kind and names(before, f.kind)]
            of += len(others)
            right += sum(names(after, other) for other in others)
        return Count(of, right)

    def contradicted(self) -> Count:
        """Hints of a finding that the film lacks: drafts that do not affirm it, and say a word against it."""
        phantoms, hints, kinds = [], [], []
        for phantom, random in self._some(61):
            kind = list(Kind)[int(random.integers(9))]
            if phantom.finding(kind) is None:
                phantoms.append(phantom)
                hints.append(hint_of(random_finding(kind, random), random))
                kinds.append(kind)
        drafts = self.drafts(phantoms, hints)
        return Count(len(drafts), sum(denies(text, kind) for kind, text in zip(kinds, drafts, strict=True)))

    def course(self) -> dict[str, Count]:
        """With the prior film and report: drafts that say what happened, by what happened."""
        found: dict[Change, list[bool]] = {change: [] for change in _COMPARED}
        pairs = [(p, earlier_film(p, random), random) for p, random in self._some(71, 6 * self.each)]
        changed = [(now, before, random, course(now, before)) for now, before, random in pairs]
        chosen = [(now, before, random, what) for now, before, random, what in changed if what]
        texts = self._draft(
            [[self.picture(now), self.picture(before)] for now, before, _, _ in chosen],
            [ClinicalContext(prior_report=describe(before, random).text) for _, before, random, _ in chosen],
        )
        for (_, _, _, what), text in zip(chosen, texts, strict=True):
            found[what].append(bool(re.search(_COMPARED[what], text, re.IGNORECASE)))
        return {change.value: Count(len(each), sum(each)) for change, each in found.items()}

    def no_prior(self) -> Count:
        """Films given alone: drafts that compare with nothing."""
        drafts = self.drafts([phantom for phantom, _ in self._some(81)])
        return Count(len(drafts), sum(not _ANY_COMPARISON.search(text) for text in drafts))

    def nothing(self) -> dict[str, Count]:
        """Noise and blank films: drafts without any affirmed finding."""
        random = np.random.default_rng(self.seed)
        size = self.base.image_size
        films = {
            "noise": [random.random((size, size), dtype=np.float32) for _ in range(self.each)],
            "blank": [np.full((size, size), n / self.each, dtype=np.float32) for n in range(self.each)],
        }
        found = {}
        for name, pictures in films.items():
            texts = self._draft([[each] for each in pictures], [ClinicalContext()] * len(pictures))
            found[name] = Count(len(texts), sum(not _affirmed(text) for text in texts))
        return found

    def _some(self, stream: int, number: int | None = None) -> Iterator[tuple[Phantom, np.random.Generator]]:
        for n in range(number or 4 * self.each):
            seed = self.seed + stream * 100_000 + n
            yield random_phantom(seed), np.random.default_rng((seed, 3))

    def _pairs(self, kind: Kind) -> Iterator[tuple[Phantom, Phantom]]:
        made = 0
        for number in range(100 * self.each):
            seed = self.seed + list(Kind).index(kind) * 1_000 + number
            random = np.random.default_rng((seed, 2))
            try:
                pair = with_and_without(random_phantom(seed), random_finding(kind, random))
            except ValueError:  # the one would hide the other
                continue
            yield pair.first, pair.second
            made += 1
            if made == self.each:
                return

    @cached_property
    def _pair_drafts(self) -> dict[Kind, list[tuple[Phantom, str, str]]]:
        """By kind, the chest that has it, and the drafts of the same chest without and with it."""
        found = {}
        for kind in track(Kind, "trials, kinds", total=len(Kind)):
            without, having = zip(*self._pairs(kind), strict=True)
            found[kind] = list(zip(having, self.drafts(without), self.drafts(having), strict=True))
        return found

    @cached_property
    def _hinted_drafts(self) -> list[str]:
        phantoms, hints, _ = self._hinted
        return self.drafts(phantoms, hints)

    @cached_property
    def _hinted(self) -> tuple[list[Phantom], list[str], list[Kind]]:
        """Films with a one-sided finding that a hint names."""
        phantoms, hints, kinds = [], [], []
        for phantom, random in self._some(51):
            for finding in phantom.in_order[:1]:
                if len(finding.signs) == 1:
                    phantoms.append(phantom)
                    hints.append(hint_of(finding, random))
                    kinds.append(finding.kind)
        return phantoms, hints, kinds


def course(now: Phantom, before: Phantom) -> Change | None:
    """What happened between two films, where one thing did; None where several did, or nothing is there to compare."""
    happened = [change for change in changes(now, before).values() if change is not Change.UNCHANGED]
    if not happened:
        return Change.UNCHANGED if now.findings else None
    return happened[0] if len(happened) == 1 else None


def names(text: str, kind: Kind) -> bool:
    """Whether a draft affirms a finding of this kind."""
    return any(True for _ in _saying(text, kind))


def denies(text: str, kind: Kind) -> bool:
    """Whether a draft says that there is no finding of this kind, and nowhere that there is."""
    if observation := _observation(kind):
        return observations(text).get(observation) is Certainty.ABSENT
    spoken_of = [sentence for sentence in split_sentences(text) if _speaks_of(sentence, kind)]
    return bool(spoken_of) and all(_DENIED.search(sentence) for sentence in spoken_of)


def sides_of(text: str, kind: Kind) -> set[str]:
    """The sides on which a draft says that a finding of this kind is."""
    if observation := _observation(kind):
        return {side.value for side in lateralities(text).get(observation, ())}
    return {side for sentence in _saying(text, kind) for side in _SIDES.findall(sentence.lower())}


def _saying(text: str, kind: Kind) -> Iterator[str]:
    observation = _observation(kind)
    for sentence in split_sentences(text):
        if observation is not None:
            if observations(sentence).get(observation) is Certainty.PRESENT:
                yield sentence
        elif _speaks_of(sentence, kind) and not _DENIED.search(sentence):
            yield sentence


def _speaks_of(sentence: str, kind: Kind) -> bool:
    return bool(re.search(rf"\b(?:{_WORDS[kind]})\b", sentence, re.IGNORECASE))


def _observation(kind: Kind) -> Observation | None:
    """The observation that stands for this kind alone; devices share one, so their words are looked for."""
    return None if kind in _WORDS else OBSERVATION[kind]


def _finding(phantom: Phantom, kind: Kind) -> Finding:
    finding = phantom.finding(kind)
    if finding is None:
        raise ValueError(f"the phantom has no {kind}")
    return finding


def _affirmed(text: str) -> bool:
    said = observations(text)
    return any(how is Certainty.PRESENT for what, how in said.items() if what is not Observation.NO_FINDING)
