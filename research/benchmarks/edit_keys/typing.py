"""Free typing: the fewest keys that turn one text into another in a text box, and the box that shows that they do.

Texts are words and marks of punctuation; what stands between them is one space or none. The keys are those of a text
box on Linux: Ctrl+Right goes over a word, Down over a line, Ctrl+Delete takes a word away, Ctrl+Shift+End marks all
that is left, which the next character types over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from clinicalblip.feedback.comparison import words_of

LINE: Final = 80
"""Characters of a line of the box."""

_SHIFTED: Final = frozenset('~!@#$%^&*()_+{}|:"<>?')


class Token(NamedTuple):
    """A word or mark, and the space behind it."""

    word: str
    space: str

    @property
    def text(self) -> str:
        """Both."""
        return self.word + self.space


def tokens(text: str) -> tuple[Token, ...]:
    """The tokens of a text in which white space is single spaces."""
    found, at = [], 0
    for word in words_of(text):
        at = text.index(word, at) + len(word)
        found.append(Token(word, " " if text[at : at + 1] == " " else ""))
    return tuple(found)


def plain(text: str) -> str:
    """A text with single spaces, and without what is no word or mark."""
    return "".join(token.text for token in tokens(" ".join(text.split()))).strip()


def keys_to_type(text: str) -> int:
    """One key a character, and one more for Shift."""
    return sum(2 if character.isupper() or character in _SHIFTED else 1 for character in text)


@dataclass(frozen=True)
class Step:
    """What is done to the box: go, delete, type, set the space behind a token, or type over the rest."""

    does: str
    count: int = 0
    text: str = ""


class TextBox:
    """A text and a cursor, which is at the text's start."""

    def __init__(self, text: str) -> None:
        self.before, self.behind = "", tokens(text)

    @property
    def text(self) -> str:
        """All that stands there."""
        return self.before + "".join(token.text for token in self.behind)

    def do(self, step: Step) -> None:
        """Do one step."""
        if step.does == "go":
            self.before += "".join(token.text for token in self.behind[: step.count])
            self.behind = self.behind[step.count :]
        elif step.does == "delete":
            self.behind = self.behind[1:]
        elif step.does == "space":
            self.before = self.before.rstrip(" ") + step.text
        else:
            self.before += step.text
            self.behind = () if step.does == "over the rest" else self.behind


def type_freely(before: str, after: str) -> tuple[int, tuple[Step, ...]]:
    """The fewest keys from one text to another, the cursor being at the start, and what is done."""
    old, new = tokens(before), tokens(after)

    # Two states of the hand: Ctrl is held from the key before (1), or not (0).
    @cache
    def best(i: int, k: int, held: int) -> tuple[int, tuple[str, int, str, int, int, int]]:
        if [each.text for each in old[i:]] == [each.text for each in new[k:]]:
            return 0, ("end", 0, "", i, k, held)
        rest = "".join(token.text for token in new[k:])
        found = [(3 + (keys_to_type(rest) or 1), ("over the rest", 0, rest, len(old), len(new), 0))]
        if i < len(old):
            found.append((1 + (not held) + best(i + 1, k, 1)[0], ("delete", 1, "", i + 1, k, 1)))
        if k < len(new):
            cost = keys_to_type(new[k].text) + best(i, k + 1, 0)[0]
            found.append((cost, ("type", 0, new[k].text, i, k + 1, 0)))
        length, equal = 0, 0
        while i + equal < len(old) and k + equal < len(new) and old[i + equal].word == new[k + equal].word:
            length += len(old[i + equal].text)
            equal += 1
            keys, after_it = _keys_to_go(old[i : i + equal], length, held)
            if old[i + equal - 1].space != new[k + equal - 1].space:
                cost = keys + 1 + best(i + equal, k + equal, 0)[0]
                found.append((cost, ("go and space", equal, new[k + equal - 1].space, i + equal, k + equal, 0)))
                break
            cost = keys + best(i + equal, k + equal, after_it)[0]
            found.append((cost, ("go", equal, "", i + equal, k + equal, after_it)))
        return min(found)

    steps: list[Step] = []
    state = (0, 0, 0)
    cost = best(*state)[0]
    while True:
        does, count, text, *following = best(*state)[1]
        if does == "end":
            return cost, tuple(steps)
        if does == "go and space":
            steps += [Step("go", count), Step("space", text=text)]
        else:
            steps.append(Step(does, count, text))
        state = following[0], following[1], following[2]


def _keys_to_go(over: Sequence[Token], length: int, held: int) -> tuple[int, int]:
    """The fewest keys over these tokens, and whether Ctrl is held after them: by words, or by lines and then words."""
    by_words = len(over) + (not held)
    lines, at, left = length // LINE, 0, len(over)
    if not lines:
        return by_words, 1
    for token in over:  # as many words as stand in whole lines
        at += len(token.text)
        if at > lines * LINE:
            break
        left -= 1
    by_lines = lines + (left + 1 if left else 0)
    return (by_words, 1) if by_words <= by_lines else (by_lines, int(left > 0))


def reaches(before: str, after: str, steps: Sequence[Step]) -> bool:
    """Whether these steps in fact turn one text into the other."""
    box = TextBox(before)
    for step in steps:
        box.do(step)
    return box.text.strip() == after.strip()
