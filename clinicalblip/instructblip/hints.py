"""The reader's key words in one form: what the model reads of "large heart, effusion R, pneumonia LLL?".

    cardiomegaly; right pleural effusion; possible pneumonia in the left lower lung

Each finding that the labeler reads in them is named as a report names it, with side, zone and degree, so that a model
has one wording to learn and to repeat. What it does not know is passed on in the reader's own words, in quotation
marks: it may be anything, and is not for the report.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from clinicalblip.labeler.key_words import KeyWord, read_key_words
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.phrasings import phrase

O = Observation  # noqa: E741 - one letter keeps the table below a table

SEPARATOR: Final = "; "

# An observation is as general as CheXpert's; the reader has often said which of its kinds is meant.
_KINDS: Final[Mapping[Observation, Mapping[str, tuple[str, str]]]] = {
    O.LUNG_LESION: {
        r"mass(?:es)?|tumou?rs?|ca|cancer|malignan\w+|pancoast": ("mass", "masses"),
        r"nod(?:ul\w*)?|coin|spots?|lumps?|spn|mets?|metasta\w+": ("nodule", "nodules"),
    },
    O.LUNG_OPACITY: {r"interstitial": ("interstitial opacity", "interstitial opacities")},
    O.FRACTURE: {
        r"ribs?": ("rib fracture", "rib fractures"),
        r"clavic\w+": ("clavicle fracture", "clavicle fractures"),
    },
    O.HERNIA: {r"hiat\w+|hernia": ("hiatal hernia", "hiatal hernias")},
    O.SUPPORT_DEVICES: {
        r"pace ?makers?|pacers?|ppm|pm|icd|defibrillators?": ("pacemaker", "pacemakers"),
        r"ett?|endotracheal|intubat\w+|tubed": ("endotracheal tube", "endotracheal tubes"),
        r"ngt?|nasogastric|feeding|dobb?hoff": ("nasogastric tube", "nasogastric tubes"),
        r"(?:chest|pleural|thoracostomy) (?:tubes?|drains?)|drains?": ("chest tube", "chest tubes"),
        r"sternotomy|sternal|wires?": ("set of median sternotomy wires", "sets of median sternotomy wires"),
        r"ports?|port-?a-?cath": ("port catheter", "port catheters"),
        r"trach\w*": ("tracheostomy tube", "tracheostomy tubes"),
        r"picc": ("PICC line", "PICC lines"),
        r"central|cv[cl]|lines?|catheters?|hickman|swan|perm-?cath|vas-?cath": (
            "central venous catheter",
            "central venous catheters",
        ),
    },
}
_GENERAL: Final = frozenset({O.LUNG_OPACITY, O.ENLARGED_CARDIOMEDIASTINUM})  # other names of what stands beside them
# Findings that no observation stands for: each is read like one that has the same attributes, and named as itself.
_UNLABELLED: Final[Mapping[str, tuple[str, str, str]]] = {
    r"(?:calcified )?granulomas?": ("nodule", "calcified granuloma", "calcified granulomas"),
    r"hyper-?(?:inflat|expan|aerat)\w+(?: (?:of the )?(?:both )?lungs?)?|flat(?:tened)? (?:hemi-?)?diaphragms?": (
        "emphysema",
        "hyperinflation",
        "",
    ),
    r"bronchiectas[ie]s": ("emphysema", "bronchiectasis", ""),
    r"(?:dextro|levo|kypho)?scoliosis": ("fracture", "scoliosis", ""),
    r"kyphosis": ("fracture", "kyphosis", ""),
    r"(?:hilar )?(?:lymph)?adenopathy|(?:large|bulky|prominent) hil(?:um|a)": ("fracture", "hilar adenopathy", ""),
    r"(?:spondylosis|degenerative (?:changes?|disease)(?: of the spine)?)": ("fracture", "spondylosis", ""),
    r"(?:tortuous|elongated|unfolded) aorta": ("fracture", "tortuosity of the aorta", ""),
    r"(?:raised|elevated|high)(?P<side> (?:left|right|l|r))? (?:hemi-?)?diaphragm|"
    r"(?:hemi-?)?diaphragm (?:raised|elevated|high)": ("fracture", "elevation of the diaphragm", ""),
}


@dataclass(frozen=True)
class Hint:
    """One of the reader's key words: the words that the model reads for it, and the finding that it is, if any.

    `said` and `kind` are what `phrase` names; `said` is None where nothing is known. `finding` is None there as well,
    and where no observation stands for what is known: then `said` is one that has the same attributes.
    """

    words: str
    finding: Finding | None = None
    said: Finding | None = None
    kind: tuple[str, str] | None = None

    @property
    def sentence(self) -> str:
        """What was hinted, in a sentence; empty where nothing is known."""
        return phrase(self.said, self.kind) if self.said else ""


def read_hints(text: str) -> tuple[tuple[Hint, ...], tuple[str, ...]]:
    """The hints in the reader's order, each once, and a warning for each finding that is both named and denied.

    What is named outweighs what is denied: a reader who writes "no effusion, large effusion" wants it looked for.
    """
    hints = tuple(dict.fromkeys(hint for word in read_key_words(text) for hint in _hints(word)))
    named = [hint.finding for hint in hints if hint.finding and hint.finding.certainty is not Certainty.ABSENT]
    kept = tuple(hint for hint in hints if not _denies_one_of(hint, named))
    denied = dict.fromkeys(hint.finding.observation for hint in hints if hint.finding and hint not in kept)
    names = (_words(phrase(bare), bare.certainty) for bare in (Finding(what, Certainty.PRESENT) for what in denied))
    warnings = tuple(f"The hints both name and deny {name}; the model is told that it is there." for name in names)
    return kept, warnings


def write_hints(text: str) -> tuple[str, tuple[str, ...]]:
    """The reader's key words as the model reads them, separated by semicolons, and the warnings of `read_hints`."""
    hints, warnings = read_hints(text)
    return SEPARATOR.join(hint.words for hint in hints), warnings


def _hints(word: KeyWord) -> Iterator[Hint]:
    findings, kind = word.findings, None
    if not findings:
        findings, kind = _unlabelled(word.text)
    if not findings:
        own = " ".join(word.text.replace('"', "").split())
        if own:
            yield Hint(f'"{own}"')
    for finding in findings:
        if finding.observation in _GENERAL and any(each.observation not in _GENERAL for each in findings):
            continue
        said = replace(finding, change=None)  # how it has changed is not for a hint to say: that takes a prior film
        named = kind or _kind(finding.observation, word.text)
        yield Hint(_words(phrase(said, named), finding.certainty), None if kind else finding, said, named)


def _unlabelled(text: str) -> tuple[tuple[Finding, ...], tuple[str, str] | None]:
    """What the text says of a finding that no observation stands for, and what that is called."""
    for words, (like, one, several) in _UNLABELLED.items():
        if match := re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
            side = match.groupdict().get("side") or ""
            read = read_key_words(f"{text[: match.start()]}{side} {like} {text[match.end() :]}")
            return (read[0].findings if read else ()), (one, several)
    return (), None


def _kind(observation: Observation, text: str) -> tuple[str, str] | None:
    """What the text calls the kind that it means; None where it names no kind."""
    for words, names in _KINDS.get(observation, {}).items():
        if re.search(rf"(?<!\w)(?:{words})(?!\w)", text, re.IGNORECASE):
            return names
    return None


_SENTENCE: Final = re.compile(r"There (?:is|are|may be) (?:no |an? )?(.*)\.")


def _words(sentence: str, certainty: Certainty) -> str:
    """What a sentence of `phrase` names, with "no" or "possible" before it where it is denied or doubted."""
    match = _SENTENCE.fullmatch(sentence)
    named = match[1] if match else sentence
    return {Certainty.ABSENT: f"no {named}", Certainty.UNCERTAIN: f"possible {named}"}.get(certainty, named)


def _denies_one_of(hint: Hint, named: Iterable[Finding]) -> bool:
    denied = hint.finding
    if denied is None or denied.certainty is not Certainty.ABSENT:
        return False
    return any(
        denied.observation is other.observation
        and not (denied.sides and other.sides and not denied.sides & other.sides)
        for other in named
    )
