"""Target reports composed of single sentences from the training split: what the labels say, and nothing else.

A whole report paired with a film by one finding says much that nobody knows of that film, and a model trained on it
learns to invent. So a target is put together sentence by sentence: for a finding that the film has, one that affirms
it and nothing more; for those it lacks, ones that deny nothing else. A sentence with a side, a zone, a size, a degree,
a device, an age or a comparison is left out, because no label says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study

# What a composed report speaks of, in the order in which it is read.
SPOKEN_OF = (
    Observation.CARDIOMEGALY,
    Observation.EDEMA,
    Observation.CONSOLIDATION,
    Observation.PNEUMONIA,
    Observation.INFILTRATION,
    Observation.ATELECTASIS,
    Observation.LUNG_LESION,
    Observation.EMPHYSEMA,
    Observation.FIBROSIS,
    Observation.PLEURAL_EFFUSION,
    Observation.PLEURAL_OTHER,
    Observation.PNEUMOTHORAX,
    Observation.HERNIA,
)

# What may stand around a finding and is taken away, because no label says it: side, zone, size, degree, course.
_QUALIFIERS = (
    r"left|right|bilateral\w*|unilateral|upper|lower|mid|middle|lobe|lobes|lobar|base|bases|basal|basilar|bibasilar|"
    r"ap(?:ex|ical|ices)|biapical|hil(?:um|ar|a)|parahilar|perihilar|retrocardiac|lingula\w*|anterior|posterior|lateral|"
    r"medial|subsegmental|segmental|zone|zones|central|peripheral|sided|"
    r"small|large|larger|tiny|mild|mildly|moderate|moderately|severe|severely|minimal|massive|borderline|slight|slightly|"
    r"trace|marked|markedly|focal|diffuse|patchy|scattered|early|acute|linear|streaky|discoid|dependent|interstitial|"
    r"alveolar|new|stable|chronic|developing|underlying|xxxx"
)
_UNSAID_BY_LABELS = re.compile(
    rf"\b(?:{_QUALIFIERS.replace('focal|', '').replace('acute|', '')}|fissur\w*|paratracheal|level|mm|cm|size of|"
    r"unchanged|change\w*|interval|newly|increas\w*|decreas\w*|prior|previous\w*|again|since|compar\w*|persist\w*|"
    r"improv\w*|worsen\w*|resol\w*|remain\w*|still|longstanding|known|recurrent|residual|old|redemonstrat\w*|earlier|"
    r"otherwise|other|\w*adenopathy|pneumonitis|tube\w*|line|lines|catheter\w*|pacemaker\w*|wires?|clips?|port|device\w*|stent\w*|valve\w*|surg\w*|"
    r"post\w*|status|year|years|age|aging|man|woman|male|female|child|patient\w*|history|clinical\w*|recommend\w*|"
    r"consider\w*|follow\w*|ct|exam\w*|study|views?|film|radiograph\w*|projection|rotated|however|although|which|"
    r"multiple|few|several|calcifi\w*|granuloma\w*|spine|spinal|bon(?:e|y)|osseous|skelet\w*|rib|ribs|thoracic|"
    r"fractur\w*|aort\w*|or the)\b|\d|\.\.$",
    re.IGNORECASE,
)
_WHERE = re.compile(
    rf",?\s+(?:in|at|of|within|along|involving|throughout|on)\s+(?:(?:the|both|and|lungs?|hemithorax|{_QUALIFIERS})\b[\s,]*)+(?=[.\s])",
    re.IGNORECASE,
)
_QUALIFIER = re.compile(rf"\b(?:{_QUALIFIERS})\b-?[\s,]*(?:(?:to|and|or)\s+(?=(?:{_QUALIFIERS})\b))?", re.IGNORECASE)
# An affirming sentence says that a finding is there and nothing else.
_AFFIRMS = re.compile(
    r"(?:there (?:is|are) )?(?:(?P<article>an?) )?(?P<what>cardiomegaly|"
    r"cardiac enlargement|enlarged (?:heart|cardiac silhouette)|"
    r"(?:pulmonary )?(?:edema|emphysema|fibrosis)|(?:airspace |pulmonary )?(?:consolidations?|infiltrates?)|pneumonia|"
    r"atelectasis|(?:lung |pulmonary )?(?:nodules?|mass(?:es)?)|pleural effusions?|effusions?|pleural thickening|"
    r"pneumothorax|hiatal hernia)(?: (?:is|are) (?:present|seen|identified|noted))?\.|"
    r"(?:the )?(?:heart|heart size|cardiac silhouette|cardiac size) (?:is|appears) enlarged\.",
    re.IGNORECASE,
)
# What taking words away can leave behind.
_NOT_ENGLISH = re.compile(
    r"\ban? (?:atelectasis|edema|emphysema|fibrosis|\w+s )|"
    r"\b(?:is|there is) (?:\w+ )?(?:effusions|nodules|masses|infiltrates)|"
    r"(?:effusions|nodules|masses|tions) is\b|"
    r"(?:sis|edema|effusion|nodule|mass|infiltrate|consolidation|hernia|thorax) are\b",
    re.IGNORECASE,
)
WORDINGS = 3
"""How many sentences say the same at most.

A report is written by its likeliest next word. Where a finding can be affirmed in forty ways and denied with four
others in one breath, no single affirmation is ever likeliest, however sure the model is that one of them is true.
"""
_ALWAYS_SAID = frozenset(
    {Observation.CARDIOMEGALY, Observation.CONSOLIDATION, Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX}
)
_OWN_SHARE = 0.5  # of single sentences that are our phrasings, which `score` compares, and not the reports'
# "The lungs are clear." denies more than the one finding that the labeler files it under.
_CLEAR = re.compile(r"\bclear\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_LONGEST = 16  # words
_NORMAL_IMPRESSION = re.compile(
    r"\b(?:no acute|no active|normal chest|negative chest|no evidence of acute|clear)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentences:
    """Single sentences by what they say, each with how often the training reports have it.

    `affirming` by the one observation that is present; `denying` by the one that is absent;
    `normal` the impressions of films without a finding.
    """

    affirming: Mapping[Observation, tuple[tuple[str, int], ...]]
    denying: Mapping[Observation, tuple[tuple[str, int], ...]]
    normal: tuple[tuple[str, int], ...]


def collect_sentences(studies: Iterable[Study]) -> Sentences:
    """Sort the usable single sentences of these studies' reports by what they say."""
    affirming: dict[Observation, Counter[str]] = {}
    denying: dict[Observation, Counter[str]] = {}
    normal: Counter[str] = Counter()
    for study in studies:
        for sentence in split_sentences(study.reference.findings):
            _sort(sentence, affirming, denying)
        for sentence in split_sentences(study.reference.impression):
            said = observations(sentence)
            if _NORMAL_IMPRESSION.search(sentence) and _usable(sentence) and _none_present(said):
                normal[sentence] += 1
            elif Certainty.PRESENT in said.values():
                _sort(sentence, affirming, denying)
    return Sentences(
        {said: tuple(counts.most_common(WORDINGS)) for said, counts in sorted(affirming.items())},
        {said: tuple(counts.most_common(WORDINGS)) for said, counts in sorted(denying.items())},
        tuple(normal.most_common(12)),
    )


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, white space folded, each with its full stop."""
    for sentence in _SENTENCE_END.split(" ".join(text.split())):
        if sentence:
            yield sentence if sentence[-1] in ".!?" else sentence + "."


def _sort(sentence: str, affirming: dict[Observation, Counter[str]], denying: dict[Observation, Counter[str]]) -> None:
    bare = _affirmation(sentence)
    if not bare and not _usable(sentence):
        return
    sentence = bare or sentence
    said = {what: how for what, how in observations(sentence).items() if what is not Observation.NO_FINDING}
    # "Lung opacity" is what an affirmed consolidation, edema or pneumonia is as well: it adds nothing to them.
    about = {what: how for what, how in said.items() if what in SPOKEN_OF}
    others = {what for what in said if what not in SPOKEN_OF} - {Observation.LUNG_OPACITY}
    if len(about) != 1 or others:
        return
    what, how = next(iter(about.items()))
    if how is Certainty.PRESENT and bare:
        affirming.setdefault(what, Counter())[sentence] += 1
    elif how is Certainty.ABSENT and not _CLEAR.search(sentence):
        denying.setdefault(what, Counter())[sentence] += 1


def _affirmation(sentence: str) -> str:
    """The same affirmation without side, zone, size and degree, or an empty text where it says more than a finding.

    "There is a small left pleural effusion." affirms an effusion; which side and how large, no label says.
    """
    bare = " ".join(_QUALIFIER.sub("", _WHERE.sub("", sentence)).replace(" .", ".").split())
    says = _AFFIRMS.fullmatch(bare)
    if not says or _NOT_ENGLISH.search(bare):
        return ""
    if says["article"]:
        article = "an" if says["what"][0].lower() in "aeiou" else "a"
        bare = bare[: says.start("article")] + article + bare[says.end("article") :]
    return bare[0].upper() + bare[1:]


def _usable(sentence: str) -> bool:
    return 1 <= len(sentence.split()) <= _LONGEST and not _UNSAID_BY_LABELS.search(sentence) and sentence[0].isupper()


def _none_present(said: Mapping[Observation, Certainty]) -> bool:
    return all(how is Certainty.ABSENT for what, how in said.items() if what is not Observation.NO_FINDING)


def compose_report(
    labels: Mapping[Observation, bool], sentences: Sentences, random: np.random.Generator, denied: float = 1.0
) -> Report:
    """A report that affirms what `labels` hold for present and denies what they hold for absent.

    What `labels` do not name is not spoken of. Of absent findings those that every report speaks of are denied, and of
    the others the share `denied`: they are passed over in silence, as radiologists do. A sentence speaks of one
    finding, and the findings stand in one order.
    """
    present = [what for what in SPOKEN_OF if labels.get(what) is True and what in sentences.affirming]
    absent = [what for what in SPOKEN_OF if labels.get(what) is False and what in sentences.denying]
    denies = [what for what in absent if random.random() < denied or what in _ALWAYS_SAID]
    lines = [(SPOKEN_OF.index(what), _draw(sentences.affirming[what], random)) for what in present]
    lines += [(SPOKEN_OF.index(what), _draw(sentences.denying[what], random)) for what in denies]
    findings = " ".join(line for _, line in sorted(lines, key=lambda pair: pair[0]))
    if present:
        return Report(findings, " ".join(_draw(sentences.affirming[what], random) for what in present))
    # Only a film that was read for everything, and has nothing, is normal.
    normal = all(labels.get(what) is False for what in SPOKEN_OF) and bool(sentences.normal)
    return Report(findings, _draw(sentences.normal, random) if normal else "")


def affirm(what: Observation, sentences: Sentences, random: np.random.Generator) -> str:
    """One sentence that says that the observation is there, a training report's or one of our phrasings."""
    own = PHRASINGS[what].affirming if what in PHRASINGS else ()
    theirs = sentences.affirming.get(what, ())
    if own and (not theirs or random.random() < _OWN_SHARE):
        return own[int(random.integers(len(own)))]
    return _draw(theirs, random) if theirs else f"There is {what.value.lower()}."


def deny(what: Observation, sentences: Sentences, random: np.random.Generator) -> str:
    """One sentence that says that the observation is not there, a training report's or one of our phrasings."""
    own = PHRASINGS[what].denying if what in PHRASINGS else ()
    theirs = sentences.denying.get(what, ())
    if own and (not theirs or random.random() < _OWN_SHARE):
        return own[int(random.integers(len(own)))]
    return _draw(theirs, random) if theirs else f"There is no {what.value.lower()}."


def _draw(pool: tuple[tuple[str, int], ...], random: np.random.Generator) -> str:
    weights = np.array([count for _, count in pool], dtype=np.float64) ** 0.5
    return pool[int(random.choice(len(pool), p=weights / weights.sum()))][0]
