"""Whether drafts read as reports: their bigram perplexity, sentences that are none, and content that is repeated.

Perplexity is exp of the mean negative log probability of a word, under bigrams of the findings and impressions of IU
X-RAY's train reports (R2Gen's split). Words are runs of letters, digits and hyphens in lower case, all numbers are one
word, `XXXX` is left out; a sentence's end is a word, each section begins with a word of its own, and other
punctuation is none. Smoothing is Witten and Bell's (1991), which has no parameter: a bigram is interpolated with the
unigram, and that with the uniform distribution over the words of the train reports and one unknown word. IU's own
validation reports give what a radiologist has; far below is a template, far above is no report.

A sentence is none where it is a single word, has no full stop, begins with a small letter, ends with a word that
something has to follow, says a word twice in a row, or has a number that disagrees ("effusion are", "a opacities").
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import Any, Final

import numpy as np

from clinicalblip.evaluation.statistics.statistic import Statistic, Sums
from clinicalblip.radiology.report import Report, parse_sections
from research.mini.evaluation.patients import interval_over_patients

_WORD: Final = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*|[.!?](?=\s|$)")
_NUMBER: Final = re.compile(r"[\d-]*\d[\d-]*(?:cm|mm|th|rd|nd|st)?")
_STOP, _UNKNOWN, _NUMBERS = ".", "<unknown>", "<number>"
_BEGINNINGS: Final = ("<findings>", "<impression>")

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")
_LETTER: Final = re.compile(r"[A-Za-z]")  # the number of a list's item is no sentence
_HANGING: Final = re.compile(
    r"\b(?:the|an?|and|or|of|in|at|on|with|without|to|from|for|by|is|are|was|were|has|have|no|not"
    r"|(?:an?|the|small|mild|moderate) (?:left|right))\.$",
    re.IGNORECASE,
)
_DOUBLED: Final = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
_DISAGREES: Final = re.compile(
    r"\ban? (?:(?:left|right|small|large|mild|moderate) )*"
    r"(?:\w+ions|\w+ities|nodules|masses|infiltrates|edema|atelectasis)\b"
    r"|\b(?:effusions|nodules|masses|infiltrates|opacities|consolidations|fractures) is\b"
    r"|\b(?:edema|atelectasis|cardiomegaly|pneumothorax|hernia|consolidation|opacity|nodule|mass) are\b"
    r"|\bthere (?:is|are) (?:is|are)\b|\bthere is (?:\w+ )?(?:effusions|nodules|masses|infiltrates|opacities)\b",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(r",| and ")


@dataclass(frozen=True)
class Bigrams:
    """Counts of words behind words, of words, and of words before others; how many different ones stand behind each.

    `total` is the number of all words.
    """

    pairs: Counter[tuple[str, str]]
    words: Counter[str]
    before: Counter[str]
    behind: Counter[str]
    total: int

    def log_probability(self, before: str, word: str) -> float:
        """The natural logarithm of the smoothed probability of a word behind another."""
        kinds, total = len(self.words), self.total
        unigram = (self.words[word] + kinds / (kinds + 1)) / (total + kinds)
        seen, follow = self.before[before], self.behind[before]
        if not seen:
            return math.log(unigram)
        return math.log((self.pairs[before, word] + follow * unigram) / (seen + follow))

    def known(self, word: str) -> str:
        """The word, or the unknown word."""
        return word if word in self.words else _UNKNOWN


def fit_bigrams(reports: Iterable[Report]) -> Bigrams:
    """Count the bigrams of these reports."""
    pairs: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for section in _sections(report):
            pairs.update(pairwise(section))
    words: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for (first, second), number in pairs.items():
        words[second] += number
        before[first] += number
    return Bigrams(pairs, words, before, Counter(first for first, _ in pairs), words.total())


def perplexity(bigrams: Bigrams, reports: Sequence[Report]) -> Statistic:
    """The perplexity of these reports as a figure with a row a report; an empty report has no word."""
    rows = np.zeros((len(reports), 2))
    for number, report in enumerate(reports):
        for words in _sections(report):
            known = [words[0], *(bigrams.known(word) for word in words[1:])]
            rows[number, 0] -= sum(bigrams.log_probability(*pair) for pair in pairwise(known))
            rows[number, 1] += len(known) - 1
    return Statistic("perplexity", rows, _exp_mean)


def not_sentences(report: Report) -> list[str]:
    """The sentences of a report that are none."""
    found = []
    for section in (report.findings, report.impression):
        for sentence in split(section):
            one_word = len(sentence.split()) == 1
            unfinished = not sentence.endswith((".", "!", "?")) or bool(_HANGING.search(sentence))
            disagrees = bool(_DISAGREES.search(sentence)) and not _LISTED.search(sentence)
            if one_word or unfinished or sentence[0].islower() or _DOUBLED.search(sentence) or disagrees:
                found.append(sentence)
    return found


def repeats(report: Report) -> bool:
    """Whether a section says a sentence twice, or the impression nothing but sentences of the findings."""
    findings, impression = ([s.lower() for s in split(text)] for text in (report.findings, report.impression))
    twice = any(len(set(said)) < len(said) for said in (findings, impression))
    return twice or (bool(impression) and set(impression) <= set(findings))


def measure_fluency(bigrams: Bigrams, drafts: Sequence[str], patients: Sequence[str]) -> dict[str, Any]:
    """Perplexity with its interval over patients, sentences and those that are none, and reports that repeat.

    Without a word there is no perplexity: None.
    """
    reports = [parse_sections(draft) for draft in drafts]
    interval = interval_over_patients(perplexity(bigrams, reports), patients)
    wrong = Counter(sentence for report in reports for sentence in not_sentences(report))
    return {
        "perplexity": None if isnan(interval["value"]) else interval,
        "sentences": sum(len(list(split(part))) for report in reports for part in (report.findings, report.impression)),
        "not_sentences": wrong.total(),
        "commonest_not_sentences": [sentence for sentence, _ in wrong.most_common(3)],
        "repeating": sum(repeats(report) for report in reports),
        "reports": len(reports),
    }


def split(text: str) -> Iterator[str]:
    """The sentences of a section."""
    return (each for each in _SENTENCE_END.split(" ".join(text.split())) if _LETTER.search(each))


def _sections(report: Report) -> Iterator[list[str]]:
    for beginning, text in zip(_BEGINNINGS, (report.findings, report.impression), strict=True):
        words = [_NUMBERS if _NUMBER.fullmatch(word) else word for word in _WORD.findall(text.lower())]
        words = [_STOP if word in "!?" else word for word in words if not word.startswith("xxxx")]
        if words:
            yield [beginning, *words]


def _exp_mean(sums: Sums) -> Any:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.exp(sums[:, 0] / sums[:, 1])
