"""The mentions of a text: each place where a finding is spoken of, with all that is said of it there.

Everything else that the labeler says of a text is made of these.
"""

from collections.abc import Iterator

from clinicalblip.labeler.attributes.reading import Attributes, find_attributes
from clinicalblip.labeler.context import read_context
from clinicalblip.labeler.devices import DEVICES, join_names, name_no_other
from clinicalblip.labeler.lexicon import find_phrases
from clinicalblip.labeler.scope import Phrase, certainties
from clinicalblip.labeler.statements import read_sentences
from clinicalblip.radiology.finding import MIDLINE, Change, Finding, Laterality, Mention, Sentence
from clinicalblip.radiology.observation import Certainty, Observation


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a report, or of one section of it, that speak of the film, each with its mentions.

    Offsets are those of `text` as it is given. Of a whole report the indication, history, technique and comparison are
    passed over. `No Finding` is said of a text, and is no mention.
    """
    return tuple(sentence for sentence, _, _ in read(text))


def mentions(text: str) -> tuple[Mention, ...]:
    """The mentions of a text in its order, as `sentences` has them."""
    return tuple(mention for sentence in sentences(text) for mention in sentence.mentions)


def read(text: str) -> Iterator[tuple[Sentence, bool, str]]:
    """Yield each sentence, whether it calls anything but a device abnormal, and its words as they are read."""
    last: Phrase | None = None
    device_before = False
    for number, stated in enumerate(read_sentences(text)):
        words = stated.words.text
        phrases = join_names(words, find_phrases(words, last))
        if not phrases:
            last, device_before = None, False
            yield Sentence(stated.start, stated.end), False, words
            continue
        context = read_context(stated)
        said = [context.change_certainty(each) for each in certainties(words, phrases)]
        abnormal = any(
            certainty not in (None, Certainty.ABSENT) and phrase.observations != DEVICES
            for phrase, certainty in zip(phrases, said, strict=True)
        )
        attributes = find_attributes(words, phrases)
        sides = [frozenset[Laterality]().union(*(each.sides for each in of_phrase)) for of_phrase in attributes]
        others = name_no_other(words, phrases, said, sides, device_before)
        found = [
            Mention(max(start, stated.start), end, number, _finding(name, certainty, context.add_to(each)))
            for each_number, (phrase, certainty) in enumerate(zip(phrases, said, strict=True))
            if certainty is not None and each_number not in others
            for name in phrase.observations
            for each in attributes[each_number]
            for start, end in [stated.words.span(*each.span)]
        ]
        yield Sentence(stated.start, stated.end, tuple(_without_doubles(found))), abnormal, words
        last = phrases[-1]
        device_before = any(phrase.observations == DEVICES for phrase in phrases)


def _finding(name: Observation, certainty: Certainty, said: Attributes) -> Finding:
    placed = name not in MIDLINE
    # What is there has not resolved, and what is not there has not stayed as it was; "clearing of" says either.
    absent = certainty is Certainty.ABSENT
    impossible = said.change is (Change.UNCHANGED if absent else Change.RESOLVED)
    cleared = absent and said.change is Change.SMALLER
    return Finding(
        name,
        certainty,
        said.sides if placed else frozenset(),
        said.zones if placed else frozenset(),
        said.degree,
        None if impossible else Change.RESOLVED if cleared else said.change,
    )


def _without_doubles(found: list[Mention]) -> list[Mention]:
    """The mentions in order; of two that give the same words the same name the stronger one, then the longer one."""
    kept: list[Mention] = []
    last: dict[Observation, int] = {}
    for mention in sorted(found, key=lambda each: (each.start, each.end)):
        name = mention.finding.observation
        at = last.get(name)
        if at is not None and mention.start < kept[at].end:
            kept[at] = max(kept[at], mention, key=_weight)
        else:
            last[name] = len(kept)
            kept.append(mention)
    return sorted(kept, key=lambda each: (each.start, each.end))


def _weight(mention: Mention) -> tuple[bool, bool, int]:
    certainty = mention.finding.certainty
    return certainty is Certainty.PRESENT, certainty is Certainty.UNCERTAIN, mention.end - mention.start
