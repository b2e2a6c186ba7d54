"""Reports composed of single sentences from the training split: what the labels say, and nothing else.

A whole report that is paired with a film by one finding says much that nobody knows of that film, and a model trained
on it learns to invent. So a report is composed sentence by sentence: for a finding that the film has, a sentence that
affirms it and nothing more; for those that it lacks, sentences that deny nothing else. A sentence with a side, a zone,
a size, a degree, a device, an age or a comparison is left out, because no label says so.
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

# What a composed report speaks of, in reading order.
REPORTED = (
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

# Words around a finding that are removed, because no label says them: side, zone, size, degree, course.
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
# A sentence that affirms a finding and says nothing else.
_AFFIRMS = re.compile(
    r"(?:there (?:is|are) )?(?:(?P<article>an?) )?(?P<what>cardiomegaly|"
    r"cardiac enlargement|enlarged (?:heart|cardiac silhouette)|"
    r"(?:pulmonary )?(?:edema|emphysema|fibrosis)|(?:airspace |pulmonary )?(?:consolidations?|infiltrates?)|pneumonia|"
    r"atelectasis|(?:lung |pulmonary )?(?:nodules?|mass(?:es)?)|pleural effusions?|effusions?|pleural thickening|"
    r"pneumothorax|hiatal hernia)(?: (?:is|are) (?:present|seen|identified|noted))?\.|"
    r"(?:the )?(?:heart|heart size|cardiac silhouette|cardiac size) (?:is|appears) enlarged\.",
    re.IGNORECASE,
)
# What can be left where words were removed.
_NOT_ENGLISH = re.compile(
    r"\ban? (?:atelectasis|edema|emphysema|fibrosis|\w+s )|"
    r"\b(?:is|there is) (?:\w+ )?(?:effusions|nodules|masses|infiltrates)|"
    r"(?:effusions|nodules|masses|tions) is\b|"
    r"(?:sis|edema|effusion|nodule|mass|infiltrate|consolidation|hernia|thorax) are\b",
    re.IGNORECASE,
)
WORDINGS = 3
"""At most so many sentences say the same.

Greedy drafting takes the likeliest next token. Where a finding is affirmed in forty ways and denied in few, no single
affirmation is ever likeliest, however sure the model is that the finding is there.
"""
_ALWAYS_DENIED = frozenset(
    {Observation.CARDIOMEGALY, Observation.CONSOLIDATION, Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX}
)
_PHRASINGS_FRACTION = 0.5  # of single sentences are those that `score` compares, the others are the reports'
# "The lungs are clear." denies more than the one finding that the labeler gives.
_CLEAR = re.compile(r"\bclear\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_MAX_WORDS = 16
_NORMAL_IMPRESSION = re.compile(
    r"\b(?:no acute|no active|normal chest|negative chest|no evidence of acute|clear)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentences:
    """Single sentences with their counts in the training reports.

    `affirming` and `denying` by the one observation that they speak of; `normal` are impressions of normal films.
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
            labels = observations(sentence)
            if _NORMAL_IMPRESSION.search(sentence) and _usable(sentence) and _none_present(labels):
                normal[sentence] += 1
            elif Certainty.PRESENT in labels.values():
                _sort(sentence, affirming, denying)
    return Sentences(
        {what: tuple(counts.most_common(WORDINGS)) for what, counts in sorted(affirming.items())},
        {what: tuple(counts.most_common(WORDINGS)) for what, counts in sorted(denying.items())},
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
    # An affirmed consolidation, edema or pneumonia is a lung opacity as well: that adds nothing.
    about = {what: how for what, how in said.items() if what in REPORTED}
    others = {what for what in said if what not in REPORTED} - {Observation.LUNG_OPACITY}
    if len(about) != 1 or others:
        return
    what, how = next(iter(about.items()))
    if how is Certainty.PRESENT and bare:
        affirming.setdefault(what, Counter())[sentence] += 1
    elif how is Certainty.ABSENT and not _CLEAR.search(sentence):
        denying.setdefault(what, Counter())[sentence] += 1


def _affirmation(sentence: str) -> str:
    """The sentence without side, zone, size and degree, or an empty text where it says more than one finding.

    "There is a small left pleural effusion." becomes "There is a pleural effusion.": no label says the rest.
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
    return 1 <= len(sentence.split()) <= _MAX_WORDS and not _UNSAID_BY_LABELS.search(sentence) and sentence[0].isupper()


def _none_present(labels: Mapping[Observation, Certainty]) -> bool:
    return all(how is Certainty.ABSENT for what, how in labels.items() if what is not Observation.NO_FINDING)


def compose_report(
    labels: Mapping[Observation, bool], sentences: Sentences, rng: np.random.Generator, denied: float = 1.0
) -> Report:
    """A report that affirms the findings that `labels` give as present and denies those that they give as absent.

    It does not speak of findings that `labels` do not name. Of the absent ones it denies those that every report speaks
    of and, of the others, the fraction `denied`: radiologists do not mention most of them either. A sentence speaks of
    one finding, and the findings have a fixed order.
    """
    present = [what for what in REPORTED if labels.get(what) is True and what in sentences.affirming]
    absent = [what for what in REPORTED if labels.get(what) is False and what in sentences.denying]
    denies = [what for what in absent if rng.random() < denied or what in _ALWAYS_DENIED]
    lines = [(REPORTED.index(what), _draw(sentences.affirming[what], rng)) for what in present]
    lines += [(REPORTED.index(what), _draw(sentences.denying[what], rng)) for what in denies]
    findings = " ".join(line for _, line in sorted(lines, key=lambda pair: pair[0]))
    if present:
        return Report(findings, " ".join(_draw(sentences.affirming[what], rng) for what in present))
    # Only a film that is labelled for every finding, and has none, is normal.
    normal = all(labels.get(what) is False for what in REPORTED) and bool(sentences.normal)
    return Report(findings, _draw(sentences.normal, rng) if normal else "")


def affirming_sentence(what: Observation, sentences: Sentences, rng: np.random.Generator) -> str:
    """One sentence that affirms the observation: a training report's, or one of those that `score` compares."""
    phrasings = PHRASINGS[what].affirming if what in PHRASINGS else ()
    collected = sentences.affirming.get(what, ())
    if phrasings and (not collected or rng.random() < _PHRASINGS_FRACTION):
        return phrasings[int(rng.integers(len(phrasings)))]
    return _draw(collected, rng) if collected else f"There is {what.value.lower()}."


def denying_sentence(what: Observation, sentences: Sentences, rng: np.random.Generator) -> str:
    """One sentence that denies the observation: a training report's, or one of those that `score` compares."""
    phrasings = PHRASINGS[what].denying if what in PHRASINGS else ()
    collected = sentences.denying.get(what, ())
    if phrasings and (not collected or rng.random() < _PHRASINGS_FRACTION):
        return phrasings[int(rng.integers(len(phrasings)))]
    return _draw(collected, rng) if collected else f"There is no {what.value.lower()}."


def _draw(pool: tuple[tuple[str, int], ...], rng: np.random.Generator) -> str:
    weights = np.array([count for _, count in pool], dtype=np.float64) ** 0.5
    return pool[int(rng.choice(len(pool), p=weights / weights.sum()))][0]
