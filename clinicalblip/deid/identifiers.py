"""What in a free text could show who the patient is: names, dates of birth, and numbers and addresses that reach them.

Rules over the standard library, because the maintained libraries for this need models that no package brings. They
find what stands beside a title or a label, or has a form of its own; they do not find a name alone in a sentence. Dates
that are not called dates of birth, ages and years stay: a report needs them. `docs/privacy.md` says how much is found.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clinicalblip.deid.name_words import ORDINARY
from clinicalblip.deid.person_names import find_names


class IdentifierKind(StrEnum):
    """What was found, in words for the reader."""

    NAME = "name"
    BIRTH_DATE = "date of birth"
    PHONE = "phone number"
    RECORD_NUMBER = "record number"
    EMAIL = "e-mail address"
    ADDRESS = "address"


@dataclass(frozen=True)
class Identifier:
    """A place in a text, from `start` to before `end`, that could show who somebody is; the words are not copied."""

    kind: IdentifierKind
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"an identifier cannot stand from {self.start} to {self.end}")


def find_identifiers(text: str) -> tuple[Identifier, ...]:
    """Find what could show who the patient is, in the order of the text, without overlaps.

    What `mask_identifiers` wrote is never found again. Time grows with the length of the text and no faster.
    """
    found: list[Identifier] = []
    pieces = list(_gaps(0, len(text), [match.span() for match in _MASK.finditer(text)]))
    # Taking one identifier out can expose another, so what is left between them is searched again.
    for _ in range(_MAX_ROUNDS):
        remaining: list[tuple[int, int]] = []
        for start, end in pieces:
            here = _merged(_candidates(text[start:end]))
            found += [Identifier(one.kind, one.start + start, one.end + start) for one in here]
            if here:
                remaining += _gaps(start, end, [(one.start + start, one.end + start) for one in here])
        if not remaining:
            break
        pieces = remaining
    return tuple(sorted(found, key=lambda one: one.start))


def mask_identifiers(text: str, found: Sequence[Identifier]) -> str:
    """Write `[name]`, `[date of birth]` and so on in the places that were found in this text."""
    parts, last = [], 0
    for one in sorted(found, key=lambda one: one.start):
        if one.start < last or one.end > len(text):
            raise ValueError("these identifiers overlap or are not of this text")
        parts += [text[last : one.start], f"[{one.kind}]"]
        last = one.end
    return "".join((*parts, text[last:]))


_MAX_ROUNDS: Final = 12
_MASK: Final = re.compile(r"\[(?:" + "|".join(map(re.escape, IdentifierKind)) + r")\]")


def _gaps(start: int, end: int, places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for first, last in (*places, (end, end)):
        if start < first:
            yield start, first
        start = last


def _merged(candidates: Sequence[Identifier]) -> list[Identifier]:
    """Those that overlap become one, which covers them all, of the kind of the longest, or the first of two as long."""
    merged: list[Identifier] = []
    for one in sorted(candidates, key=lambda one: (one.start, -one.end)):
        if merged and one.start < merged[-1].end:
            before = merged.pop()
            longer = max(before, one, key=lambda each: each.end - each.start)
            merged.append(Identifier(longer.kind, before.start, max(before.end, one.end)))
        else:
            merged.append(one)
    return merged


def _candidates(text: str) -> list[Identifier]:
    """Everything that a rule finds. The group `value` of a rule is the identifier, without its label."""
    names = [Identifier(IdentifierKind.NAME, start, end) for start, end in find_names(text)]
    named: list[Identifier] = []  # those that a label names come first, so that they win where two are of one length
    bare: list[Identifier] = []
    for kind, rules in _RULES:
        for rule in rules:
            for match in rule.finditer(text):
                start, end = match.span("value")
                labelled = start > match.start()
                if _is_plausible(kind, text[start:end], labelled=labelled):
                    (named if labelled else bare).append(Identifier(kind, start, end))
    return [*names, *named, *bare]


def _is_plausible(kind: IdentifierKind, words: str, *, labelled: bool) -> bool:
    digits = sum(map(str.isdigit, words))
    if kind is IdentifierKind.RECORD_NUMBER:
        if " " in words and not labelled:
            return _is_nhs_number(words)
        return digits >= 3 if labelled else not _COMPACT_DATE.fullmatch(words)
    if kind is IdentifierKind.PHONE:
        return digits >= 4 if _SHORT_PHONE.match(words) else digits >= 6 and not _PLAIN_DATE.match(words)
    if kind is IdentifierKind.ADDRESS:
        return digits > 0 and not _is_prose(words)
    return True


def _is_prose(words: str) -> bool:
    """Whether words of a report stand before what looks like a street: `3 Views Of The Chest Drive`."""
    before = [word.lower() for word in re.findall(r"[^\W\d_]+", words)][:-1]
    return bool(before) and all(word in ORDINARY for word in before) and not _STREET_WORDS.issuperset(before)


def _is_nhs_number(words: str) -> bool:
    """Whether the check digit is right: the digits times 10 to 1 add up to a multiple of 11."""
    digits = [int(digit) for digit in words if digit.isdigit()]
    return sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0


_STREET_WORDS: Final = frozenset(
    (
        "main",
        "first",
        "second",
        "upper",
        "lower",
        "hospital",
        "center",
        "house",
        "port",
        "large",
        "march",
        "may",
        "june",
        "april",
    )
)
_SHORT_PHONE: Final = re.compile(r"(?:ext|x)|\d[\d\-]{2,5}$", re.IGNORECASE)
_PLAIN_DATE: Final = re.compile(
    r"(?:\d{1,2}([/.\-])\d{1,2}\1(?:19|20)?\d\d|(?:19|20)\d\d([/.\-])\d{1,2}\2\d{1,2})(?!\d)"
)
_COMPACT_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?"
)
_NO_UNIT: Final = (
    r"(?!\d|[.\-/]\d|\s?(?:m[mlsgv]|cm|kg|k?V[Pp]?|mA|HU|u|µ|μ|%|x\s?\d|ml|cc|dl|units?|iu|pixels?|Gy|hours?|hrs?)\b)"
)
_MONTH: Final = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|ma[yi]|june?|juni|july?|juli|aug(?:ust)?"
    r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
_DATE: Final = (
    r"(?:\d{1,4}\s?[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{1,4}(?!\d)"  # 03/12/1956, 1956-03-12, 12.03.56
    r"|\d{8}(?!\d)|\d{1,2}[/.]\d{4}(?!\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?[\s\-]?(?:of\s)?{_MONTH}(?:,?[\s\-]{{0,2}}(?:\d{{4}}|\d{{2}})(?!\d))?"
    rf"|{_MONTH}\s?\d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,?\s{{0,2}}\d{{4}}(?!\d))?"
    rf"|{_MONTH},?\s\d{{4}}(?!\d))"
)
_CAPITALISED: Final = r"(?:[A-ZÀ-ÖØ-Þ][\w'’\-.]{0,30}|\d{1,3}(?:st|nd|rd|th))"
_STATES: Final = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_STREET: Final = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Terrace|Way|Close|Crescent"
    r"|Square|Highway|Hwy|Parkway|Pkwy|Circle|STREET|AVENUE|AVE|ROAD|LANE|DRIVE|BLVD|BOULEVARD)\b\.?"
)
_AREAS: Final = (  # of the United Kingdom's post codes
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LU]?|H[ADGPRSUX]|I[GPV]|K[ATWY]|L[ADELNSU]?|M[EKL]?"
    "|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_POSTCODE: Final = (
    rf"(?:(?:{_STATES})\s\d{{5}}(?:-\d{{4}})?"
    rf"|(?:{_AREAS})\d[A-Z\d]?\s\d(?!TH|ST|ND|RD)[ABD-HJLNP-UW-Z]{{2}})(?!\w)"
)
_TOWN: Final = rf"(?:,?\s{_CAPITALISED}){{1,3}}"
_NUMBER: Final = r"(?:numbers?\b|no\b\.?|nr\b\.?|num\b\.?|nummer\b|id\b|\#)"
_RECORD: Final = r"(?P<value>[A-Z0-9](?:[\-/.]?[A-Z0-9]){2,24})(?![^\W_])"

_RULES: Final = tuple(
    (kind, tuple(re.compile(rule, re.VERBOSE | flags) for flags, rule in rules))
    for kind, rules in (
        (
            IdentifierKind.BIRTH_DATE,
            (
                (
                    re.IGNORECASE,
                    rf"""(?<![^\W_])(?:d\.?\s?o\.?\s?b\b\.?|(?:date|day)\s(?:of\s)?birth|birth\s?-?da(?:te|y)|geb\.?|born
                    |geburtsdatum|geboren|née?)(?:\s(?:is|was|on|in|am|le))?[\s:=(*#\-]{{0,4}}(?P<value>{_DATE})""",
                ),
                (0, r"(?<![\w*])\*\s?(?P<value>\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d))(?!\d)"),
                (re.IGNORECASE, rf"(?<![\w/.\-])(?P<value>{_DATE})\s?\(?(?:d\.?o\.?b\b|date\sof\sbirth)"),
            ),
        ),
        (
            IdentifierKind.RECORD_NUMBER,
            (
                (
                    re.IGNORECASE,
                    rf"""(?<![^\W_])(?:mrn|mr(?=\s?[#:])|m\.r\.n\.?|urn|pid|ssn|nhs|acc(?:ession)?|acct|id)
                    (?:[\s\-]?{_NUMBER})?(?:\s(?:is|was))?[\s:\#=.]{{0,4}}{_RECORD}""",
                ),
                (
                    re.IGNORECASE,
                    rf"""(?<![^\W_])(?:record|hospital|patient(?:en)?|pt|unit|case|order|exam|study|visit|encounter|chart
                    |file|insurance|policy|member|security|account|passport|fall|versicherten?|versicherungs|licen[cs]e
                    |krankenversicherten|medicare|medicaid|episode|specimen)
                    [\s\-]?(?:record\s)?{_NUMBER}(?:\s(?:is|was))?[\s:\#=.]{{0,4}}{_RECORD}""",
                ),
                (
                    re.IGNORECASE,
                    r"(?<![^\W_])(?:patient|pt|case|chart|account|file)[\s:]{1,2}(?P<value>\d{5,12})(?![\w.\-/])",
                ),
                (re.IGNORECASE, r"(?<![^\W_])nhs\s?(?:number|no\.?)?[\s:\#]{0,3}(?P<value>\d{3}\s\d{3}\s\d{4})(?!\d)"),
                (0, r"(?<![\w.+\-])(?P<value>\d{3}[ ]\d{3}[ ]\d{4})(?![\w\-])"),  # with its check digit: NHS
                (0, r"(?<![\w.\-])(?P<value>\d{3}-\d\d-\d{4})(?![\w\-])"),
                (0, r"(?<![\w.])(?P<value>[12](?:\.\d{1,40}){5,})"),
                (0, r"(?<![\w.+\-/(])(?P<value>\d{7,24})(?!\w)" + _NO_UNIT),
                (0, r"(?<![\w.+\-/])(?P<value>[A-Z]{1,4}-?\d{6,20})(?!\w)"),
            ),
        ),
        (
            IdentifierKind.PHONE,
            (
                (
                    re.IGNORECASE,
                    r"""(?<![^\W_])(?:tele(?:phone|fon)?|tel|phoned?|mobile|cell|handy|fax|fon|call(?:ed|back)?
                    |reach(?:ed|able)|erreichbar|rückruf|contact|ring)
                    \.?(?:\s(?:back|number|no\.?|nr\.?|at|on|to|under|unter|is|me|the\s\w{1,15}|her|him|ward)){0,4}
                    [\s:.\#=(]{0,3}(?P<value>\+?\(?\d[\d\s().\-/]{4,18}\d)"""
                    + _NO_UNIT,
                ),
                (
                    re.IGNORECASE,
                    r"""(?<![^\W_])(?:pager|beeper|bleep|extension|durchwahl)(?:\s(?:number|no\.?|is))?[\s:.\#=]{0,3}
                    (?P<value>\d[\d\-]{2,10})(?!\d)""",
                ),
                (re.IGNORECASE, r"(?<![^\W_])(?P<value>(?:ext\.?\s?|x)\d[\d\-]{2,6}\d)(?![\d.]|\s?[x×])"),
                (0, r"(?<![\w+])(?P<value>(?:\+|00)[1-9](?:[ .\-/()]{0,2}\d){7,14})(?!\d)"),
                (
                    0,
                    r"(?<![\w.+\-/])(?P<value>(?:1[\s.\-])?(?:\(\d{3}\)\s?|\d{3}[\s.\-])\d{3}[\s.\-]\d{4})" + _NO_UNIT,
                ),
                (0, r"(?<![\w.+\-/])(?P<value>\(?0\d{2,4}\)?[ /\-]\d{3,8}(?:[ \-]\d{2,5}){0,3})" + _NO_UNIT),
                (0, r"(?<![\w.+\-/])(?P<value>[2-9]\d\d-\d{4})" + _NO_UNIT),
            ),
        ),
        (
            IdentifierKind.EMAIL,
            ((0, r"(?<![\w.+'\-])(?P<value>[\w+][\w.+'\-]{0,63}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6})"),),
        ),
        (
            IdentifierKind.ADDRESS,
            (
                (
                    0,
                    rf"""(?<![\w.\-/])(?P<value>\d{{1,5}}[A-Za-z]?,?\s(?:[NSEW]\.?\s)?{_CAPITALISED}(?:\s{_CAPITALISED}){{0,3}}?\s{_STREET}
                    (?:,?\s(?:Apt|Apartment|Suite|Unit|Flat|\#)\.?\s?\w{{1,6}})?(?:{_TOWN},?\s{_POSTCODE})?)""",
                ),
                (re.IGNORECASE, r"(?<![^\W_])(?P<value>p\.?\s?o\.?\sbox\s\d{1,6})"),
                (
                    0,
                    rf"(?<![^\W_])(?P<value>{_CAPITALISED}(?:\s{_CAPITALISED}){{0,2}},\s(?:{_STATES})\s\d{{5}}(?:-\d{{4}})?)(?!\w)",
                ),
                (0, rf"(?<![\w.\-])(?![LS][1-5]\s)(?P<value>{_POSTCODE})"),  # L1 and S1 are vertebrae
                (
                    0,
                    r"""(?<![^\W_])(?P<value>[A-ZÄÖÜ][\w\-]{1,30}(?:straße|strasse|str\.|[a-z]weg|platz|allee|gasse)\s\d{1,4}\s?[a-z]?
                    (?![\w.])(?:,?\s\d{5}\s[A-ZÄÖÜ][\w\-]{1,30})?)""",
                ),
                (
                    re.IGNORECASE,
                    r"""(?<![\w.\-])(?P<value>\d{1,4}(?:\s?bis)?,?\s(?:rue|avenue|boulevard|chemin|allée|impasse|quai)\s
                    (?:\w[\w'’\-]{0,20}\s?){1,4}(?:,\s(?:\d{5}\s)?\w{1,30})?)""",
                ),
                (
                    re.IGNORECASE,
                    r"""(?<![^\W_])(?:home\s)?add?resse?\s?:\s?(?P<value>(?:[^\n;\[\].]|\.(?!\s|$)
                    |(?<=\b[a-z])\.|(?<=\b[a-z]{2})\.|(?<=\bave)\.|(?<=\bblvd)\.){1,100})""",
                ),
            ),
        ),
    )
)
