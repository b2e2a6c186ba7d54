"""The ways in which a report can be made wrong: each is a kind, what it does to sentences, and what it should change.

Whether a report that was changed so says what was meant and nothing else is looked at in `inject.py`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Final

from clinicalblip.labeler import findings
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import NAMED_BY, Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import Significance
from clinicalblip.reader_study.injection.false_additions import false_additions
from clinicalblip.reader_study.injection.false_findings import FALSE_DEVICES, FALSE_FINDINGS
from clinicalblip.reader_study.injection.injected_error import InjectedKind
from clinicalblip.reader_study.injection.report_pieces import Edits, Piece, Place, SectionPieces, cut_report
from clinicalblip.reader_study.injection.sentence_edits import edits_of
from clinicalblip.reader_study.injection.significance import OF_FINDING, of_attribute
from clinicalblip.reader_study.injection.whole_sentence import names_more
from clinicalblip.structured_report.impression import NORMAL_IMPRESSION
from clinicalblip.structured_report.phrasings import APPLICABLE
from clinicalblip.structured_report.regions import REGION_OF, regions_named
from clinicalblip.structured_report.rewriting import express, said

O = Observation  # noqa: E741 - one letter keeps the tables below tables


@dataclass(frozen=True)
class Candidate:
    """One way to make a report wrong, and which finding it is about."""

    kind: InjectedKind
    observation: Observation
    significance: Significance
    edits: Edits


def candidates(report: Report, kind: InjectedKind, lot: Random) -> Iterator[Candidate]:
    """Yield the ways to make a report wrong in this kind, by lot."""
    cut_up = cut_report(report)
    if kind in (InjectedKind.FALSE_FINDING, InjectedKind.DEVICE):
        of_kind = FALSE_DEVICES if kind is InjectedKind.DEVICE else FALSE_FINDINGS
        for observation, edits in false_additions(report, cut_up, of_kind, lot):
            yield Candidate(kind, observation, OF_FINDING[observation], edits)
        return
    affirmed = [
        finding
        for finding in findings(report.text)
        if finding.observation in APPLICABLE and finding.certainty is not Certainty.ABSENT
    ]
    lot.shuffle(affirmed)
    for finding in affirmed:
        if finding.observation is O.INFILTRATION or (
            finding.observation is O.LUNG_OPACITY and any(each.observation is O.INFILTRATION for each in affirmed)
        ):
            continue  # one word that is two findings for the labeler
        places = _places_of(cut_up, finding)
        if places:
            yield from _OF_KIND[kind](report, cut_up, places, finding, lot)


_Sections = Mapping[Section, SectionPieces]
_Places = list[tuple[Place, Piece]]


def _places_of(cut_up: _Sections, finding: Finding) -> _Places:
    """The sentences that affirm or doubt this observation, on these sides if any are said."""
    return [
        ((section, index), piece)
        for section, pieces in cut_up.items()
        for index, piece in enumerate(pieces.pieces)
        if any(_is_meant(each, finding) for each in piece.findings)
    ]


def _is_meant(each: Finding, finding: Finding) -> bool:
    return (
        each.observation is finding.observation
        and each.certainty is not Certainty.ABSENT
        and (not each.sides or not finding.sides or bool(each.sides & finding.sides))
    )


def _is_named_otherwise(cut_up: _Sections, places: _Places, finding: Finding) -> bool:
    """Whether another sentence may speak of it by another name: an opacity that the impression calls a nodule."""
    here = {place for place, _ in places}
    names = {name for name in Observation if _may_name(name, finding.observation)}
    return any(
        each.observation in names
        and each.certainty is not Certainty.ABSENT
        and (not each.sides or not finding.sides or bool(each.sides & finding.sides))
        for section, pieces in cut_up.items()
        for index, piece in enumerate(pieces.pieces)
        if (section, index) not in here
        for each in piece.findings
    )


_SIDES: Final = re.compile(
    r"(?<!\w)(?:left|right|bilateral\w*|both|[rl][lum]l|bibasilar|biapical)(?!\w)", re.IGNORECASE
)


def _has_sides_elsewhere(cut_up: _Sections, places: _Places, finding: Finding) -> bool:
    """Whether another sentence tells sides of the same part of the chest apart: "the left lung is clear"."""
    here = {place for place, _ in places}
    region = REGION_OF[finding.observation]
    return any(
        _SIDES.search(piece.text)
        and (region in regions_named(piece.text) or region in {REGION_OF[each.observation] for each in piece.findings})
        for section, pieces in cut_up.items()
        for index, piece in enumerate(pieces.pieces)
        if (section, index) not in here
    )


def _may_name(one: Observation, other: Observation) -> bool:
    return one in NAMED_BY.get(other, ()) or other in NAMED_BY.get(one, ())


# Attributes: a word for another


def _attribute(kind: InjectedKind) -> Callable[[Report, _Sections, _Places, Finding, Random], Iterator[Candidate]]:
    def yield_candidates(
        report: Report, cut_up: _Sections, places: _Places, finding: Finding, lot: Random
    ) -> Iterator[Candidate]:
        per_section = [place[0] for place, _ in places]
        if any(per_section.count(section) > 1 for section in cut_up):
            return  # several things of one name
        if kind in (InjectedKind.SIDE, InjectedKind.CERTAINTY) and _is_named_otherwise(cut_up, places, finding):
            return
        if kind is InjectedKind.SIDE and _has_sides_elsewhere(cut_up, places, finding):
            return
        for new in _others(kind, finding, report, lot):
            ways: list[dict[Place, str]] = [{}]
            for place, piece in places:
                ways = [{**way, place: text} for way in ways for text in _ways(kind, piece, finding, new)][:_MOST]
            for way in ways:
                texts = {place: text for place, text in way.items() if text}
                if texts:
                    yield Candidate(kind, finding.observation, of_attribute(kind, finding, new), Edits(texts))

    return yield_candidates


_MOST: Final = 6  # ways that are tried of one change
_DIFFERS: Final[Mapping[InjectedKind, str]] = MappingProxyType(
    {
        InjectedKind.SIDE: "sides",
        InjectedKind.DEGREE: "degree",
        InjectedKind.CERTAINTY: "certainty",
        InjectedKind.TEMPORAL: "change",
    }
)


def _ways(kind: InjectedKind, piece: Piece, finding: Finding, new: Finding) -> list[str]:
    """The sentence in its changed words; "" where it does not say what is changed, and stays."""
    attribute = _DIFFERS[kind]
    meant = [each for each in piece.findings if _is_meant(each, finding)]
    if len(meant) != 1 or _OTHER_STUDY.search(piece.text):
        return []
    old = meant[0]
    if getattr(old, attribute) != getattr(finding, attribute):
        return [] if getattr(old, attribute) else [""]
    value = getattr(new, attribute)
    wanted = {**{each: each for each in piece.findings}, old: replace(old, **{attribute: value})}
    found = edits_of(kind, piece.text, old, wanted[old])
    return [text for text in found if said(text) == set(wanted.values())][:_MOST]


_OTHER_STUDY: Final = re.compile(r"(?<!\w)(?:ct|mri?|pet|scan|tomograph\w*)(?!\w)", re.IGNORECASE)


def _others(kind: InjectedKind, finding: Finding, report: Report, lot: Random) -> list[Finding]:
    """What the finding could wrongly be said to be, by lot."""
    applicable = APPLICABLE[finding.observation]
    others: list[Finding] = []
    if kind is InjectedKind.SIDE and len(finding.sides) == 1 and applicable.sides:
        others = [replace(finding, sides=frozenset(Laterality) - finding.sides)]
    elif kind is InjectedKind.DEGREE and finding.degree and applicable.degree:
        others = [replace(finding, degree=degree) for degree in Degree if _is_another(finding.degree, degree)]
    elif kind is InjectedKind.CERTAINTY and finding.observation is not O.SUPPORT_DEVICES:
        doubted = finding.certainty is Certainty.UNCERTAIN
        others = [replace(finding, certainty=Certainty.PRESENT if doubted else Certainty.UNCERTAIN)]
    elif kind is InjectedKind.TEMPORAL:
        possible = applicable.changes - {Change.RESOLVED, finding.change}
        if finding.change is None:
            compares = _COMPARES.search(report.text) and not _NOTHING_TO_COMPARE.search(report.text)
            possible = possible & {Change.NEW, Change.UNCHANGED} if compares else frozenset()
        if OF_FINDING[finding.observation] is Significance.BENIGN:
            possible -= {Change.NEW}  # what takes years is not new
        others = [replace(finding, change=change) for change in Change if change in possible]
    lot.shuffle(others)
    return others


def _is_another(old: Degree, new: Degree) -> bool:
    """Whether nobody would take one degree for the other: two steps apart, or a small one and a moderate one."""
    ranks = tuple(Degree)
    steps = abs(ranks.index(old) - ranks.index(new))
    return steps > 1 or {old, new} == {Degree.SMALL, Degree.MODERATE}


_COMPARES: Final = re.compile(
    r"(?<!\w)(?:compar\w+|prior|previous\w*|earlier|interval|again|stable|unchanged|since|new)(?!\w)", re.IGNORECASE
)


_NOTHING_TO_COMPARE: Final = re.compile(
    r"(?<!\w)(?:not available|unavailable|no (?:prior|previous|comparison)s?|none available)(?!\w)", re.IGNORECASE
)


# Whole findings: taken away, or denied


_LEFT_OVER: Final = re.compile(
    r"\s*(?:this|these|that|those|it|they|which|the (?:finding|former|latter|lesion|appearance)s?|recommend\w*"
    r"|appearance|follow|suggest\w*|differential|correlat\w+|clinical|ct|however|otherwise|no other|other)(?!\w)",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(r"(?<!\w)(?:otherwise|elsewhere|remainder|remaining|rest)(?!\w)", re.IGNORECASE)
_FOLLOWED: Final = re.compile(
    r"(?<!\w)(?:recommend\w*|follow-?\s?up|further (?:eval|char)\w+|correlat\w+|consider)(?!\w)"
)


def _missing(report: Report, cut_up: _Sections, places: _Places, finding: Finding, lot: Random) -> Iterator[Candidate]:
    del lot
    texts: dict[Place, str] = {}
    for place, piece in places:
        rest = _without(piece, finding)
        if rest is None:
            return
        texts[place] = rest
    if not _leaves_no_trace(report, cut_up, texts):
        return
    if edits := _with_impression(cut_up, texts):
        observation = finding.observation
        yield Candidate(InjectedKind.MISSING_FINDING, observation, OF_FINDING[observation], edits)


def _without(piece: Piece, finding: Finding) -> str | None:
    """The sentence without a finding, "" where it said nothing else; None where more would go or change."""
    wanted = {each: None if _is_meant(each, finding) else each for each in piece.findings}
    rest = express(piece.text, wanted)
    if not rest:
        return None if rest is None or names_more(piece.text) else ""
    return rest if _is_a_part(rest, piece.text) else None


_SEVERAL: Final = re.compile(r"(?<!\w)(?:combination|both|between|either|versus|vs)(?!\w)|/", re.IGNORECASE)


def _is_a_part(rest: str, whole: str) -> bool:
    """Whether it is the sentence with words taken out in one place, and nothing else."""
    small, of_whole = rest.lower(), whole.lower()
    before = next((at for at in range(len(small)) if small[at] != of_whole[at]), len(small))
    behind = next((at for at in range(len(small)) if small[-1 - at] != of_whole[-1 - at]), len(small))
    return before + behind >= len(small) and not _SEVERAL.search(whole)


def _leaves_no_trace(report: Report, cut_up: _Sections, texts: Mapping[Place, str]) -> bool:
    """Whether nothing that stays speaks of what went."""
    for section, index in texts:
        pieces = cut_up[section].pieces
        if index + 1 == len(pieces) or (section, index + 1) in texts:
            continue
        if _LEFT_OVER.match(pieces[index + 1].text) or _ELSEWHERE.search(pieces[index + 1].text):
            return False
    return not _FOLLOWED.search(report.text.lower())


def _with_impression(cut_up: _Sections, texts: dict[Place, str]) -> Edits | None:
    """These edits, with a normal impression where nothing is left of it; None where nothing is left of the findings."""
    impression = cut_up[Section.IMPRESSION].pieces
    said_still = {
        each.observation
        for section, pieces in cut_up.items()
        for index, piece in enumerate(pieces.pieces)
        if (section, index) not in texts
        for each in piece.findings
        if each.certainty is not Certainty.ABSENT and each.observation in OF_FINDING
    }
    left = [texts.get((Section.IMPRESSION, index), piece.text) for index, piece in enumerate(impression)]
    if impression and not any(left):
        if any(OF_FINDING[name] in (Significance.URGENT, Significance.ACTIONABLE) for name in said_still):
            return None  # and it would say that nothing is acute
        texts = {**texts, (Section.IMPRESSION, 0): _like(impression[0].text, NORMAL_IMPRESSION)}
    found = cut_up[Section.FINDINGS].pieces
    if found and not any(texts.get((Section.FINDINGS, index), piece.text) for index, piece in enumerate(found)):
        return None
    return Edits(texts)


def _like(old: str, new: str) -> str:
    return new.upper() if old.isupper() else new.lower() if old.islower() else new


_DENIALS: Final[Mapping[Observation, str]] = MappingProxyType(
    {
        O.PNEUMOTHORAX: "There is no pneumothorax.",
        O.PLEURAL_EFFUSION: "There is no pleural effusion.",
        O.EDEMA: "There is no pulmonary edema.",
        O.CONSOLIDATION: "There is no focal consolidation.",
        O.PNEUMONIA: "There is no evidence of pneumonia.",
        O.LUNG_OPACITY: "There is no focal airspace opacity.",
        O.LUNG_LESION: "There is no pulmonary nodule or mass.",
        O.CARDIOMEGALY: "The heart size is normal.",
        O.ENLARGED_CARDIOMEDIASTINUM: "The mediastinal contours are normal.",
        O.FRACTURE: "There is no acute fracture.",
    }
)
"""How a finding is denied; of the others nobody writes that they are not there."""

_IS: Final = re.compile(r"(?<!\w)(?:is|are|has|have)(?!\w)", re.IGNORECASE)
_HEALED: Final = re.compile(r"(?<!\w)(?:heal\w+|old|remote|chronic|prior|callus)(?!\w)", re.IGNORECASE)
_NO: Final = re.compile(r"^There is no ")


def _negation(report: Report, cut_up: _Sections, places: _Places, finding: Finding, lot: Random) -> Iterator[Candidate]:
    """Denied in the findings; an impression leaves it out, as it leaves out what is not there."""
    del lot
    denial = _DENIALS.get(finding.observation)
    if denial is None:
        return
    denied_in = Section.FINDINGS if cut_up[Section.FINDINGS].pieces else Section.IMPRESSION
    if [place[0] for place, _ in places].count(denied_in) != 1 or _is_named_otherwise(cut_up, places, finding):
        return
    texts: dict[Place, str] = {}
    for place, piece in places:
        rest = _without(piece, finding)
        if rest is None:
            return
        texts[place] = rest
        if finding.observation is O.FRACTURE and _HEALED.search(piece.text):
            return  # no acute one is denied by that
        if place[0] is denied_in:
            short = denial if _IS.search(piece.text) else _NO.sub("No ", denial)
            texts[place] = " ".join(filter(None, (rest, _like(piece.text, short))))
    edits = _with_impression(cut_up, texts) if _leaves_no_trace(report, cut_up, texts) else None
    if edits is not None:
        observation = finding.observation
        yield Candidate(InjectedKind.NEGATION, observation, OF_FINDING[observation], edits)


_OF_KIND: Final = {
    **{kind: _attribute(kind) for kind in _DIFFERS},
    InjectedKind.MISSING_FINDING: _missing,
    InjectedKind.NEGATION: _negation,
}
