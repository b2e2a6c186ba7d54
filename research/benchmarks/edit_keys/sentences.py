"""Sentence keys: the fewest presses of J, X and E, and typing where a sentence says something else.

J goes on to the next sentence of the draft, the first one from nowhere. X drops it. E marks it in the box: what is
typed takes its place, or Left or Right puts the cursor at its start or end, to type freely. Esc leaves the box.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from research.benchmarks.edit_keys.typing import Step, keys_to_type, reaches, type_freely

_SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)|\S.*$", re.DOTALL)


class Fate(NamedTuple):
    """What is done at a sentence of the draft: "keep", "drop" or "edit" into `text`, which may be several sentences."""

    does: str
    text: str = ""


def split(text: str) -> tuple[str, ...]:
    """The sentences of a text, which joined by spaces are the text."""
    return tuple(match.group().strip() for match in _SENTENCE.finditer(text))


def by_sentences(before: Sequence[str], after: Sequence[str]) -> tuple[int, tuple[Fate, ...]]:
    """The fewest keys from the draft's sentences to the report's, and what is done at each, up to the last touched.

    A draft without a sentence is typed.
    """
    old, new = tuple(before), tuple(after)
    if not old:
        return keys_to_type(" ".join(new)), (Fate("edit", " ".join(new)),)

    @cache
    def best(i: int, k: int) -> tuple[int, tuple[str, int, str]]:
        if old[i:] == new[k:]:
            return 0, ("end", k, "")
        if i == len(old):
            return 10**9, ("never", k, "")
        found = [(2 + best(i + 1, k)[0], ("drop", k, ""))]
        if k < len(new) and old[i] == new[k]:
            found.append((1 + best(i + 1, k + 1)[0], ("keep", k + 1, "")))
        for end in range(k + 1, len(new) + 1):
            text = " ".join(new[k:end])
            found.append((3 + _keys_to_edit(old[i], text) + best(i + 1, end)[0], ("edit", end, text)))
        return min(found)

    fates: list[Fate] = []
    i = k = 0
    while best(i, k)[1][0] != "end":
        does, k, text = best(i, k)[1]
        fates.append(Fate(does, text))
        i += 1
    return best(0, 0)[0], tuple(fates)


@cache
def _keys_to_edit(sentence: str, text: str) -> int:
    """Within a sentence that is marked: all of it typed over, or typed freely from its start or at its end."""
    ways = [keys_to_type(text), 1 + type_freely(sentence, text)[0]]
    if text.startswith(sentence):
        ways.append(1 + keys_to_type(text.removeprefix(sentence)))
    return min(ways)


def is_reached(before: Sequence[str], after: Sequence[str], fates: Sequence[Fate]) -> bool:
    """Whether these steps in fact turn the draft's sentences into the report's."""
    written = [each for sentence, fate in zip(before, fates, strict=False) for each in _written(sentence, fate)]
    written += before[len(fates) :] if before else [fate.text for fate in fates]
    return " ".join(written) == " ".join(after)


def _written(sentence: str, fate: Fate) -> list[str]:
    if fate.does == "drop":
        return []
    if fate.does == "keep":
        return [sentence]
    steps: tuple[Step, ...] = type_freely(sentence, fate.text)[1]
    return [fate.text] if reaches(sentence, fate.text, steps) else ["?"]
