"""The checks of a report, each a function of its places and what was given with it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from clinicalblip.labeler import mentions, sentences
from clinicalblip.labeler.key_words import read_key_words
from clinicalblip.proofreading.contradictions import Place, contradict
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.finding import Change, Laterality
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import NAMED_BY, Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext, Report


@dataclass(frozen=True)
class ReportContext:
    """What stood beside the report: what was known before, whether a prior film was there, the reference, the draft."""

    context: ClinicalContext = field(default_factory=ClinicalContext)
    has_prior: bool = False
    reference: Report = field(default_factory=Report)
    draft: Report = field(default_factory=Report)


@dataclass(frozen=True)
class Remark:
    """One place to look at: a span of the findings or the impression, and the observation that it is about, if any.

    `hint` is the key word that the report does not take up; then there is no span, and `section` is the findings.
    """

    check: Check
    section: Section
    start: int = 0
    end: int = 0
    observation: Observation | None = None
    hint: str = ""


class _Report:
    """A report and what it says where."""

    def __init__(self, final: Report, given: ReportContext) -> None:
        self.given = given
        self.texts = {Section.FINDINGS: final.findings, Section.IMPRESSION: final.impression}
        self.sentences = {name: sentences(text) for name, text in self.texts.items()}
        self.places = [
            Place(name, mention, self.texts[name][sentence.start : sentence.end].lower())
            for name, said in self.sentences.items()
            for sentence in said
            for mention in sentence.mentions
        ]

    def of(self, section: Section) -> list[Place]:
        return [place for place in self.places if place.section == section]


def proofread(final: Report, given: ReportContext) -> tuple[Remark, ...]:
    """What may be wrong with a report, in the order of `Check` and of the text; each check at a place once."""
    report = _Report(final, given)
    remarks = [remark for check in _CHECKS for remark in check(report)]
    return tuple(dict.fromkeys(remarks))


def _remark(check: Check, place: Place) -> Remark:
    mention = place.mention
    return Remark(check, place.section, mention.start, mention.end, mention.finding.observation)


def _says_and_denies(report: _Report) -> Iterator[Remark]:
    """Each finding once a section: at the first place that contradicts one before it."""
    for section in report.texts:
        places, seen = report.of(section), set()
        if not {Certainty.PRESENT, Certainty.ABSENT} <= {place.finding.certainty for place in places}:
            continue
        for one, other in combinations(places, 2):
            if other.finding.observation not in seen and contradict(one, other):
                seen.add(other.finding.observation)
                yield _remark(Check.SAYS_AND_DENIES, other)


def _findings_impression_disagree(report: _Report) -> Iterator[Remark]:
    found = {(place.finding, place.sentence): place for place in report.of(Section.FINDINGS)}.values()  # each once
    for place in report.of(Section.IMPRESSION):
        if any(contradict(other, place) for other in found):
            yield _remark(Check.FINDINGS_IMPRESSION_DISAGREE, place)


# Sides

_SIDE_WORDS: Final = re.compile(r"(?<!\w)(?:left|right|bilateral|-?sided|small|moderate|large|trace)(?!\w)|[^\w ]")
_FOLLOWED: Final = frozenset({Change.UNCHANGED, Change.LARGER, Change.SMALLER})
_Sides = dict[tuple[Observation, str], set[Laterality]]


def _sides(places: list[Place], text: Callable[[Place], str]) -> _Sides:
    """The sides that are said of each finding, devices by their names: empty sets where a finding has none."""
    found: _Sides = defaultdict(set)
    for place in places:
        finding = place.finding
        is_device = finding.observation is Observation.SUPPORT_DEVICES
        name = " ".join(_SIDE_WORDS.sub(" ", text(place).lower()).split()) if is_device else ""
        found[finding.observation, name] |= finding.sides
    return found


def _side_conflict(report: _Report) -> Iterator[Remark]:
    """Another side than in the other section, in the indication, or in the prior report of what is called unchanged."""

    def words(place: Place) -> str:
        return report.texts[place.section][place.mention.start : place.mention.end]

    there = [place for place in report.places if place.finding.certainty is not Certainty.ABSENT]
    elsewhere = {
        "findings": _sides([place for place in report.places if place.section is Section.FINDINGS], words),
        "indication": _sides_of(f"{report.given.context.indication}\n{report.given.context.history}"),
        "prior": _sides_of(report.given.context.prior_report),
    }
    whole = _sides(report.places, words)
    remarks: list[Remark] = []
    for place in there:
        key = next(iter(_sides([place], words)))
        for source, sides in elsewhere.items():
            other = sides.get(key, set())
            if len(other) != 1 or len(place.finding.sides) != 1 or other == place.finding.sides:
                continue
            if source == "findings" and place.section is Section.FINDINGS:
                continue
            if source == "indication" and other <= whole[key]:
                continue
            if source == "prior" and place.finding.change not in _FOLLOWED:
                continue
            remarks.append(_remark(Check.SIDE_CONFLICT, place))
    yield from remarks
    for remark in _side_of_a_word(report):  # "left effusion" is looked at once, as a finding
        if not any(_overlap(remark, each) for each in remarks):
            yield remark


def _overlap(one: Remark, other: Remark) -> bool:
    return one.section is other.section and one.start < other.end and other.start < one.end


_BESIDE: Final = re.compile(r"(?<!\w)(left|right)(?:[ -]sided)?((?:[ -][^\W\d_]+){1,4})", re.IGNORECASE)
_BEHIND: Final = re.compile(r"(?<!\w)((?:[^\W\d_]+ ){1,3})(?:on|of|from) the (left|right)(?!\w)", re.IGNORECASE)
_NO_NOUN: Final = frozenset(
    {
        *("lower", "upper", "middle", "chest", "lungs", "sided", "small", "large", "moderate", "effusion", "which"),
        *("normal", "clear", "heart", "there", "unchanged", "again"),
    }
)  # words beside a side that name nothing of their own


def _side_of_a_word(report: _Report) -> Iterator[Remark]:
    """What is no observation, by its word: a mastectomy, a catheter's way, a hemidiaphragm."""
    asked = _words_with_sides(f"{report.given.context.indication}\n{report.given.context.history}")
    said = {section: _words_with_sides(text) for section, text in report.texts.items()}
    for section, words in said.items():
        others = asked if section is Section.FINDINGS else asked | said[Section.FINDINGS]
        for stem, (sides, start, end) in words.items():
            if stem in others and sides.isdisjoint(others[stem][0]):
                yield Remark(Check.SIDE_CONFLICT, section, start, end)
                break


def _words_with_sides(text: str) -> dict[str, tuple[frozenset[str], int, int]]:
    """Stems of words that a side is said of, with their sides and the first place."""
    found: dict[str, tuple[frozenset[str], int, int]] = {}
    for pattern, side, words in ((_BESIDE, 1, 2), (_BEHIND, 2, 1)):
        for match in pattern.finditer(text):
            for word in re.findall(r"[^\W\d_]{5,}", match[words].lower()):
                if word not in _NO_NOUN:
                    sides, start, end = found.get(word[:7], (frozenset(), *match.span()))
                    found[word[:7]] = (sides | {match[side].lower()}, start, end)
    return found


def _sides_of(text: str) -> _Sides:
    found = [Place(Section.FINDINGS, mention, "") for mention in mentions(text)]
    return _sides(
        [place for place in found if place.finding.certainty is not Certainty.ABSENT],
        lambda place: text[place.mention.start : place.mention.end],
    )


# Comparisons

_COMPARES: Final = re.compile(
    r"(?<!\w)(?:(?:compared|in comparison|relative) (?:to|with)"
    r"|(?:since|than|from|on) (?:the |a )?(?:prior|previous|last|earlier|old)"
    r"|(?:prior|previous|earlier) (?:stud|exam|film|radiograph|x-?ray|chest)"
    r"|interval (?:change|increase|decrease|improve\w*|worsen\w*|development|resolution|clearing|placement|removal)"
    r"|no (?:significant )?(?:interval )?change)",
    re.IGNORECASE,
)
_NOTHING_TO_COMPARE: Final = re.compile(
    r"(?<!\w)(?:no|without|none|lack of)(?: (?:available|relevant|direct|recent|such|known|old|other))*"
    r" (?:prior|previous|earlier|old|comparison)s?(?! change)(?: \w+)?(?!\w)|(?:prior|previous|earlier)s?(?: \w+){0,3}"
    r" (?:not|un)[ -]?available",
    re.IGNORECASE,
)


_NONE: Final = re.compile(r"\s*(?:none|no|nil|not available|unavailable|n/a|-)(?!\w)", re.IGNORECASE)


def _comparison_without_prior(report: _Report) -> Iterator[Remark]:
    context = report.given.context
    has_comparison = context.comparison.strip() and not _NONE.match(context.comparison)
    if report.given.has_prior or has_comparison or context.prior_report.strip():
        return
    for section, said in report.sentences.items():
        text = report.texts[section]
        for sentence in said:
            words = text[sentence.start : sentence.end]
            changed = next((mention for mention in sentence.mentions if mention.finding.change), None)
            compares = None if _NOTHING_TO_COMPARE.search(words) else _COMPARES.search(words)
            if changed:
                yield _remark(Check.COMPARISON_WITHOUT_PRIOR, Place(section, changed, words))
            elif compares:
                start, end = (sentence.start + at for at in compares.span())
                yield Remark(Check.COMPARISON_WITHOUT_PRIOR, section, start, end)


# What is not there

_HYPERINFLATION: Final = re.compile(r"hyper-?(?:inflat|expan|aerat|lucen)|flatten", re.IGNORECASE)


def _impression_only(report: _Report) -> Iterator[Remark]:
    if not report.texts[Section.FINDINGS].strip():
        return
    named = {place.finding.observation for place in report.of(Section.FINDINGS)}
    if _HYPERINFLATION.search(report.texts[Section.FINDINGS]):
        named.add(Observation.EMPHYSEMA)
    for place in report.of(Section.IMPRESSION):
        observation = place.finding.observation
        if place.finding.certainty is Certainty.PRESENT and not named & {observation, *NAMED_BY.get(observation, ())}:
            yield _remark(Check.IMPRESSION_ONLY, place)


_WORD: Final = re.compile(r"[^\W_]{4,}")
# A key word that nothing is to be found: a report takes it up by saying nothing.
_NOTHING: Final = re.compile(
    r"(?<!\w)(?:ok|okay|fine|normal|clear|nothing|no|none|same|worse|better)(?!\w)", re.IGNORECASE
)


def _hint_missing(report: _Report) -> Iterator[Remark]:
    named = {place.finding.observation for place in report.places}
    text = " ".join(report.texts.values()).lower()
    for word in read_key_words(report.given.context.hints):
        observations = {finding.observation for finding in word.findings}
        if observations:
            missing = any(not named & {name, *NAMED_BY.get(name, ())} for name in observations)
        else:
            stems = [] if _NOTHING.search(word.text) else [each[:4] for each in _WORD.findall(word.text.lower())]
            missing = bool(stems) and not any(stem in text for stem in stems)
        if missing:
            yield Remark(Check.HINT_MISSING, Section.FINDINGS, hint=word.text)


# Words

_LONG: Final = 2  # words of a sentence that is not said twice by chance
_PASTED: Final = 4
_PLACEHOLDER: Final = re.compile(
    r"(?<!\w)[Xx]{3,}(?!\w)|_{2,}|\*{3,}|\[[^\]\w]*\]|[\[<{][A-Za-z /|]{1,30}[\]>}]|\?{3,}"
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", text.lower()))


def _repeated_sentence(report: _Report) -> Iterator[Remark]:
    for section, said in report.sentences.items():
        seen: set[tuple[str, ...]] = set()
        for sentence in said:
            words = _words(report.texts[section][sentence.start : sentence.end])
            if words in seen and len(words) >= _LONG:
                yield Remark(Check.REPEATED_SENTENCE, section, sentence.start, sentence.end)
            seen.add(words)


def _placeholder_left(report: _Report) -> Iterator[Remark]:
    for section, text in report.texts.items():
        for match in _PLACEHOLDER.finditer(text):
            yield Remark(Check.PLACEHOLDER_LEFT, section, *match.span())


def _reference_pasted(report: _Report) -> Iterator[Remark]:
    """Two sentences at least that stand in the reference word by word, and not in the draft."""

    def said(given: Report) -> set[tuple[str, ...]]:
        return {
            _words(text[each.start : each.end])
            for text in (given.findings, given.impression)
            for each in sentences(text)
        }

    pasted = said(report.given.reference) - said(report.given.draft)
    found = [
        Remark(Check.REFERENCE_PASTED, section, sentence.start, sentence.end)
        for section, stated in report.sentences.items()
        for sentence in stated
        if len(words := _words(report.texts[section][sentence.start : sentence.end])) >= _PASTED and words in pasted
    ]
    if len(found) > 1:
        yield found[0]


_CHECKS: Final = (
    _says_and_denies,
    _findings_impression_disagree,
    _side_conflict,
    _comparison_without_prior,
    _impression_only,
    _repeated_sentence,
    _placeholder_left,
    _reference_pasted,
    _hint_missing,
)
