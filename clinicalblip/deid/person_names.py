"""Where people's names stand in a text: after a title, a label or a relative, before a degree, or by a given name.

Each rule walks the words of the text once. A name that stands alone, without any of these, is not found.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinicalblip.deid import name_words as words

# A word of letters with inner apostrophes and hyphens: O'Connell, Ibarra-Torres. Bounded, so that no run of letters
# is gone through twice.
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_XXXX = re.compile(r"[Xx]{2,}$")
_CARET = re.compile(r"(?<![\w.'’\-])[^\W\d_][\w.'’\-]*(?:\^[\w.'’\-]*)+")
_FURTHER = re.compile(r" ([A-Z][A-Z'’\-]+)(?![^\W_])")

# After these the words of a name follow whatever their case, to the end of the clause.
_NAME_LABEL = re.compile(
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
_ALONE_BY_COLON = re.compile(r"(?:patient|pt|re|cc|attn|attention|contact|reader)(?:in)?\b", re.IGNORECASE)
_JOINTS = re.compile(r"\s*(?:,|&|/|and|,\s*and|und)\s*")  # between the names after a plural title
_SLASH = re.compile(r"\s?[&/]\s?")
_SPACES = 2  # so many blanks, with a point, may stand between the words of one name
_LONGEST = 6  # words of a name


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def capital(self) -> bool:
        return not self.text[0].islower()  # a script without capitals counts as capital

    @property
    def ordinary(self) -> bool:
        """Whether it is a word of a report however it is written."""
        lower = self.lower
        return lower in words.ORDINARY or lower in words.INSTITUTIONS or bool(_XXXX.match(self.text))

    @property
    def initial(self) -> bool:
        return len(self.text) == 1 and self.text.isupper()


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what is a person's name, in no order, some of them twice."""
    found = [_Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
    yield from _after_titles(text, found)
    yield from _after_labels(text, found)
    yield from _by_given_names(text, found)
    yield from _before_degrees(text, found)
    yield from _with_carets(text)


def _after_titles(text: str, found: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    for at, word in enumerate(found):
        if not _is_title(word) or (at and found[at - 1].lower in words.ARTICLES and word.lower not in ("mr", "mrs")):
            continue
        caseless = word.lower in words.CASELESS_TITLES and word.text.islower()
        first = _past_titles(found, at + 1)
        plural = word.lower in words.PLURAL_TITLES
        before = found[first - 1].end
        while first < len(found) and _joined(text, before, found[first].start, points=True):
            last = _run(text, found, first, any_case=caseless, most=1 if caseless else 4)
            if last < first:
                break
            yield found[first].start, found[last].end
            first = last + 1
            if plural and first < len(found) and found[first].lower in ("and", "und"):
                first += 1
            joint = _JOINTS if plural else _SLASH
            if first >= len(found) or not joint.fullmatch(text[found[last].end : found[first].start]):
                break
            before = found[first].start
    for at, word in enumerate(found[:-1]):
        # "his wife Eleanor": the relative's name, where the text is not all in capitals
        if word.lower in words.RELATIVES and not word.text.isupper():
            last = _run(text, found, at + 1, most=3)
            comma = text[word.end : found[at + 1].start] in (" ", ", ", " (")
            if last > at and comma and not found[last].text.isupper():
                yield found[at + 1].start, found[last].end


def _past_titles(found: Sequence[_Word], at: int) -> int:
    """The place after further titles, at most three: Herr Dr. med."""
    end = min(at + 3, len(found))
    while at < end and (found[at].lower in words.BETWEEN or _is_title(found[at])):
        at += 1
    return at


def _is_title(word: _Word) -> bool:
    if word.lower not in words.PEOPLE:
        return False
    return word.capital or word.lower in words.CASELESS_TITLES or word.lower == "nurse"


def _run(text: str, found: Sequence[_Word], first: int, *, any_case: bool = False, most: int = _LONGEST) -> int:
    """The place of a name's last word when its first is at `first`; before `first` where there is no name."""
    last, at = first - 1, first
    while at < len(found) and at - first < _LONGEST and at - first < most + 2:
        word = found[at]
        if at > first and not _joined(text, found[at - 1].end, word.start, points=found[at - 1].initial):
            break
        if word.lower in words.PARTICLES and not word.ordinary:
            at += 1  # counts only where a family name follows
            continue
        if word.ordinary and not word.initial:
            break
        if not word.capital and not any_case:
            break
        last = at
        at += 1
        if at - first >= most:
            break
    if last >= first and all(found[place].initial for place in range(first, last + 1)) and last - first < 1:
        return first - 1  # an initial alone is no name
    return last


def _joined(text: str, end: int, start: int, *, points: bool = False) -> bool:
    """Whether nothing but blanks, and a point where it may stand, lies between two words."""
    if start - end > _SPACES + 1:
        return False
    between = text[end:start]
    return between.strip(" \t." if points else " \t\u00a0") == "" and between.count(".") <= 1


def _after_labels(text: str, found: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    place = {word.start: at for at, word in enumerate(found)}
    for label in _NAME_LABEL.finditer(text):
        start = label.end()
        while start < len(text) and start - label.end() < 4 and text[start] in " \t\n(":
            start += 1
        if start not in place or start == label.start():
            continue
        first = _past_titles(found, place[start])
        if first >= len(found) or found[first].start - start > 12:
            continue
        colon = label["colon"] is not None
        last = _run(text, found, first, any_case=colon, most=4)
        if last < first:
            continue
        last_comma = _after_comma(text, found, first, last)
        weak = _ALONE_BY_COLON.match(label[0].strip()) is not None
        needed = 2 if weak or not colon else 1
        given = found[first].lower in words.GIVEN_NAMES and found[first].capital
        if last_comma == last and _real_words(found[first : last + 1]) < needed and not (given and colon):
            continue
        if not colon and not all(word.capital or word.lower in words.PARTICLES for word in found[first : last + 1]):
            continue
        yield found[first].start, found[last_comma].end


def _real_words(name: Sequence[_Word]) -> int:
    return sum(word.lower not in words.PARTICLES or word.capital for word in name)


def _after_comma(text: str, found: Sequence[_Word], first: int, last: int) -> int:
    """Take in the given names of `Doe, John A.`"""
    following = last + 1
    if following < len(found) and re.fullmatch(r",[ ]{0,2}", text[found[last].end : found[following].start]):
        if _degree(text, found[following]) or not found[following].capital:
            return last
        return max(last, _run(text, found, following, most=3))
    return last


def _by_given_names(text: str, found: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    for at, word in enumerate(found):
        if word.lower not in words.GIVEN_NAMES or not word.capital:
            continue
        # Smith, Jennifer
        if at and text[found[at - 1].end : word.start] == ", " and _family_name(found[at - 1]):
            alone = at < 2 or not _joined(text, found[at - 2].end, found[at - 1].start)
            if alone:
                yield found[at - 1].start, found[_run(text, found, at, most=3)].end
                continue
        last = _run(text, found, at, most=4)
        following = found[last + 1] if last + 1 < len(found) else None
        thing = following is not None and following.lower in words.INSTITUTIONS and following.capital
        if last > at and not thing and all(_family_name(part) or part.initial for part in found[at + 1 : last + 1]):
            yield word.start, found[last].end


def _family_name(word: _Word) -> bool:
    if word.lower in words.PARTICLES:
        return True
    return word.capital and not word.ordinary and not word.lower.endswith(words.ORDINARY_ENDINGS) and len(word.text) > 1


_DEGREE = re.compile(r"[A-Za-z](?:[A-Za-z]{1,4}|(?:\.[A-Za-z]{1,2}){1,3}\.?|h\.?D\.?|A-C)(?![^\W_])")


def _degree(text: str, word: _Word) -> str | None:
    """The degree that begins at a word, without points: M.D. is MD."""
    match = _DEGREE.match(text, word.start)
    if match is None or not (word.text.isupper() or match[0] in ("PhD", "Ph.D.", "MBChB")):
        return None
    degree = re.sub(r"[.\-]", "", match[0]).upper()
    return degree if degree in words.CREDENTIALS else None


def _before_degrees(text: str, found: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    for at, word in enumerate(found):
        degree = _degree(text, word) if at else None
        if degree is None:
            continue
        between = text[found[at - 1].end : word.start]
        if not re.fullmatch(r"\.?,?[ ]{0,2}", between) or (degree in words.ONLY_AFTER_COMMA and "," not in between):
            continue
        first = at
        while first and at - first < 4:
            part = found[first - 1]
            if first < at and not _joined(text, part.end, found[first].start, points=part.initial):
                break
            if not (part.initial or (_family_name(part) and part.lower not in words.TITLES)):
                break
            first -= 1
        while first < at and found[first].lower in words.PARTICLES and not found[first].capital:
            first += 1
        if first < at and any(not part.initial for part in found[first:at]):
            yield found[first].start, found[at - 1].end


def _with_carets(text: str) -> Iterator[tuple[int, int]]:
    """DICOM's own way to write a name: DOE^JOHN^Q, with further given names after blanks."""
    for match in _CARET.finditer(text):
        parts = [part for part in match[0].split("^") if part]
        if len(parts) < 2 or any(map(str.isdigit, match[0])) or max(map(len, parts)) < 2:
            continue
        end = match.end()
        while (
            match[0].isupper() and (further := _FURTHER.match(text, end)) and further[1].lower() not in words.ORDINARY
        ):
            end = further.end()
        yield match.start(), end
