"""A sentence changed so that it says other findings and keeps its other words where it can.

Where one word for another says it, that is all (`rewording.py`). Else what has to go is taken out of its list, with the
words that belong to it. The labeler has to read the rest as before; where that fails, the sentence becomes one
sentence for each of its findings.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from clinicalblip.radiology.finding import Change, Finding
from clinicalblip.radiology.observation import Certainty
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.phrasings import phrase
from clinicalblip.structured_report.rewording import reword
from clinicalblip.structured_report.segments import LABEL
from clinicalblip.structured_report.table import findings_of, named

Wanted = Mapping[Finding, Finding | None]
"""For each finding of a sentence what it has to say instead: the same, another one, or nothing."""

_SEPARATOR: Final = re.compile(
    r"\s*[,;]\s*(?:(?P<listed>and|or|nor|but|with)(?!\w)\s*)?|\s+(?P<joined>and|or|nor|but|with|without)\s+|\s*/\s*",
    re.IGNORECASE,
)
# What is said of a whole list before its first name: "There is no evidence of ..."
_LEAD: Final = re.compile(
    r"(?:(?:there|is|are|was|were|has|have|been|may|be|no|not|without|evidence|of|any|again|also|still|seen|noted"
    r"|negative|for|definite|convincing|radiographic|findings:)\s+)*",
    re.IGNORECASE,
)
_LEAD_WORD: Final = re.compile(r"(?:there|no|not|without)(?!\w)", re.IGNORECASE)
_BOUND: Final = re.compile(r",? (?:consistent|compatible|in keeping|associated|along|together|possibly|likely)$")
_END: Final = re.compile(r"[\s.;!:]*$")
_VERB: Final = re.compile(r"(?<!\w)(?:is|are|was|were|has|have|remains?|appears?)(?!\w)", re.IGNORECASE)
_SUBJECT: Final = re.compile(r"(?:the|there|no|lungs?|heart|bones?)(?!\w)", re.IGNORECASE)
_PLURAL_VERB: Final = re.compile(r"(?P<before>^.*?)(?P<noun>\w+) (?:are|were|have)(?!\w)", re.IGNORECASE | re.DOTALL)
_SINGULAR: Final = re.compile(r"(?!(?:there|hila)$).*(?:[^s]|ss|us|is)", re.IGNORECASE)
_DENIED_NEW: Final = re.compile(r"(?<!\w)no (?:definite )?new(?!\w)", re.IGNORECASE)
_LONG: Final = 2000  # characters of a sentence that is read again a few times at most
_MOST: Final = 3


def express(original: str, wanted: Wanted, *, whole: bool = False) -> str | None:
    """The sentence as it has to be: as it was, changed, or "" where nothing is left; None where no words can say it.

    `whole`: it is not changed in a part, but written anew where anything of it changes.
    """
    if all(finding == new for finding, new in wanted.items()):
        return original
    values = list(dict.fromkeys(new for new in wanted.values() if new))
    for candidate in _candidates(original, wanted, values, whole=whole):
        if said(candidate) == set(values):
            return candidate
    return None


def said(text: str) -> set[Finding]:
    """What these words say by themselves."""
    return set(findings_of(read_sentences(text)))


def _candidates(original: str, wanted: Wanted, values: list[Finding], *, whole: bool) -> Iterator[str]:
    if not whole:
        changed = [(finding, new) for finding, new in wanted.items() if finding != new]
        old, new = changed[0]
        if len(changed) == 1 and new is not None:
            yield from islice(reword(original, old, new), _MOST if len(original) > _LONG else None)
        rest = _take_out(original, [finding for finding, _ in changed])
        if rest is not None:
            added = [value for value in values if value not in wanted]
            yield " ".join((rest, *_phrases(original, added)))
    if not values:
        yield ""
        return
    anew = " ".join(_phrases(original, values))
    if label := LABEL.match(original):
        yield label[0] + anew
    yield anew


def _phrases(original: str, findings: list[Finding]) -> Iterator[str]:
    """A sentence for each, in capitals where the original is."""
    for finding in findings:
        text = phrase(finding)
        if finding.certainty is Certainty.UNCERTAIN and finding.change is Change.NEW and _DENIED_NEW.search(original):
            text = text.replace("There may be a new", "There is no new").replace("There may be new", "There is no new")
        yield text.upper() if original.isupper() else text


def _take_out(text: str, findings: list[Finding]) -> str | None:
    """The sentence without these findings and otherwise as it was; None where it cannot be so."""
    for finding in findings:
        before = said(text)
        rest = before - {finding}
        shorter = next((each for each in _shorter(text, finding) if said(each) == rest), None)
        if shorter is None:
            return None
        text = shorter
    return text


def _shorter(text: str, finding: Finding) -> Iterator[str]:
    """The sentence with the words of one finding taken out, in several ways."""
    mentions = [mention for sentence in read_sentences(text) for mention in named(sentence)]
    places = [(each.start, each.end) for each in mentions]
    out = [place for place, each in zip(places, mentions, strict=True) if each.finding == finding]
    kept = [place for place, each in zip(places, mentions, strict=True) if each.finding != finding]
    if len(out) != 1 or any(start < out[0][1] and out[0][0] < end for start, end in kept):
        return
    start, end = out[0]
    separators = [
        each
        for each in _SEPARATOR.finditer(text)
        if not any(first < each.end() and each.start() < last for first, last in places)
    ]
    before = [each for each in separators if each.end() <= start]
    behind = [each for each in separators if each.start() >= end]
    found = list(_without_item(text, before, behind))
    for number, shorter in enumerate(found):
        if len(text) > _LONG and number:
            return
        if not _disagrees(shorter) and (kept or _stands_alone(text, shorter, before, behind)):
            yield shorter


def _without_item(text: str, before: list[re.Match[str]], behind: list[re.Match[str]]) -> Iterator[str]:
    stop = _END.search(text)
    body = stop.start() if stop else len(text)
    if before and behind:
        two_left = _is_comma(before[-1]) and not (len(before) > 1 and _is_comma(before[-2]))
        joined = _joined_by(behind[0]) if two_left else behind[0][0]
        yield text[: before[-1].start()] + joined + text[behind[0].end() :]
    elif before:
        head = _BOUND.sub("", text[: before[-1].start()])
        conjunction = _conjunction(before[-1])
        if len(before) > 1 and conjunction.lower() in ("and", "or", "nor") and _is_comma(before[-2]):
            yield f"{head[: before[-2].start()]} {conjunction} {head[before[-2].end() :]}{text[body:]}"
        yield head + text[body:]
    if behind:
        rest = text[behind[0].end() :]
        if len(behind) > 1 and _is_comma(behind[0]):  # "no effusion, or edema" is a list of two
            rest = text[behind[0].end() : behind[1].start()] + _joined_by(behind[1]) + text[behind[1].end() :]
        item = before[-1].end() if before else 0
        lead = _LEAD.match(text, item)
        at = lead.end() if lead else item
        if at > item and not _LEAD_WORD.match(rest):
            yield text[:at] + rest
        if not before:
            yield _like(text, rest, begins=True)
        elif _conjunction(before[-1]).lower() in ("with", "without") or _SUBJECT.match(text, item):
            yield text[:item] + rest


def _is_comma(separator: re.Match[str]) -> bool:
    return not _conjunction(separator) and separator[0].strip() == ","


def _conjunction(separator: re.Match[str]) -> str:
    return separator["listed"] or separator["joined"] or ""


def _joined_by(separator: re.Match[str]) -> str:
    """The separator as it stands between the last two of a list: "or" for ", or"."""
    return f" {separator['listed']} " if separator["listed"] and separator[0].startswith(",") else separator[0]


def _like(old: str, new: str, *, begins: bool) -> str:
    """The new beginning with a capital where the old one had one."""
    return new[:1].upper() + new[1:] if begins and old[:1].isupper() else new


def _disagrees(text: str) -> bool:
    """Whether a verb is left in the plural for one thing: "effusion are seen"."""
    found = _PLURAL_VERB.match(text)
    return found is not None and not _SEPARATOR.search(found["before"]) and bool(_SINGULAR.fullmatch(found["noun"]))


def _stands_alone(text: str, rest: str, before: list[re.Match[str]], behind: list[re.Match[str]]) -> bool:
    """Whether what is left without any finding is a statement of its own, and what went was one as well."""
    if not _VERB.search(rest) or len(_VERB.findall(text)) == len(_VERB.findall(rest)):
        return False
    if before:
        return _conjunction(before[-1]).lower() in ("and", "but") or ";" in before[-1][0]
    return bool(behind) and _SUBJECT.match(text, behind[0].end()) is not None
