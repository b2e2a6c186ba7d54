"""A false finding put into a report, so that nothing beside it says otherwise.

What denied it goes out of its sentence, "clear" lungs become "otherwise clear" behind it, and an impression that
nothing is acute says that nothing else is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from clinicalblip.labeler import findings
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.injection.false_findings import (
    DENIED_WITH,
    GIVEN_AWAY_BY,
    LUNG,
    FalseFinding,
)
from clinicalblip.reader_study.injection.report_pieces import Edits, Piece, Place, SectionPieces
from clinicalblip.reader_study.injection.whole_sentence import names_more, says_only_findings
from clinicalblip.structured_report.impression import URGENT
from clinicalblip.structured_report.phrasings import phrase
from clinicalblip.structured_report.regions import REGION_OF, regions_named
from clinicalblip.structured_report.rewriting import express, said

O = Observation  # noqa: E741 - one letter keeps the tables below tables

_VERB: Final = re.compile(r"(?<!\w)(?:is|are|was|were|has|have|remains?|appears?)(?!\w)", re.IGNORECASE)
_CLEAR: Final = re.compile(r"(?<!\w)(?<!otherwise )(?:clear(?! of)|normal|unremarkable)(?!\w)", re.IGNORECASE)
_OTHERWISE: Final = re.compile(r"(?<!\w)otherwise(?!\w)", re.IGNORECASE)
_LUNGS: Final = re.compile(r"(?<!\w)lungs?(?!\w)", re.IGNORECASE)
_ACUTE: Final = re.compile(r"(?<!\w)(?:acute|active)(?!\w)", re.IGNORECASE)
# "no acute", "no evidence of acute", "without an acute"
_NO_ACUTE: Final = re.compile(r"(?<!\w)(?P<word>no|of|for|without|an) (?=(?:acute|active)(?!\w))", re.IGNORECASE)
_ALL_NORMAL: Final = re.compile(
    r"(?<!\w)(?:(?:no|negative for|without) (?:[\w-]{1,20},? ){0,6}(?:abnormalit\w*|disease|process\w*|findings?)"
    r"|(?:normal|negative|unremarkable|clear) (?:[\w-]{1,20} )?(?:chest|exam\w*|study|radiographs?|x-?rays?|films?"
    r"|lungs?)"
    r"|chest (?:x-?\w{1,8} |radiograph |film )?(?:is )?(?:normal|negative|unremarkable|clear))(?!\w)",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"(?<!\w)(?:bon(?:es?|y)|oss\w+|skelet\w+|soft tissues?|spin(?:e|al)|abd\w+)(?!\w)", re.I
)
_NO_MEDIASTINUM: Final = "There is no mediastinal widening."
_MEDIASTINUM: Final = "The mediastinal contours are normal."


def false_additions(
    report: Report, cut_up: Mapping[Section, SectionPieces], of_kind: Sequence[FalseFinding], lot: Random
) -> Iterator[tuple[Observation, Edits]]:
    """Yield ways to say something false of this kind, by lot and weight, that nothing in the report gives away."""
    affirmed = {each.observation for each in findings(report.text) if each.certainty is not Certainty.ABSENT}
    for false in _by_weight(of_kind, lot):
        sides = ["left", "right"]
        lot.shuffle(sides)
        if false.observation in affirmed:
            continue
        for side in sides[: 1 + ("{side}" in false.sentence)]:
            edits = _Addition(cut_up, false, side).edits()
            if edits is not None:
                yield false.observation, edits


def _by_weight(of_kind: Sequence[FalseFinding], lot: Random) -> list[FalseFinding]:
    """All of them in an order by lot, those of more weight rather before the others."""
    return sorted(of_kind, key=lambda each: -(lot.random() ** (1 / each.weight)))


class _Addition:
    """One false finding on one side, and the edits that a report needs for it."""

    def __init__(self, cut_up: Mapping[Section, SectionPieces], false: FalseFinding, side: str) -> None:
        self._cut_up, self._false = cut_up, false
        self._sentence, self._short = (
            each.format(side=side, Side=side.capitalize()) for each in (false.sentence, false.short)
        )
        self._texts: dict[Place, str] = {}
        self._added: dict[Place, str] = {}

    def edits(self) -> Edits | None:
        """The edits; None where a sentence would give it away, or cannot be changed."""
        sections = [section for section, pieces in self._cut_up.items() if pieces.pieces]
        if not sections:
            return None
        for section in sections:
            if not self._say_in(section):
                return None
        return Edits(self._texts, self._added)

    def _say_in(self, section: Section) -> bool:
        pieces = self._cut_up[section].pieces
        first_changed: int | None = None
        is_said = False
        for index, piece in enumerate(pieces):
            new = self._beside(piece)
            if new is None:
                return False
            if new == piece.text:
                continue
            if new:
                self._texts[section, index] = new
            else:
                self._texts[section, index] = self._words(section)
                if is_said:
                    return False  # twice in one section
                is_said = True
            first_changed = index if first_changed is None else first_changed
        if is_said:
            return True
        if first_changed is None and not self._is_said_in(section):
            return True
        at = self._place_in(section) if first_changed is None else first_changed
        self._added[section, at] = self._words(section)
        return True

    def _words(self, section: Section) -> str:
        pieces = self._cut_up[section].pieces
        without_verb = sum(not _VERB.search(piece.text) for piece in pieces)
        short = section is Section.IMPRESSION or 2 * without_verb > len(pieces)
        text = self._short if short else self._sentence
        beside = " ".join(piece.text for piece in pieces)
        return text.upper() if beside.isupper() else text.lower() if beside.islower() else text

    def _is_said_in(self, section: Section) -> bool:
        """An impression names what is acute or urgent; the findings name all."""
        if section is Section.FINDINGS:
            return True
        alone = not self._cut_up[Section.FINDINGS].pieces
        return alone or self._false.acute or self._false.observation in URGENT

    def _place_in(self, section: Section) -> int:
        """Before which sentence it stands: behind the last of its region, first in an impression."""
        pieces = self._cut_up[section].pieces
        if section is Section.IMPRESSION:
            return 0
        region = REGION_OF[self._false.observation]
        here = [
            index
            for index, piece in enumerate(pieces)
            if region in {REGION_OF.get(each.observation) for each in piece.findings}
            or region in regions_named(piece.text)
        ]
        return here[-1] + 1 if here else len(pieces)

    def _beside(self, piece: Piece) -> str | None:
        """A sentence as it can stand beside the false finding, "" where that takes its place; None where it cannot."""
        false, text = self._false, piece.text
        clear_lungs = bool(_LUNGS.search(text) and _CLEAR.search(text)) and any(
            each.observation is O.LUNG_OPACITY and each.certainty is Certainty.ABSENT for each in piece.findings
        )
        if false.observation in LUNG and clear_lungs and _OTHERWISE.search(text):
            return text
        if false.observation in LUNG and clear_lungs:
            changed = _CLEAR.sub(lambda found: f"otherwise {found[0]}", text, count=1)
            return changed if _LUNGS.search(text[: _at(text)]) and said(changed) == set(piece.findings) else None
        denied = [each for each in piece.findings if each.observation is false.observation]
        if denied:
            return self._without(piece, denied)
        if any(each.observation in DENIED_WITH.get(false.observation, ()) for each in piece.findings):
            return None
        given_away = GIVEN_AWAY_BY.get(false.observation)
        if given_away and given_away.search(text):
            return None
        is_normal = _ALL_NORMAL.search(text) and not piece.findings and not _ELSEWHERE.search(text)
        return self._beside_normal(text) if is_normal else text

    def _without(self, piece: Piece, denied: Sequence[Finding]) -> str | None:
        """A sentence without what denies the false finding, its other words as they were."""
        kept = [each for each in piece.findings if each not in denied]
        rest = express(piece.text, {each: None if each in denied else each for each in piece.findings})
        if rest and rest.lower() != " ".join(map(phrase, kept)).lower():
            return rest
        if rest is None or not says_only_findings(piece.text) or (rest and rest != _NO_MEDIASTINUM):
            return None
        return rest and _MEDIASTINUM

    def _beside_normal(self, text: str) -> str | None:
        """A sentence that says that nothing is wrong, or nothing that is acute."""
        if self._false.observation is O.SUPPORT_DEVICES or (not self._false.acute and _ACUTE.search(text)):
            return text
        if not _ACUTE.search(text):
            return None if names_more(text) else ""
        places = list(_NO_ACUTE.finditer(text))
        if len(places) != 1:
            return None
        place = places[0]
        if place["word"].lower() == "an":
            return f"{text[: place.start()]}another {text[place.end() :]}"
        return f"{text[: place.end()]}other {text[place.end() :]}"


def _at(text: str) -> int:
    found = _CLEAR.search(text)
    return found.start() if found else len(text)
