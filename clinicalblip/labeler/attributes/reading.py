"""What is said of each finding of a sentence, once every word is given to one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinicalblip.labeler.attributes.places import assign_places, join_places
from clinicalblip.labeler.attributes.predicates import assign_predicates
from clinicalblip.labeler.attributes.sharing import share_attributes
from clinicalblip.labeler.attributes.targets import (
    NAMES,
    Statement,
    Target,
    Words,
    find_targets,
    give_own_words,
    mask_attributes,
    split_statements,
)
from clinicalblip.labeler.attributes.words import ATTRIBUTES, AttributeWord, Kind, find_attribute_words
from clinicalblip.labeler.scope import Phrase
from clinicalblip.radiology.finding import Change, Degree, Laterality, Zone


@dataclass(frozen=True)
class Attributes:
    """What is said of a finding, and where in the sentence the words stand that name it."""

    span: tuple[int, int]
    sides: frozenset[Laterality]
    zones: frozenset[Zone]
    degree: Degree | None
    change: Change | None


def find_attributes(sentence: str, phrases: Sequence[Phrase]) -> list[tuple[Attributes, ...]]:
    """For each phrase what is said of it: once, or twice where one name stands for two findings.

    `sentence` is the words of a `statements.StatedSentence`; `phrases` are in its order.
    """
    targets = find_targets(sentence, phrases)
    words = give_own_words(targets, phrases, find_attribute_words(sentence))
    masked = mask_attributes(sentence, words)
    before: Statement | None = None
    for statement in split_statements(sentence, targets, words):
        for kind in ATTRIBUTES:
            said = list(join_places(sentence, [word for word in statement.words if word.kind is kind]))
            if kind is Kind.PLACE and not statement.findings and statement.opened_by == "not" and before:
                for each in said if before.findings else ():  # "pneumonia is not excluded at the left base"
                    each.add_to(before.findings[-1].behind)
            elif kind is Kind.PLACE:
                assign_places(sentence, statement.findings, said)
            else:
                assign_predicates(masked, statement, said, before)
        share_attributes(sentence, masked, statement.findings)
        before = statement
    found: list[tuple[Attributes, ...]] = [()] * len(phrases)
    for target in targets:
        for number in target.phrases:
            found[number] = tuple(_read(target, phrases[number]))
    return found


def _read(target: Target, phrase: Phrase) -> Iterator[Attributes]:
    """What is said of a finding, once, or for each side where both have a degree or a change of their own."""
    for words in (target.before, target.behind):
        parts = list(_parts(words))
        if len(parts) > 1 and _are_two(parts) and not (words is target.behind and _only_places(parts)):
            own = [word for word in _in_order(target.before) if words is target.behind and not word.sides]
            if words is target.before and not all(any(word.kind is not Kind.PLACE for word in part) for part in parts):
                own = [
                    word for word in parts[0] if word.kind is not Kind.PLACE
                ]  # "worse right upper and left lower ..."
            for number, part in enumerate(parts):
                start, end = part[0].start, part[-1].end
                if words is target.before and number == len(parts) - 1:
                    end = phrase.end
                if words is target.behind and number == 0:
                    start = phrase.start
                yield _summed((start, end), [*part, *own])
            return
    yield _summed(phrase.span, [*_in_order(target.before), *_in_order(target.behind)])


def _in_order(words: Words) -> list[AttributeWord]:
    """Every word once, as in the sentence."""
    return sorted({word for name in NAMES for word in words[name]}, key=lambda word: (word.start, not word.sides))


def _parts(words: Words) -> Iterator[list[AttributeWord]]:
    """The words cut where a side, a degree or a change comes again."""
    part: list[AttributeWord] = []
    for word in _in_order(words):
        if any(
            getattr(word, name) and getattr(other, name) for other in part for name in ("sides", "degree", "change")
        ):
            yield part
            part = []
        part.append(word)
    yield part


def _only_places(parts: Sequence[Sequence[AttributeWord]]) -> bool:
    return all(word.kind is Kind.PLACE for part in parts for word in part)


def _are_two(parts: Sequence[Sequence[AttributeWord]]) -> bool:
    """Whether each part has a side of its own, and each a degree or a change, or each a zone."""
    sides = [frozenset[Laterality]().union(*(word.sides for word in part)) for part in parts]
    own = [any(word.kind is not Kind.PLACE for word in part) for part in parts]
    zones = [any(word.zones for word in part) for part in parts]
    return all(len(side) == 1 for side in sides) and len(set(sides)) == len(sides) and (all(own) or all(zones))


def _summed(span: tuple[int, int], words: Sequence[AttributeWord]) -> Attributes:
    degrees = [word.degree for word in words if word.degree]
    changes = [word.change for word in words if word.change]
    telling = [change for change in changes if change is not Change.UNCHANGED]  # "persistent but smaller"
    return Attributes(
        span,
        frozenset().union(*(word.sides for word in words)),
        frozenset().union(*(word.zones for word in words)),
        next(iter(degrees), None),
        next(iter([*telling, *changes]), None),
    )
