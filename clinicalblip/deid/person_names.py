"""Where people's names stand in a text: after a title, a label or a relative, before a degree, or by a given name.

`RULES` is a table: each rule says what announces a name, and which of the words there are one; one matcher goes
through it. A name that stands alone, without any of these, is not found.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from clinicalblip.deid import name_words as vocabulary
from clinicalblip.deid.name_tokens import Words

_CARETS = re.compile(r"(?<![\w.'’\-])[^\W\d_][\w.'’\-]*(?:\^[\w.'’\-]*)+")
_FURTHER_CAPITALS = re.compile(r" ([A-Z][A-Z'’\-]+)(?![^\W_])")

# After these the words of a name follow whatever their case, to the end of the clause.
_LABEL = re.compile(
    r"""(?<![^\W_])(?:
        (?:patient|pt|family|last|first|sur|fore|mother'?s|maiden|full|patienten)?[ ]?-?names?
      | (?:next[ ]of[ ]kin|radiologist|technologist|technician|resident|attending|physician|surgeon|doctor|provider
          |nurse|consultant|sonographer|radiographer|reader|transcriptionist|attn|attention|patient|pt|re|cc
          |referrer|contact|carer|guardian|arzt|patientin|hausarzt)
        (?:[ ](?:physician|provider|doctor|radiologist|name))?
      | (?:electronically[ ])?(?:dictated|signed|read|reported|interpreted|transcribed|verified|approved|reviewed
          |referred|ordered|requested|performed|finalized|authenticated|attested|seen|typed|accompanied)
        (?:[ ]and[ ]\w{1,20})?(?:[ ]off)?[ ](?:by|to)
      | (?:discussed|spoken|spoke)[ ]with | (?:called|relayed|conveyed|communicated|reported|given)[ ]to
      )(?P<colon>[ ]?[:=][ ]?)?""",
    re.IGNORECASE | re.VERBOSE,
)
_WEAK_LABEL = re.compile(r"(?:patient|pt|re|cc|attn|attention|contact|reader)(?:in)?\b", re.IGNORECASE)
_PLURAL_JOINT = re.compile(r"\s*(?:,|&|/|and|,\s*and|und)\s*")  # between the names after a plural title
_JOINT = re.compile(r"\s?[&/]\s?")


@dataclass(frozen=True)
class _Candidate:
    """Where a name may stand: its first word, and how far it reaches.

    It goes on as far as `Words.last_of_name` says from the word `after_surname`, or `first`, unless the rule knows the
    character that it ends before (`end`). `joint`: what may stand between this name and another one.
    """

    first: int
    max_words: int = 4
    any_case: bool = False
    min_words: int = 1
    after_surname: int | None = None
    end: int | None = None
    joint: re.Pattern[str] | None = None


@dataclass(frozen=True)
class _Rule:
    """One way in which a text names somebody, as in `example`.

    `candidates`: where names may stand. `is_name`: whether the words up to the last one are a name. `extend`: the last
    word, once what follows is taken in.
    """

    example: str
    candidates: Callable[[Words], Iterator[_Candidate]]
    is_name: Callable[[Words, _Candidate, int], bool] = lambda _text, _candidate, _last: True
    extend: Callable[[Words, int], int] = lambda _text, last: last


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what is a person's name, in no order, some of them twice."""
    words = Words.of(text)
    for rule in RULES:
        for candidate in rule.candidates(words):
            yield from _names(rule, words, candidate)


def _names(rule: _Rule, text: Words, candidate: _Candidate | None) -> Iterator[tuple[int, int]]:
    """The candidate, if it is a name, and the further names that a joint adds to it."""
    while candidate is not None:
        start = text.words[candidate.first].start
        if candidate.end is not None:
            yield start, candidate.end
            return
        first = candidate.first if candidate.after_surname is None else candidate.after_surname
        last = text.last_of_name(first, candidate.max_words, any_case=candidate.any_case)
        if last < first or not rule.is_name(text, candidate, last):
            return
        yield start, text.words[rule.extend(text, last)].end
        candidate = _joined_candidate(text, candidate, last)


def _joined_candidate(text: Words, candidate: _Candidate, last: int) -> _Candidate | None:
    """The next name of `Drs. Harper, Smith and Doe`."""
    following = last + 1
    if candidate.joint is None or following >= len(text.words):
        return None
    if candidate.joint is _PLURAL_JOINT and text.words[following].lower in ("and", "und"):
        following += 1
    if following >= len(text.words) or not candidate.joint.fullmatch(text.between(last, following)):
        return None
    return replace(candidate, first=following)


def _after_titles(text: Words) -> Iterator[_Candidate]:
    for at, word in enumerate(text.words):
        after_article = at > 0 and text.words[at - 1].lower in vocabulary.ARTICLES
        if not word.is_title or (after_article and word.lower not in ("mr", "mrs")):
            continue
        first = text.past_titles(at + 1)
        if first < len(text.words) and text.are_adjacent(first - 1, first, point=True):
            caseless = word.lower in vocabulary.CASELESS_TITLES and word.text.islower()
            joint = _PLURAL_JOINT if word.lower in vocabulary.PLURAL_TITLES else _JOINT
            yield _Candidate(first, max_words=1 if caseless else 4, any_case=caseless, joint=joint)


def _after_relatives(text: Words) -> Iterator[_Candidate]:
    for at, word in enumerate(text.words[:-1]):
        is_relative = word.lower in vocabulary.RELATIVES and not word.text.isupper()
        if is_relative and text.between(at, at + 1) in (" ", ", ", " ("):
            yield _Candidate(at + 1, max_words=3)


def _is_not_in_capitals(text: Words, _candidate: _Candidate, last: int) -> bool:
    """In a text all in capitals any word after a relative would be a name."""
    return not text.words[last].text.isupper()


def _after_labels(text: Words) -> Iterator[_Candidate]:
    at_start = {word.start: at for at, word in enumerate(text.words)}
    for label in _LABEL.finditer(text.text):
        start = label.end()
        while start < len(text.text) and start - label.end() < 4 and text.text[start] in " \t\n(":
            start += 1
        if start not in at_start or start == label.start():
            continue
        first = text.past_titles(at_start[start])
        if first < len(text.words) and text.words[first].start - start <= 12:
            has_colon = label["colon"] is not None
            is_weak = _WEAK_LABEL.match(label[0].strip()) is not None
            yield _Candidate(first, any_case=has_colon, min_words=1 if has_colon and not is_weak else 2)


def _is_labelled_name(text: Words, candidate: _Candidate, last: int) -> bool:
    """Enough words for how sure the label is, or more after a comma; with capitals where no colon stands."""
    name = text.words[candidate.first : last + 1]
    has_colon = candidate.any_case
    is_given_name = name[0].is_given_name and has_colon
    counted = sum(not word.is_particle or word.is_capital for word in name)
    if counted < candidate.min_words and not is_given_name and _past_given_names(text, last) == last:
        return False
    return has_colon or all(word.is_capital or word.is_particle for word in name)


def _past_given_names(text: Words, last: int) -> int:
    """Take in the given names of `Doe, John A.`"""
    following = last + 1
    if following < len(text.words) and re.fullmatch(r",[ ]{0,2}", text.between(last, following)):
        if text.degree(following) or not text.words[following].is_capital:
            return last
        return max(last, text.last_of_name(following, 3))
    return last


def _surname_stands_before(text: Words, at: int) -> bool:
    """Whether a given name follows its surname: Smith, Jennifer."""
    if at == 0 or text.between(at - 1, at) != ", " or not text.words[at - 1].may_be_surname:
        return False
    return at < 2 or not text.are_adjacent(at - 2, at - 1)


def _surnames_before_given_names(text: Words) -> Iterator[_Candidate]:
    for at, word in enumerate(text.words):
        if word.is_given_name and _surname_stands_before(text, at):
            yield _Candidate(at - 1, max_words=3, after_surname=at)


def _given_names(text: Words) -> Iterator[_Candidate]:
    for at, word in enumerate(text.words):
        if word.is_given_name and not _surname_stands_before(text, at):
            yield _Candidate(at)


def _has_surname(text: Words, candidate: _Candidate, last: int) -> bool:
    """Whether surnames or initials follow the given name, and the whole is not the name of a thing."""
    if last == candidate.first:
        return False
    following = text.words[last + 1] if last + 1 < len(text.words) else None
    if following is not None and following.lower in vocabulary.INSTITUTIONS and following.is_capital:
        return False
    return all(word.may_be_surname or word.is_initial for word in text.words[candidate.first + 1 : last + 1])


def _before_degrees(text: Words) -> Iterator[_Candidate]:
    for at in range(1, len(text.words)):
        degree = text.degree(at)
        if degree is None:
            continue
        between = text.between(at - 1, at)
        if not re.fullmatch(r"\.?,?[ ]{0,2}", between) or (
            degree in vocabulary.ONLY_AFTER_COMMA and "," not in between
        ):
            continue
        first = at
        while first and at - first < 4:
            word = text.words[first - 1]
            if first < at and not text.are_adjacent(first - 1, first, point=word.is_initial):
                break
            if not (word.is_initial or (word.may_be_surname and word.lower not in vocabulary.TITLES)):
                break
            first -= 1
        while first < at and text.words[first].is_particle and not text.words[first].is_capital:
            first += 1
        if first < at and any(not word.is_initial for word in text.words[first:at]):
            yield _Candidate(first, end=text.words[at - 1].end)


def _with_carets(text: Words) -> Iterator[_Candidate]:
    """DICOM's own way to write a name, with further given names after blanks."""
    at_start = {word.start: at for at, word in enumerate(text.words)}
    for match in _CARETS.finditer(text.text):
        parts = [part for part in match[0].split("^") if part]
        if len(parts) < 2 or any(map(str.isdigit, match[0])) or max(map(len, parts)) < 2:
            continue
        end = match.end()
        if match[0].isupper():
            further = _FURTHER_CAPITALS.match(text.text, end)
            while further and further[1].lower() not in vocabulary.ORDINARY:
                end = further.end()
                further = _FURTHER_CAPITALS.match(text.text, end)
        yield _Candidate(at_start[match.start()], end=end)


RULES = (
    _Rule("Dr. Harper, Drs. Smith and Doe", _after_titles),
    _Rule("his wife Eleanor", _after_relatives, is_name=_is_not_in_capitals),
    _Rule("signed by: Doe, John A.", _after_labels, is_name=_is_labelled_name, extend=_past_given_names),
    _Rule("Smith, Jennifer", _surnames_before_given_names),
    _Rule("Jennifer Smith", _given_names, is_name=_has_surname),
    _Rule("J. Harper, MD", _before_degrees),
    _Rule("DOE^JOHN^Q", _with_carets),
)
