"""The words that say a finding's side, zone, degree and change, and those that look like them and say another thing.

`find_attribute_words` reads a sentence once.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Laterality, Zone


class Kind(StrEnum):
    """What a word is about: a place (side, zone or both), a degree, a change, or nothing of a finding.

    `OTHER` names what degrees and changes are also said of and is no finding; `BEGINS` begins another statement.
    """

    PLACE = "place"
    DEGREE = "degree"
    CHANGE = "change"
    OTHER = "other"
    BEGINS = "begins"


ATTRIBUTES: Final = (Kind.PLACE, Kind.DEGREE, Kind.CHANGE)


@dataclass(frozen=True)
class AttributeWord:
    """Words at a place in a sentence and what they say.

    `is_adverb`: of a place, they can follow a finding without a word of place ("bilaterally"); of a degree, they belong
    to the word behind them ("mildly displaced").
    """

    start: int
    end: int
    kind: Kind
    sides: frozenset[Laterality] = field(default_factory=frozenset)
    zones: frozenset[Zone] = field(default_factory=frozenset)
    degree: Degree | None = None
    change: Change | None = None
    is_adverb: bool = False


BOTH: Final = frozenset(Laterality)
_LEFT, _RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})

_LUNG: Final = r"(?:lobes?|lobar|lungs?|zones?|fields?|hemithora\w+|thorax|chest|thirds?|portions?|aspects?|ribs?)"
# "upper" is a zone where it stands before a part of the lung, also in a list: "left upper and middle lobes".
_OF_LUNG: Final = (
    r"(?=(?:[ /,-]+(?:and|or|to|the|left|right|upper|middle|mid|lower|inner|outer|medial|lateral|posterior|anterior"
    rf"|lung|superior|inferior|segments?|of)){{0,5}}[ -]{_LUNG}(?!\w))"
)
_NO_LUNG: Final = (
    r"(?! (?:lung volume|abdom|mediastin|extremit|limit|back|neck|spine|thoracic spine|lumbar|paratracheal))"
)

# A region of the lung, without a side.
_ZONES: Final[Mapping[Zone, str]] = {
    Zone.UPPER: rf"upper{_NO_LUNG}(?:{_OF_LUNG}|(?= ?:))",
    Zone.MIDDLE: rf"(?:middle|mid){_NO_LUNG}(?:{_OF_LUNG}|(?= ?:))|mid-?(?:lungs?|zones?)",
    Zone.LOWER: rf"lower{_NO_LUNG}(?:{_OF_LUNG}|(?= ?:))",
    Zone.APICAL: r"apex(?! of the heart)|apical(?! lordotic)|apices|apicolateral|apically",
    Zone.BASAL: r"(?<!skull )bases?(?! of (?:the )?(?:heart|neck|skull|tongue))|basal(?! gangl)|basilar|basally"
    r"|(?:costophrenic|costo-phrenic|cp) (?:angles?|sulc\w+|recess\w*)|subpulmonic",
    Zone.PERIHILAR: r"(?:peri-?|para|infra|supra|juxta)?hil(?:ar|um|a)"
    r"(?! (?:and mediastin\w+ )?(?:contours?|silhou\w+|structur\w+))",
    Zone.RETROCARDIAC: r"retro-?cardiac|behind the heart|posterior to the heart",
    Zone.DIFFUSE: "diffuse(?:ly)?|throughout|widespread",
}
_NO_SIDE: Final = (
    r"(?:left|right)(?:[ -]sided)?[ -](?:heart|cardiac|atri\w+|ventric\w+|aort\w+|main ?stem|main"
    r"|pulmonary (?:arter|vein)\w*|coronary|anterior descending|(?:lateral )?decubitus|lateral view)"
    r"|(?:below|beneath|under) (?:the )?(?:left|right) (?:hemi)?diaphragm"
    r"|(?:shift|deviat|rotat|displac|turn)\w*(?: \w{1,15}){0,3} to(?:wards?)? (?:the |her |his )?(?:left|right)"
)
_COMPARED: Final = (
    r"(?:left|right)(?: side| base| lung)?(?: (?:is )?(?:slightly |much |somewhat )?"
    r"(?:greater|larger|more|worse|smaller|less)(?: \w{1,12})? than| ?>)(?: on)?(?: the)? ?(?:left|right)"
    r"|[lr] ?> ?[lr]|(?:greater|larger|more|worse|smaller|less)(?: \w{1,12})? (?:on|at) (?:the )?(?:left"
    r"|right)(?: side)?(?: than\b)?"
)
# What stands after a side that is one letter: "R effusion", "L IJ line".
_AFTER_LETTER: Final = (
    r" (?:(?:small|large|moderate|tiny|pleural|chest|basal|apical|upper|mid|middle|lower|lung|base|apex|hilar|rib|ij|sc"
    r"|subclavian|jugular|picc|port|pigtail|central)(?!\w)|effusion|pneumo|ptx|hydro|h[ae]+mo|atelec|consolid|opaci"
    r"|infiltr)"
)
# Each name begins with the sides and ends with the zone.
_PLACES: Final[Mapping[str, tuple[str, frozenset[Laterality], Zone | None]]] = {
    "rul": ("rul", _RIGHT, Zone.UPPER),
    "lul": ("lul", _LEFT, Zone.UPPER),
    "rml": ("rml", _RIGHT, Zone.MIDDLE),
    "lingula": ("lingular?", _LEFT, Zone.MIDDLE),
    "rll": ("rll", _RIGHT, Zone.LOWER),
    "lll": ("lll", _LEFT, Zone.LOWER),
    "both_basal": (r"bi-?(?:basilar|basal)(?:ly)?|(?<!left )(?<!right )(?:lung )?bases", BOTH, Zone.BASAL),
    "both_apical": (r"bi-?apical(?:ly)?|(?<!left )(?<!right )(?:lung )?apices", BOTH, Zone.APICAL),
    "both_hilar": (r"bi-?hilar", BOTH, Zone.PERIHILAR),
    "both": (
        r"bilateral(?:ly)?|both(?! (?:unchanged|stable|are|in|have|new|improved|worse|small|of them)(?!\w))|bilobar",
        BOTH,
        None,
    ),
    "either": (r"(?:either|each|both) (?:side|lung|hemithorax|base)s?", BOTH, None),
    "left": (rf"left(?! (?:at|behind|over) )|l(?={_AFTER_LETTER})", _LEFT, None),
    "right": (rf"right|r(?={_AFTER_LETTER})", _RIGHT, None),
}

_DEGREES: Final[Mapping[Degree, str]] = {
    Degree.TRACE: "trace|tiny|minimal(?:ly)?|minor(?! fissure)|subtle|subtly|miniscule|minuscule",
    Degree.SMALL: "mild(?:ly)?|slight(?:ly)?|small(?!er| bowel|-bore| bore)",
    Degree.MODERATE: "moderate(?:ly)?(?! (?:large|severe|marked))",
    Degree.LARGE: r"severe(?:ly)?|marked(?:ly)?|massive(?:ly)?|extensive(?:ly)?|large(?![r-])|huge|(?<!no )gross"
    r"|grossly(?= enlarged)|tension|moderate(?:ly)? (?:large|severe"
    r"|marked)",
}
_RANKS: Final = tuple(Degree)

_WAS_THERE: Final = (
    r"(?:seen|identified|visuali[sz]ed|present|evident|demonstrated|appreciated|noted|detected|apparent|visible|there)"
)
_BEFORE: Final = (
    r"(?:before|previously|earlier|(?:on|in|at) (?:the |a |any )?(?:prior|previous|earlier|old(?:er)?|comparison|last)"
    r"(?: (?:stud(?:y|ies)|exam\w*|films?|radiographs?|x-?rays?|ct))?)"
)
_HOW_MUCH: Final = (
    r"(?:(?:significant|substantial|appreciable|relevant|definite|major|great|interval|overall|real|obvious"
    r"|other)(?:ly)? )*"
)
_NO_CHANGE: Final = "(?:lung volume|inspirat|aerat|in lung volume|ap (?:chest )?diameter)"
_DENSER: Final = (
    r"(?: [\w-]+){0,2} (?:opaci|densit|marking|interstit|bronch|vascul|attenuat|lucen|prominen)"  # than usual
)
_CHANGES: Final[Mapping[Change, str]] = {
    Change.SMALLER: r"(?:(?:partial(?:ly)?|incomplete(?:ly)?|nearly|almost|mostly|largely|near)[ -]"
    r"(?:complete |completely |interval )*(?:resolved|resolution(?: of)?|cleared|clearing(?: of)?)"
    rf"|decreas(?:ed|es|ing|e)(?! {_NO_CHANGE})|smaller|better(?! (?:seen|assess|evaluat|visual|demonstrat|appreciat"
    rf"|charact|depict|deline))"
    r"|improv(?:ed|es|ing|ement(?: (?:in|of))?)(?! (?:inspirat|aerat|lung volume))|diminish(?:ed|ing)|reduc(?:ed|tion)"
    r"|regress\w+|shrunk(?:en)?|shrinking|resolving|clearing(?: of)?|fading|receding|less(?!er|ened)(?! likely)"
    r"|lessen(?:ed|ing)?)",
    Change.UNCHANGED: rf"(?:no|not|without|little|minimal) {_HOW_MUCH}(?:change[ds]?|interval change"
    rf"|difference)(?: in)?"
    rf"|(?:no|not|without) {_HOW_MUCH}(?:increase[ds]?|decrease[ds]?|worsening|worsened|improve(?:d|ment)"
    r"|progress(?:ed|ion)|enlarged|larger|smaller)"
    rf"|nor (?:has|have|is|are)(?=[^,;.]{{1,100}} altered)"
    r"|again (?:seen|noted|demonstrated|identified|present|visuali[sz]ed)|again(?= )|remains?|as before|similar(?:ly)?"
    r"|the same(?: as)?|still"
    r"|(?:un-?changed|stable|stably|persist(?:s|ent|ently|ing|ed|ence of)?|stationary|constant|unaltered"
    r"|re-?demonstrat\w+)",
    Change.RESOLVED: r"(?<!not )(?<!nearly )(?<!almost )(?<!partially )(?<!partly )(?<!incompletely )(?<!mostly )"
    rf"(?:(?:not|no longer) {_WAS_THERE} (?:today|now|currently)|no longer(?: (?:{_WAS_THERE}|any|an?|evidence of"
    rf"|there))?|resolved|cleared(?! of)|disappeared|vanished"
    r"|gone|resolution of|interval clearing of|removed|removal of|removal|withdrawn(?=[,)]|$)|extubat\w+)",
    Change.LARGER: rf"(?:(?:(?<=interval )|(?<=has )|(?<=have ))increased(?! {_NO_CHANGE})|increased(?! {_NO_CHANGE}"
    rf"|{_DENSER})"
    rf"|increas(?:es|ing|e)(?! {_NO_CHANGE})"
    r"|larger|worse(?:n(?:ed|ing|s))?|progress(?:ed|es|ing|ion(?: of)?|ive(?:ly)?)|enlarging|gr(?:own|owing)"
    r"|(?:more|increasingly) (?:prominent|extensive|pronounced|confluent|conspicuous|dense|apparent|widespread|severe"
    r"|marked)"
    r"|expand(?:ed|ing)|bigger|wider|deteriorat(?:ed|ion)|re-?accumulat\w+)",
    Change.NEW: rf"(?:new(?:ly)?|(?:interval )?(?:development|placement|insertion) of|interval appearance of|(?:has"
    rf"|have) (?:\w+ )?developed"
    rf"|not present (?:on|in|at) (?:the )?(?:\w+ )?(?:film|study|exam\w*|radiograph)s?|(?:not"
    rf"|un)[ -]?{_WAS_THERE} {_BEFORE}|not {_BEFORE} {_WAS_THERE})",
}
_OTHER: Final = (
    r"pericardial effusions?|lung volumes?|inspirat\w+(?: effort)?|inflation|aeration|(?:patient )?rotation"
    r"|(?:thoracic )?aort\w+|habitus|bowel(?: loops?)?|bore|caliber|vasculature|vascularity|vessels?|contours?"
    r"|silhouettes?|heart(?: size)?|hearts?"
    r"|cardiac size|mediastinum|spine|trachea|dis[ck]s?|subcutaneous emphysema|pulmonary arter\w+"
    r"|soft tissues?|volume loss|gastric bubble|stomach|markings"
)
_BEGINS: Final = (
    r"but|however|although|though|while|whereas|except|without|no|not|none|absent|clear|normal|unremarkable|intact"
    r"|there (?:is|are|was|were|has|have)"
)


def _group(name: str, words: str) -> str:
    return rf"(?P<{name}>{words})"


# The first that fits at a place is taken. Every word begins with a letter, so that few places are looked at.
_WORDS: Final = re.compile(
    r"(?<!\w)(?=[a-z])(?:"
    + "|".join(
        (
            _group("none", _NO_SIDE),
            _group("compared", _COMPARED),
            *(_group(f"change_{change.value}", words) for change, words in _CHANGES.items()),
            *(_group(f"degree_{degree.value}", f"(?<!previously )(?:{words})") for degree, words in _DEGREES.items()),
            *(_group(f"place_{name}", words) for name, (words, _, _) in _PLACES.items()),
            *(_group(f"zone_{zone.value}", words) for zone, words in _ZONES.items()),
            _group("other", rf"(?<!-)(?:{_OTHER})"),
            _group("begins", _BEGINS),
        )
    )
    + r")(?!\w)"
)
_RANGE: Final = re.compile(r" to | or |-to-|/| - |-")


def find_attribute_words(sentence: str) -> list[AttributeWord]:
    """The attribute words of a sentence in order; of a range of degrees the larger is one word."""
    words: list[AttributeWord] = []
    for match in _WORDS.finditer(sentence):
        word = _read(match)
        if word is None:
            continue
        if words and word.degree and words[-1].degree and _RANGE.fullmatch(sentence, words[-1].end, word.start):
            degree = max(words[-1].degree, word.degree, key=_RANKS.index)
            words[-1] = AttributeWord(words[-1].start, word.end, Kind.DEGREE, degree=degree, is_adverb=word.is_adverb)
        else:
            words.append(word)
    return list(_without_degrees_of_change(sentence, words))


def _read(match: re.Match[str]) -> AttributeWord | None:
    kind, _, value = str(match.lastgroup).partition("_")
    start, end = match.span()
    if kind == "change":
        return AttributeWord(start, end, Kind.CHANGE, change=Change(value))
    if kind == "degree":
        return AttributeWord(start, end, Kind.DEGREE, degree=Degree(value), is_adverb=match[0].endswith("ly"))
    if kind == "place":
        _, sides, zone = _PLACES[value]
        zones = frozenset({zone}) if zone else frozenset()
        return AttributeWord(start, end, Kind.PLACE, sides, zones, is_adverb=match[0].endswith("ly"))
    if kind == "zone":
        return AttributeWord(start, end, Kind.PLACE, zones=frozenset({Zone(value)}), is_adverb=match[0].endswith("ly"))
    if kind == "compared":
        return AttributeWord(start, end, Kind.PLACE, BOTH, is_adverb=True)
    return None if kind == "none" else AttributeWord(start, end, Kind(kind))


_OF_CHANGE: Final = frozenset({Change.LARGER, Change.SMALLER, Change.RESOLVED})
_BETWEEN: Final = re.compile(r" (?:interval |progressive )?")
_NOUN: Final = re.compile(
    r"(?:increase|decrease|improvement|progression|reduction|regression|resolution|deterioration)(?!\w)"
    r"|\w+ (?:of|in)(?!\w)"
)


def _without_degrees_of_change(sentence: str, words: list[AttributeWord]) -> Iterator[AttributeWord]:
    """Leave out what says how much a finding changed: "slightly larger", "mild interval increase"."""
    for i, word in enumerate(words):
        follower = words[i + 1] if i + 1 < len(words) else None
        if (
            word.degree
            and follower
            and follower.change in _OF_CHANGE
            and _BETWEEN.fullmatch(sentence, word.end, follower.start)
            and (word.is_adverb or _NOUN.match(sentence, follower.start))
        ):
            continue
        yield word
