"""The sections of a free-text report as MIMIC-CXR has them: some 200 spellings of a dozen headings, or none.

Nothing is changed but white space, and nothing is added: `___`, where names and dates were taken out, stays. What is
not part of the final report (wet read, addenda, notifications, recommendations) is set apart, because a reference has
to be what was read from the film, and none of it may reach a prompt.
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
class Block:
    """A heading as it stands, and the paragraphs under it, white space folded."""

    section: Section
    heading: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """All paragraphs as one."""
        return " ".join(self.paragraphs)


_HEADINGS: Final = {
    name: section
    for section, names in {
        Section.FINDINGS: "findings, finding, findings and impression, findings/impression, findings / impression, "
        "findings/ impression, impression and findings, impression/findings, technique and findings, report, "
        "main report",
        Section.IMPRESSION: "impression, impressions, conclusion, conclusions, opinion",
        Section.INDICATION: "indication, indications, clinical indication, clinical indications, reason, "
        "reason for exam, reason for the exam, reason for examination, reason for the examination, "
        "reason for this examination, reason for study, history/indication, indication/history",
        Section.HISTORY: "history, clinical history, patient history, clinical information, medical history, "
        "interval history",
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
    "technique",
    "comparison",
    "examination",
    "conclusion",
    "recommendation",
    "notification",
)
_MIN_SIMILARITY: Final = 0.87  # "FINSINGS" is findings; "COMPRESSION" is no impression
_MAX_WORDS: Final = 16

_FILM_NAMES: Final = (
    "chest cxr radiograph radiographs view views film films x-ray xray ap pa lateral frontal portable ribs"
)
_FILM_DETAILS: Final = (
    "lat upright erect supine semi semi-upright semi-erect semiupright semierect single one two three four 1 2 3 4 "
    "image images of the and with in bedside abdomen upper left right rib decubitus oblique lordotic inspiration "
    "expiration dedicated"
)
_FILM_TERMS: Final = frozenset(_FILM_NAMES.split())
_FILM_VOCABULARY: Final = _FILM_TERMS | frozenset(_FILM_DETAILS.split())

_RULE: Final = re.compile(r"[_=*-]{10,}")
_END_OF_HEADING: Final = re.compile(
    r":|\bFINAL REPORT\b(?:\s*:)?|\b(?:PRELIMINARY )?(?:RESIDENT )?WET ?READ\b(?:[ \t]+VERSION\b)?(?:\s*:)?"
    r"|\bADDENDUM\b(?:[A-Z ]*:)?"
)
_MARKERS: Final = ("FINAL REPORT", "WET", "ADDENDUM")
_HEADING_AT_END: Final = re.compile(
    rf"(?<![^\s.;:,)/_])(?:{'|'.join(re.escape(name) for name in sorted(_HEADINGS, key=len, reverse=True))})$",
    re.IGNORECASE,
)
_LONGEST_HEADING: Final = max(map(len, _HEADINGS))
_PRELIMINARY: Final = (Section.WET_READ, Section.ADDENDUM)
_REPORT: Final = (Section.FINDINGS, Section.IMPRESSION)


def split_report(text: str) -> list[Block]:
    """Cut a report at its headings, in their order; the blocks hold all of its words.

    A heading ends with a colon, or is a line of its own in capitals. At a line's beginning it may be in any case, in
    the middle only in capitals, or with a capital after a full stop: "the following findings:" is none. A wet read
    or an addendum goes on until FINAL REPORT; where none follows, until the next heading, or after the report to the
    end.
    """
    lines = text.splitlines()
    last_final = max((number for number, line in enumerate(lines) if "FINAL REPORT" in line), default=-1)
    blocks = _BlockBuilder()
    for number, line in enumerate(lines):
        if not line.strip() or _RULE.fullmatch(line.strip()):
            blocks.end_paragraph()
            continue
        at = 0
        for heading in _find_headings(line, at_sentence_start=blocks.at_sentence_start):
            in_preliminary = blocks.section in _PRELIMINARY
            until_final = number <= last_final or blocks.has_report
            if in_preliminary and until_final and not (heading.final or heading.section in _PRELIMINARY):
                continue
            if heading.section is Section.VIEWS and (in_preliminary or blocks.section in _REPORT):
                continue
            blocks.add(line[at : heading.start])
            blocks.open(heading.section, line[heading.start : heading.end])
            at = heading.end
        blocks.add(line[at:])
    return blocks.close()


def is_title(text: str) -> bool:
    """Whether a paragraph only names the films, in capitals, as in "AP CHEST, 5:23 A.M., ___"."""
    words = re.findall(r"[\w-]+", text)
    return text.isupper() and len(words) <= _MAX_WORDS and bool(_FILM_TERMS & {word.lower() for word in words})


class _BlockBuilder:
    """Collects the blocks of a report; the last one is open."""

    def __init__(self) -> None:
        self.section = Section.PREAMBLE
        self._blocks: list[Block] = []
        self._heading = ""
        self._paragraphs: list[str] = []
        self._words: list[str] = []

    @property
    def at_sentence_start(self) -> bool:
        """Whether a new sentence may begin here."""
        return not self._words or self._words[-1][-1] in ".;:!?_)"

    @property
    def has_report(self) -> bool:
        """Whether findings or an impression came before what is open now."""
        return any(block.section in _REPORT or block.section is Section.VIEWS for block in self._blocks)

    def add(self, text: str) -> None:
        self._words += text.split()

    def end_paragraph(self) -> None:
        if self._words:
            self._paragraphs.append(" ".join(self._words))
            self._words = []

    def open(self, section: Section, heading: str) -> None:
        self.close()
        self.section, self._heading, self._paragraphs = section, " ".join(heading.split()), []

    def close(self) -> list[Block]:
        self.end_paragraph()
        if self._heading or self._paragraphs:
            self._blocks.append(Block(self.section, self._heading, tuple(self._paragraphs)))
        return self._blocks


@dataclass(frozen=True)
class _Heading:
    """Where in a line a heading stands and what it opens; `final` for FINAL REPORT, which ends a wet read."""

    section: Section
    start: int
    end: int
    final: bool = False


def _find_headings(line: str, *, at_sentence_start: bool) -> Iterator[_Heading]:
    if line.isupper() and (lone := _HEADINGS.get(_normalise(line))):
        yield _Heading(lone, 0, len(line))
        return
    if ":" not in line and not any(word in line for word in _MARKERS):
        return
    at = 0
    for match in _END_OF_HEADING.finditer(line):
        at_line_start = not line[: at if match[0] == ":" else match.start()].strip()
        if match[0].startswith("FINAL"):
            heading: _Heading | None = _Heading(Section.PREAMBLE, match.start(), match.end(), final=True)
        elif match[0].startswith("ADDENDUM"):
            heading = _Heading(Section.ADDENDUM, match.start(), match.end()) if at_line_start else None
        elif match[0] != ":":
            heading = _Heading(Section.WET_READ, match.start(), match.end())
        else:
            heading = _heading_before_colon(
                line, at, match.end(), at_line_start=at_line_start, at_sentence_start=at_sentence_start
            )
        if heading:
            yield heading
            at = heading.end


def _heading_before_colon(
    line: str, at: int, end: int, *, at_line_start: bool, at_sentence_start: bool
) -> _Heading | None:
    """The heading that ends with this colon, of the text from `at` on, which may be the line's beginning."""
    before = line[at : end - 1].rstrip()
    if not before or not (before[-1].isalpha() or before[-1] in ")_"):  # a time of day, mostly
        return None
    start = end - len(line[at:end].lstrip())
    if at_line_start and (section := _match_exact(before.strip(), at_sentence_start)):
        return _Heading(section, start, end)
    if match := _HEADING_AT_END.search(before, max(0, len(before) - _LONGEST_HEADING)):
        start = at + match.start()
        sentence_ends = line[at:start].rstrip()[-1:] in (*".;:_)",)
        if match[0].isupper() or (match[0][0].isupper() and sentence_ends):
            return _Heading(_HEADINGS[_normalise(match[0])], start, end)
    if at_line_start and (section := _match_loosely(before.strip(), at_sentence_start)):
        return _Heading(section, end - len(line[at:end].lstrip()), end)
    return None


def _match_exact(text: str, at_sentence_start: bool) -> Section | None:
    """The section of a text that is nothing but a heading."""
    section = _HEADINGS.get(_normalise(text))
    if section and (at_sentence_start or text[0].isupper()):
        return section
    return _match_keyword(text) if text.isupper() and len(text.split()) <= 3 else None


def _match_loosely(text: str, at_sentence_start: bool) -> Section | None:
    """The section of a longer or misspelled heading, or of a list of films."""
    words = re.findall(r"[\w-]+", text.lower())
    if len(words) > _MAX_WORDS:
        return None
    if text.isupper():
        section = _match_keyword(text) if len(words) <= 6 else None
        section = section or (_match_misspelled(words[0]) if len(words) == 1 else None)
        return section or (Section.VIEWS if _FILM_TERMS & set(words) else None)
    return Section.VIEWS if at_sentence_start and _FILM_TERMS & set(words) and set(words) <= _FILM_VOCABULARY else None


def _match_keyword(text: str) -> Section | None:
    return next((section for part, section in _KEYWORDS if part in text), None)


@lru_cache(maxsize=1024)
def _match_misspelled(word: str) -> Section | None:
    found = get_close_matches(word, _SPELL_CHECKED, n=1, cutoff=_MIN_SIMILARITY)
    return _HEADINGS[found[0]] if found else None


def _normalise(text: str) -> str:
    return " ".join(text.lower().split())
