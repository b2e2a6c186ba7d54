"""The reader's own key words: "large heart, effusion R, pneumonia LLL?"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from clinicalblip.labeler.everyday_words import in_report_words
from clinicalblip.labeler.mentions import mentions
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation

_SEPARATOR: Final = re.compile(r"([,;\n]|(?<![\w+])(?:and|plus|\+|&)(?![\w+]))")
_JOINING: Final = frozenset({"and", "plus", "+", "&"})
_DOUBT: Final = re.compile(
    r"\?|\b(?:query|poss|r/o|rule out|(?:please )?look for|looks like|could be|concern for|\?+)\b\.?", re.IGNORECASE
)
_PLACE: Final = (
    r"(?:left|right|bilateral|both|upper|mid|middle|lower|ap(?:ex|ical|ices)|bas(?:es?|al)|zones?|lobes?|lungs?|sides?"
    r"|rul|rml|rll|lul|lll|lingula|lateral|the|in|on|at|of)"
)
_DEGREE: Final = r"(?:tiny|trace|minimal|small|mild|slight|moderate|large|severe|marked|massive|huge|gross)"
_ATTRIBUTES: Final = re.compile(rf"(?:\b(?:{_PLACE}|{_DEGREE})\b\W*)+")
_PLACE_BEHIND: Final = re.compile(rf"(?: {_PLACE})+$")
# What a side behind the last of several joined findings is said of: "collapse + effusion L".
_SHARES_PLACE: Final = frozenset(
    {
        Observation.LUNG_OPACITY,
        Observation.CONSOLIDATION,
        Observation.PNEUMONIA,
        Observation.ATELECTASIS,
        Observation.INFILTRATION,
        Observation.PLEURAL_EFFUSION,
        Observation.PNEUMOTHORAX,
    }
)


@dataclass(frozen=True)
class KeyWord:
    """One of a reader's key words as it was written, and the findings that it names: none where nothing is known."""

    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Part:
    """What stands between two separators, in the reader's words and in a report's."""

    text: str
    plain: str
    doubted: bool
    findings: tuple[Finding, ...]
    joined: bool  # to the part before it, by "and"


def read_key_words(hints: str) -> tuple[KeyWord, ...]:
    """Read a reader's key words, separated by commas, semicolons, lines or "and"; single letters can be sides.

    A side, zone or degree behind a separator belongs to the finding before it ("effusion, left", "nodules RUL, LUL");
    a place behind the last of findings that are joined by "and" belongs to all of them that have none. A question mark
    doubts the findings of its part, except devices: what is asked of a tube is its position.
    """
    parts: list[_Part] = []
    for part in _parts(hints):
        if not part.findings and parts and parts[-1].findings and _ATTRIBUTES.fullmatch(part.plain):
            parts[-1] = _with_attributes(parts[-1], part)
        else:
            parts.append(part)
    for number in range(len(parts) - 1, 0, -1):
        if parts[number].joined and (place := _PLACE_BEHIND.search(parts[number].plain)):
            parts[number - 1] = _placed(parts[number - 1], place[0])
    return tuple(KeyWord(part.text, part.findings) for part in parts)


def _parts(hints: str) -> Iterator[_Part]:
    texts = _SEPARATOR.split(hints)
    for number in range(0, len(texts), 2):
        if text := texts[number].strip(" ."):
            doubted = bool(_DOUBT.search(text))
            plain = in_report_words(_DOUBT.sub(" ", text))
            yield _Part(text, plain, doubted, _findings(plain, doubted), number > 0 and texts[number - 1] in _JOINING)


def _findings(plain: str, doubted: bool) -> tuple[Finding, ...]:
    found = (mention.finding for mention in mentions(plain))
    return tuple(_doubted(finding) if doubted else finding for finding in found)


def _doubted(finding: Finding) -> Finding:
    asked = finding.certainty is Certainty.PRESENT and finding.observation is not Observation.SUPPORT_DEVICES
    return replace(finding, certainty=Certainty.UNCERTAIN) if asked else finding


def _with_attributes(part: _Part, more: _Part) -> _Part:
    """The part with a side, zone or degree that stands behind it: said of it, or of another of its kind elsewhere."""
    doubted, last = part.doubted or more.doubted, part.findings[-1]
    text = f"{part.text}, {more.text}"
    if last.sides or last.zones:
        again = _findings(f"{more.plain} {_name(last)}", doubted)
        return replace(part, text=text, doubted=doubted, findings=(*part.findings, *again))
    plain = f"{part.plain} {more.plain}"
    found = _findings(plain, doubted)
    if found == part.findings:  # a degree is read before its finding
        plain = f"{more.plain} {part.plain}"
        found = _findings(plain, doubted)
    return replace(part, text=text, plain=plain, doubted=doubted, findings=found)


def _placed(part: _Part, place: str) -> _Part:
    """The part with a place that stands behind the part that it is joined to, where it has none of its own."""
    if not part.findings or any(
        finding.sides or finding.zones or finding.observation not in _SHARES_PLACE for finding in part.findings
    ):
        return part
    plain = part.plain + place
    return replace(part, plain=plain, findings=_findings(plain, part.doubted))


def _name(finding: Finding) -> str:
    return finding.observation.value.lower()
