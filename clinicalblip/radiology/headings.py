"""The headings of reports, as radiologists write them: some 200 spellings of a dozen, with the usual slips.

A heading ends with a colon, or is alone on its line. At a line's beginning it may be in any case, have a letter
wrong, and end with a semicolon or a dash. Inside a line it has to stand out: in capitals, with a capital, or after the
end of a sentence. "The following findings:" is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Section(StrEnum):
    """What a heading opens. `PREAMBLE` is what stands before the first heading, `VIEWS` a list of films."""

    PREAMBLE = "text before the first heading"
    EXAMINATION = "examination"
    INDICATION = "indication"
    HISTORY = "history"
    TECHNIQUE = "technique"
    COMPARISON = "comparison"
    FINDINGS = "findings"
    IMPRESSION = "impression"
    VIEWS = "views"
    WET_READ = "wet read"
    ADDENDUM = "addendum"
    NOTIFICATION = "notification"
    RECOMMENDATION = "recommendation"


@dataclass(frozen=True)
class Heading:
    """Where in a line a heading stands and what it opens; `final` for FINAL REPORT, which ends a wet read."""

    section: Section
    start: int
    end: int
    final: bool = False


@dataclass(frozen=True)
class Before:
    """What is known of the text before a line: whether a sentence may begin here, and its last word in lower case.

    `caseless`: the whole report is in small letters, so that a heading cannot stand out by capitals.
    """

    at_sentence_start: bool = True
    last_word: str = ""
    caseless: bool = False


_HEADINGS: Final = {
    name: section
    for section, names in {
        Section.FINDINGS: "findings, finding, findings and impression, findings/impression, findings / impression, "
        "findings/ impression, findings & impression, impression and findings, impression/findings, "
        "technique and findings, report, main report",
        Section.IMPRESSION: "impression, impressions, conclusion, conclusions, opinion",
        Section.INDICATION: "indication, indications, clinical indication, clinical indications, reason, "
        "reason for exam, reason for the exam, reason for examination, reason for the examination, "
        "reason for this exam, reason for this examination, reason for study, reason for the study, "
        "history/indication, indication/history, clinical, clinical details, clinical question, question",
        Section.HISTORY: "history, clinical history, patient history, clinical information, medical history, "
        "past history, past medical history, interval history",
        Section.TECHNIQUE: "technique, techniques",
        Section.EXAMINATION: "exam, examination, type of exam, type of examination, study, procedure",
        Section.COMPARISON: "comparison, comparisons, comparison exam, comparison exams, comparison examination, "
        "comparison film, comparison films, comparison study, comparison studies, reference exam, "
        "reference examination, prior study, prior studies, prior exam",
        Section.WET_READ: "wet read, wetread, preliminary report, preliminary read, pfi, "
        "provisional findings impression",
        Section.ADDENDUM: "addendum, addenda, amendment",
        Section.NOTIFICATION: "notification, notifications, notification(s)",
        Section.RECOMMENDATION: "recommendation, recommendations, recommendation(s)",
    }.items()
    for name in names.split(", ")
}
# Words of running text too: inside a line they have to follow the end of a sentence, or be in capitals.
_COMMON_WORDS_TEXT: Final = "finding report reason exam examination study procedure opinion history clinical question"
_COMMON_WORDS: Final = frozenset(_COMMON_WORDS_TEXT.split())
# In capitals a heading may be longer ("CORRECTED IMPRESSION"); the first of these words that it has decides.
_KEYWORDS: Final = (
    ("ADDENDUM", Section.ADDENDUM),
    ("WET READ", Section.WET_READ),
    ("PRELIMINARY", Section.WET_READ),
    ("IMPRESSION", Section.IMPRESSION),
    ("FINDINGS", Section.FINDINGS),
    ("INDICATION", Section.INDICATION),
    ("REASON", Section.INDICATION),
    ("HISTORY", Section.HISTORY),
    ("COMPARISON", Section.COMPARISON),
    ("TECHNIQUE", Section.TECHNIQUE),
    ("TYPE OF", Section.EXAMINATION),
    ("RECOMMENDATION", Section.RECOMMENDATION),
    ("NOTIFICATION", Section.NOTIFICATION),
)
_SPELL_CHECKED: Final = (
    "findings",
    "impression",
    "indication",
    "history",
    "technique",
    "comparison",
    "examination",
    "conclusion",
    "recommendation",
    "notification",
)
_MIN_SIMILARITY: Final = 0.87  # "FINSINGS" is findings; "COMPRESSION" is no impression
_MAX_WORDS: Final = 16
_LONGEST: Final = 160  # characters of a heading with all its words
# What stands before a word of running text, and before no heading.
_CONTEXT_WORDS_TEXT: Final = (
    "the a an this that these those following above other new no any prior previous same of on to for in and with by "
    "from"
)
_CONTEXT_WORDS: Final = frozenset(
    _CONTEXT_WORDS_TEXT.split()
)  # what stands before a word of running text, and before no heading

_FILM_NAMES: Final = (
    "chest cxr radiograph radiographs view views film films x-ray xray ap pa lateral frontal portable ribs"
)
_FILM_DETAILS: Final = (
    "lat upright erect supine semi semi-upright semi-erect semiupright semierect single one two three four 1 2 3 4 "
    "image images of the and with in bedside abdomen upper left right rib decubitus oblique lordotic inspiration "
    "expiration dedicated"
)
_FILM_TERMS: Final = frozenset(_FILM_NAMES.split())
_NO_FILMS: Final = frozenset({"tube", "tubes", "drain", "drains", "catheter", "wall"})  # "CHEST TUBE: none"
_FILM_VOCABULARY: Final = _FILM_TERMS | frozenset(_FILM_DETAILS.split())

_PART: Final = re.compile(
    r"\s*(?:[a-z]+[ /]){0,2}(?:lungs?|airways?|pleura|pleural spaces?|heart|cardiac silhouette|mediastin\w+|bones?"
    r"|ribs|hila"
    r"|tubes?|lines?|devices|diaphragms?|soft tissues|effusions?|pneumothora\w+|consolidations?|opacit\w+|answer)"
    r"(?:[ /&]+(?:and )?[a-z]+){0,2}\s*:",
    re.IGNORECASE,
)
_END_OF_HEADING: Final = re.compile(
    r":|\bFINAL REPORT\b(?:\s*:)?|\b(?:PRELIMINARY )?(?:RESIDENT )?WET ?READ\b(?:[ \t]+VERSION\b)?(?:\s*:)?"
    r"|\bADDENDUM\b(?:[A-Z ]*:)?"
)
_MARKERS: Final = ("FINAL REPORT", "WET", "ADDENDUM")
_NAMES: Final = "|".join(re.escape(name) for name in sorted(_HEADINGS, key=len, reverse=True))
_AT_END: Final = re.compile(rf"(?<![^\s.;:,)/_*#])(?:{_NAMES})$", re.IGNORECASE)
_WITHOUT_COLON: Final = re.compile(
    # "IMPRESSION; ...", "Findings - ...", and in capitals "FINDINGS. ..." and "FINDINGS The heart ..."
    rf"\s*(?P<name>(?i:{_NAMES}))(?P<sign>\s*(?:;|\s[-\u2013\u2014]+\s|\.)|\s+(?=(?:[A-Z]|\d+\. ?)[A-Za-z]*[a-z]))"
)
_SENTENCE_END: Final = re.compile(r"\w{4,}[.;?!]\s")  # no abbreviation: "AP CHEST AT 5:23 A.M. ON ___" names a film
_LONGEST_NAME: Final = max(map(len, _HEADINGS))


def find_headings(line: str, before: Before) -> Iterator[Heading]:
    """Yield the headings of a line, from left to right."""
    if lone := _alone(line, before):
        yield lone
        return
    at = 0
    if first := _without_colon(line, before):
        yield first
        at = first.end
    if ":" not in line and not any(word in line for word in _MARKERS):
        return
    for match in _END_OF_HEADING.finditer(line, at):
        at_line_start = match.end() - at <= _LONGEST and not line[: at if match[0] == ":" else match.start()].strip()
        if match[0].startswith("FINAL"):
            heading: Heading | None = Heading(Section.PREAMBLE, match.start(), match.end(), final=True)
        elif match[0].startswith("ADDENDUM"):
            heading = Heading(Section.ADDENDUM, match.start(), match.end()) if at_line_start else None
        elif match[0] != ":":
            heading = Heading(Section.WET_READ, match.start(), match.end())
        else:
            heading = _before_colon(line, at, match.end(), before, at_line_start=at_line_start)
        if heading:
            yield heading
            at = heading.end


def begins_findings(line: str) -> bool:
    """Whether a line is the row of a template that a film is read by: "LUNGS: ...", "Left effusion: ..."."""
    return _PART.match(line) is not None


def is_title(text: str) -> bool:
    """Whether a paragraph only names the films, in capitals, as in "AP CHEST, 5:23 A.M., ___"."""
    words = re.findall(r"[\w-]+", text)
    return text.isupper() and len(words) <= _MAX_WORDS and bool(_FILM_TERMS & {word.lower() for word in words})


def _alone(line: str, before: Before) -> Heading | None:
    """The heading that a line without a colon is."""
    text = _normalise(line)
    if text == "final report":
        return Heading(Section.PREAMBLE, 0, len(line), final=True)
    section = _HEADINGS.get(text)
    stands_out = line.isupper() or (before.at_sentence_start and (line.strip()[:1].isupper() or before.caseless))
    return Heading(section, 0, len(line)) if section and stands_out else None


def _without_colon(line: str, before: Before) -> Heading | None:
    """The heading at a line's beginning that ends with another sign, or in capitals with nothing at all."""
    match = _WITHOUT_COLON.match(line)
    if match is None or not before.at_sentence_start:
        return None
    name, sign = match["name"], match["sign"].strip()
    capitals = name.isupper() and not line.isupper()
    if not (capitals or (name[0].isupper() and sign and sign != ".")):
        return None
    return Heading(_HEADINGS[_normalise(name)], match.start("name"), match.end("sign"))


def _before_colon(line: str, at: int, end: int, before: Before, *, at_line_start: bool) -> Heading | None:
    """The heading that ends with this colon, of the text from `at` on, which may be the line's beginning."""
    text = line[max(at, end - _LONGEST) : end - 1].rstrip()
    if not text or not (text[-1].isalpha() or text[-1] in ")_"):  # a time of day, mostly
        return None
    first = end - len(line[at:end].lstrip()) if at_line_start else end
    if at_line_start and (section := _match_exact(text.strip(" \t*#"), before)):
        return Heading(section, first, end)
    if match := _AT_END.search(text, max(0, len(text) - _LONGEST_NAME)):
        start = max(at, end - _LONGEST) + match.start()
        if _stands_out(match[0], line[max(at, start - _LONGEST) : start].rstrip(), before):
            return Heading(_HEADINGS[_normalise(match[0])], start, end)
    if at_line_start and (section := _match_loosely(text.strip(" \t*#"), before.at_sentence_start)):
        return Heading(section, first, end)
    return None


def _stands_out(name: str, text: str, before: Before) -> bool:
    """Whether a name of a section after this text of its line is a heading."""
    if name.isupper():
        return True
    if not (name[0].isupper() or before.caseless):
        return False
    if text[-1:] in (*".;:!?_)*#",):
        return True
    last = text.rsplit(maxsplit=1)[-1].lower() if text else before.last_word
    return name.lower() not in _COMMON_WORDS and last not in _CONTEXT_WORDS


def _match_exact(text: str, before: Before) -> Section | None:
    """The section of a text that is nothing but a heading."""
    section = _HEADINGS.get(_normalise(text))
    begins = before.at_sentence_start or (before.caseless and before.last_word not in _CONTEXT_WORDS)
    if section and (begins or text[0].isupper()):
        return section
    return _match_keyword(text) if text.isupper() and len(text.split()) <= 3 else None


def _match_loosely(text: str, at_sentence_start: bool) -> Section | None:
    """The section of a longer or misspelled heading, or of a list of films."""
    words = re.findall(r"[\w-]+", text.lower())
    if not words or len(words) > _MAX_WORDS or _SENTENCE_END.search(text):
        return None
    if text.isupper():
        section = _match_keyword(text) if len(words) <= 6 else None
        section = section or (_match_misspelled(" ".join(words)) if len(words) <= 3 else None)
        return section or (Section.VIEWS if _FILM_TERMS & set(words) and not _NO_FILMS & set(words) else None)
    if at_sentence_start and _FILM_TERMS & set(words) and set(words) <= _FILM_VOCABULARY:
        return Section.VIEWS
    return _match_misspelled(" ".join(words)) if text[0].isupper() and at_sentence_start and len(words) <= 3 else None


def _match_keyword(text: str) -> Section | None:
    if _SENTENCE_END.search(text):
        return None
    return next((section for part, section in _KEYWORDS if part in text), None)


@lru_cache(maxsize=1024)
def _match_misspelled(text: str) -> Section | None:
    """The section of a heading in which a word has a letter wrong, too many or too few, or two letters swapped."""
    words = text.split()
    if len(words) == 1 and (found := get_close_matches(text, _SPELL_CHECKED, n=1, cutoff=_MIN_SIMILARITY)):
        return _HEADINGS[found[0]]
    right = [next((name for name in _SPELL_CHECKED if _one_slip(word, name)), word) for word in words]
    return _HEADINGS.get(" ".join(right)) if right != words else None


def forget_headings() -> None:
    """Let go of the words that were compared with the headings' spellings: they are somebody's."""
    _match_misspelled.cache_clear()


def _one_slip(typed: str, name: str) -> bool:
    if abs(len(typed) - len(name)) > 1 or typed == name:
        return False
    same = next((i for i, (a, b) in enumerate(zip(typed, name, strict=False)) if a != b), min(len(typed), len(name)))
    rest, expected = typed[same:], name[same:]
    return (
        rest[1:] == expected[1:]
        or rest[1:] == expected
        or rest == expected[1:]
        or (rest[:2] == expected[:2][::-1] and rest[2:] == expected[2:])
    )


def _normalise(text: str) -> str:
    return " ".join(text.lower().split())
