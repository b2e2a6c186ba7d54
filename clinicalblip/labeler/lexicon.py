"""The lexicon: words that name observations, and parts of the chest that are called normal or abnormal.

The words are those of CheXpert's labeller (Irvin et al., AAAI 2019), and others that IU X-RAY's readers write.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clinicalblip.labeler.scope import Phrase
from clinicalblip.radiology.observation import Certainty, Observation

O = Observation  # noqa: E741 - one letter keeps the tables below tables
_PRESENT, _UNCERTAIN = Certainty.PRESENT, Certainty.UNCERTAIN


@dataclass(frozen=True)
class _Term:
    """Words that name observations; their group `other` matches where the words before make them something else.

    A term without observations is another abnormality: it names none of them, and rules out `No Finding`.
    """

    words: re.Pattern[str]
    observations: tuple[Observation, ...]
    stated: Certainty = _PRESENT


def _term(words: str, *names: Observation, unless: str = "", stated: Certainty = _PRESENT) -> _Term:
    other = rf"(?P<other>(?:{unless})[ -])?" if unless else "(?P<other>(?!))?"
    return _Term(re.compile(rf"(?<!\w){other}(?:{words})(?!\w)"), names, stated)


_TERMS: Final = (
    _term(
        r"(?:mediastinal|mediastinum|cardiomediastinal) (?:widening|enlargement|prominence|widened)"
        r"|widen(?:ed|ing)(?: of the)? (?:superior |upper |cardio)?mediastin(?:um|al)",
        O.ENLARGED_CARDIOMEDIASTINUM,
    ),
    _term(r"cardiomegaly|cardiac enlargement|enlarged heart", O.CARDIOMEGALY),
    _term(
        r"opaci\w+|(?:air ?-?space|alveolar) (?:disease|process)\w*",
        O.LUNG_OPACITY,
        unless="nodular|rounded|round|bony|bone",
    ),
    _term(
        r"densit(?:y|ies)",
        O.LUNG_OPACITY,
        unless="calcific|calcified|nodular|bone|bony|soft tissue|sclerotic|metallic|breast|fat|mineral|oval",
    ),
    _term(r"reticula(?:tion|r (?:pattern|marking)s?)|parenchymal scar\w*", O.LUNG_OPACITY),
    _term(
        r"interstitial (?:pattern|(?:lung )?(?:disease|change|abnormality|process|prominence|thickening))s?"
        r"|haz(?:e|iness)|peribronchial thickening",
        O.LUNG_OPACITY,
    ),
    _term(r"infiltrat\w+", O.LUNG_OPACITY, O.INFILTRATION),
    _term(
        r"mass(?:es)?|mass-?like|lumps?|carcinoma\w*|neoplas\w+|tumou?rs?|cavitary lesions?|nodules?"
        r"|nodular(?: [a-z-]{1,15})? (?:densit\w+|opaci\w+|lesions?)|(?:lung|pulmonary|parenchymal) lesions?",
        O.LUNG_LESION,
        unless="body|breast|thyroid|soft tissue|muscle|bone|fat",
    ),
    _term(r"(?:rounded|round|nodular) opaci\w+", O.LUNG_OPACITY),
    _term(
        r"o?edema(?:tous)?|(?:congestive )?(?:heart|cardiac) failure|(?:early|mild|overt|frank|congestive) failure|chf",
        O.EDEMA,
        unless="soft tissue|subcutaneous|bone marrow|peripheral",
    ),
    _term(
        r"(?:vascular|pulmonary|venous) congestion|(?:vessels?|vasculature):? (?:(?:is|are"
        r"|appears?) )?(?:\w+ly )?congested|indistinctness|vascular prominence|prominent vasculature",
        O.EDEMA,
        stated=_UNCERTAIN,
    ),
    _term(r"consolid\w+", O.CONSOLIDATION),
    _term(
        r"(?:broncho)?pneumonias?|infection|infectious (?:process|disease|etiology|infiltrate)\w*",
        O.PNEUMONIA,
        unless="granulomatous|old|usual interstitial",
    ),
    _term(r"atelecta\w+", O.ATELECTASIS),
    _term(r"collapsed?", O.ATELECTASIS, unless="vertebra|vertebral|body|compression"),
    _term(r"pneumo ?thora\w+|ptx", O.PNEUMOTHORAX),
    _term(r"h(?:ydro|a?emo)pneumothora\w+", O.PNEUMOTHORAX, O.PLEURAL_EFFUSION),
    _term(
        r"effusions?|pleural fluid|fluid (?:is |left |seen |remaining |in |at |the |right |minor "
        r"|major ){1,6}(?:costophrenic|fissure)|(?:hydro|ha?emo)thorax",
        O.PLEURAL_EFFUSION,
        unless="pericardial|joint|synovial",
    ),
    _term(
        r"pleura: (?!no )(?:[\w-]+ ){0,2}(?:thickening|plaques?)|pleuro-?parenchymal (?:thickening|scar\w*)"
        r"|(?:thickening|scarring|plaques?) of the pleura"
        r"|pleur(?:al|o)(?:[ -]based)?[ -](?:and[ -])?(?:(?:parenchymal|peripheral|pericardial)[ -])?"
        r"(?:thickening|scar\w*|plaques?|calcifications?)"
        r"|(?:bi)?apical (?:pleural )?(?:thickening|capping|cap)|fissural thickening|fibrothorax",
        O.PLEURAL_OTHER,
    ),
    _term(r"fractur\w+", O.FRACTURE, unless="catheter|lead|wire"),
    _term(
        r"(?:pace ?maker|pacer|catheter|picc|port-?a-?cath|medi-?port|chest port|tube|tubing|ett|device|defibrillator"
        r"|icd|aicd|drain|hardware|stent|cannula|coil|screw|plate(?![ -]?like)|rod|prosthe\w+|arthroplast\w+|wire"
        r"|shunt|sheath"
        r"|port(?=s?(?:,|:|$| (?:placement|in place|tip|is|unchanged|catheter|terminat|end)))|cvc|ngt|loop recorder"
        r"|pigtail|(?:ng|og)(?= tube|t)"
        r"|lead|monitor|anchor|xxxx-a-xxxx|tracheostomy|\w*stimulator|generator|swan-?ganz|iabp|balloon pump)s?"
        r"|tips? (?:[\w.-]{1,15} ){0,6}(?:svc|atrium|cavoatrial|caval|superior|carina|stomach)",
        O.SUPPORT_DEVICES,
        unless="end|growth|breast",
    ),
    _term(
        r"lines?",
        O.SUPPORT_DEVICES,
        unless="mid|pleural|skin|b|kerley|kerley [abc]|lung|septal|fissure|paratracheal|fracture",
    ),
    _term(r"(?:prosthetic|mechanical|artificial) (?:\w{1,12} )?valves?|valve replacement", O.SUPPORT_DEVICES),
    _term(r"emphysema\w*", O.EMPHYSEMA, unless="subcutaneous|soft tissue|mediastinal|surgical|chest wall"),
    _term(r"fibro(?:sis|tic)|honeycombing", O.FIBROSIS, unless="cystic"),
    _term(r"hernia\w*", O.HERNIA),
    # Abnormalities that are none of these.
    _term(
        r"copd|chronic obstructive\w*|hyp(?:er|o)-?(?:inflat|expan|lucen|ventil)\w+"
        r"|flatten\w+|bull(?:a|ae|ous)|bronchiect\w+"
    ),
    _term(
        r"\w*scolio\w+|curvature|kypho\w+|degenerat\w+|osteophyt\w+|spondyl\w+|arthriti\w+|deformit\w+|osteop\w+"
        r"|spurring"
    ),
    _term(r"granulom\w+|calcifi\w+|tortuo\w+|atheroscl\w+|ectasia|ectatic|aneurysm\w*|scar(?:s|ring)?|blunt\w+"),
    _term(
        r"eventration|elevat\w+|unfold\w*|prominen\w+|volume loss|(?:lymph)?adenopathy"
        r"|pneumoperitoneum|pneumomediastinum|(?:fluid|volume) overload"
    ),
    _term(r"sternotomy|clips?|low (?:lung|inspiratory) volumes?|lesions?|thickening|lucenc\w+|densit\w+"),
)


@dataclass(frozen=True)
class _Subject:
    """A part of the chest, and the states that it is said to be in: normal, doubtful or abnormal."""

    words: re.Pattern[str]
    states: re.Pattern[str]
    observations: tuple[Observation, ...]

    def phrases(self, sentence: str) -> Iterator[Phrase]:
        """Yield a phrase wherever this part is said to be in a state, at the state's place: cues reach it there."""
        if not self.words.search(sentence):
            return
        states = list(self.states.finditer(sentence))
        if not states:
            return
        starts = [state.start() for state in states]
        ends = [state.end() for state in states]
        for part in self.words.finditer(sentence):
            before, after = bisect_right(ends, part.start()) - 1, bisect_left(starts, part.end())
            gap_before = sentence[max(0, part.start() - _FAR) : part.start()]
            gap_before = (
                gap_before[ends[before] - part.start() :] if before >= 0 and ends[before] < part.start() else ""
            )
            gap_after = (
                sentence[part.end() : starts[after]]
                if after < len(states) and starts[after] - part.end() <= _FAR
                else None
            )
            if gap_before and _ATTRIBUTE.fullmatch(gap_before):
                state = states[before]
            elif gap_after is not None and _predicates(gap_after):
                state = states[after]
            elif gap_before and _SHARED.fullmatch(gap_before):
                state = states[before]
            else:
                continue
            yield Phrase(state.start(), state.end(), self.observations, Certainty(str(state.lastgroup)), part.span())


_FAR: Final = 100
_ASPECT: Final = "(?:size|contours?|shape|configuration|appearance)"
_ATTRIBUTE: Final = re.compile(  # "normal [size and contour of the] heart"
    rf" (?:{_ASPECT}(?: and {_ASPECT})? )?"
    r"(?:(?:of|in) )?(?:the )?(?:(?!and |or |with |in |left |right )[\w-]+ )?"
)
_SHARED: Final = re.compile(r" (?:[\w-]+,? ){0,5}(?:and|or) (?:the )?")  # "normal [heart size and] mediastinum"
_VERB: Final = re.compile(r"(?<!\w)(?:is|are|was|were|appears?|remains?|has|have)(?!\w)")
_TURN: Final = re.compile(
    r"(?<!\w)(?:but|with|without|however|while|although|except|there|showing|aorta|vessels?|due to|owing|given"
    r"|because)(?!\w)|;"
)


_SAME_SUBJECT: Final = re.compile(r" but (?:(?:is|are|remains?|otherwise|still|now) )*$")  # "hyperinflated but clear"


def _predicates(gap: str) -> bool:
    """Whether the state after this gap is said of the subject before it: one verb at most, and no new statement."""
    gap = _SAME_SUBJECT.sub(" ", gap)
    verbs = len(_VERB.findall(gap))
    return verbs <= 1 and not _TURN.search(gap) and (verbs == 1 or "," not in gap.removeprefix(", otherwise"))


def _subject(words: str, *names: Observation, normal: str, abnormal: str = "(?!)", doubtful: str = "(?!)") -> _Subject:
    states = rf"(?<!\w)(?:(?P<uncertain>{doubtful})|(?P<absent>(?<!not )(?:{normal}))|(?P<present>{abnormal}))(?!\w)"
    return _Subject(re.compile(rf"(?<!\w)(?:{words})(?!\w)"), re.compile(states), names)


_SIZE: Final = {
    "normal": r"normal|unremarkable|within (?:\w+ )?limits|wnl|(?:upper|high) limits?|top[ -](?:limits|normal)"
    "|not enlarged",
    "abnormal": r"enlarge(?:d|ment)|increased|large|wide(?:ned)?|widening|prominen(?:t|ce)|dilated",
    "doubtful": r"borderline",
}
_CLEAR: Final = r"clear(?! of)|unremarkable|normal"

_SUBJECTS: Final = (
    _subject(
        r"hearts?(?! failure| valve| rate)(?: size)?|cardiac(?: (?:size|silhouettes?|contours?|shadow))?",
        O.CARDIOMEGALY,
        **_SIZE,
    ),
    _subject(
        r"mediastin(?:um|al(?: and hilar)? (?:contours?|silhouettes?|configuration|borders?|structures?|size|width))",
        O.ENLARGED_CARDIOMEDIASTINUM,
        **_SIZE,
    ),
    _subject(
        r"cardi(?:o|ac)(?: |-|/)?mediastin(?:um|al(?: (?:silhouettes?|contours?|structures?|size))?)",
        O.ENLARGED_CARDIOMEDIASTINUM,
        O.CARDIOMEGALY,
        **_SIZE,
    ),
    _subject(r"(?<!left )(?<!right )lungs?(?: fields?| parenchyma)?", O.LUNG_OPACITY, O.CONSOLIDATION, normal=_CLEAR),
    _subject(r"pleural (?:spaces?|surfaces?)|pleura", O.PLEURAL_EFFUSION, normal=_CLEAR),
    _subject(
        r"interstitial (?:lung )?markings?",
        O.LUNG_OPACITY,
        normal="normal|unremarkable",
        abnormal=r"increased?|prominen(?:t|ce)|coarsen(?:ed|ing)|coarse|irregular|accentuated|thicken(?:ed|ing)",
    ),
)

# "no large effusion, but a small one", "the left effusion has increased, the right is unchanged": what was named last
_ONE: Final = re.compile(
    r"(?<!\w)(?:(?:tiny|small(?:er)?|minimal|subtle|large(?:r)?|new) ones?(?!\w)"
    r"|(?P<side>(?:(?:that|those) (?:on|in) the|(?<!on )(?<!in )(?<!at )(?<!of )(?<!to )the) (?:left|right)"
    r"(?=,? (?:now|is|are|has|have|was|remains?|appears?) (?!clear|normal|unremarkable|not(?!\w))))"
    r"|(?P<none>(?<!: )none (?:on|in|at) (?:the )?(?:left|right)(?!\w)))"
)


def find_phrases(sentence: str, before: Phrase | None = None) -> list[Phrase]:
    """Every phrase in the words of a `statements.StatedSentence`, in order; `scope.certainties` judges them.

    `before` is the last phrase of the sentence before, which a sentence can begin to speak of without its name.
    """
    found = [
        Phrase(match.start(), match.end(), term.observations, term.stated)
        for term in _TERMS
        for match in term.words.finditer(sentence)
        if match["other"] is None
    ]
    for subject in _SUBJECTS:
        found.extend(subject.phrases(sentence))
    found.sort(key=_place)
    starts = [phrase.start for phrase in found]
    for one in _ONE.finditer(sentence):
        last = bisect_left(starts, one.start())
        meant = found[last - 1] if last else before if one.lastgroup and one.start() == 0 else None
        if meant and not (one.lastgroup and meant.part):
            stated = Certainty.ABSENT if one["none"] else _PRESENT
            found.append(Phrase(one.start(), one.end(), meant.observations, stated))
    return sorted(found, key=_place)


def _place(phrase: Phrase) -> tuple[int, int]:
    return phrase.start, phrase.end
