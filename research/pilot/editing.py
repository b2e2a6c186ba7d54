"""What a simulated reader does to a report: says something else of an observation, in whole sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clinicalblip.labeler import findings, observations, sentences
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.injection.injected_error import InjectedError
from clinicalblip.structured_report.phrasings import phrase, restrict

_NORMAL: Final = "No acute finding."
_ELSEWHERE: Final = "As described."


def say(report: Report, observation: Observation, said: Sequence[Finding]) -> Report:
    """The report with these findings of an observation and no others; none denies it.

    A sentence that names it goes. What else such a sentence affirmed is said anew, at the end of the findings.
    """
    said = said or (Finding(observation, Certainty.ABSENT),)
    affirms = any(each.certainty is not Certainty.ABSENT for each in said)
    texts, lost = [], list[Finding]()
    for text in (report.findings, report.impression):
        kept = []
        for sentence in sentences(text):
            named = [mention.finding for mention in sentence.mentions]
            words = text[sentence.start : sentence.end]
            if any(each.observation is observation for each in named):
                lost += [each for each in named if each.observation is not observation and _affirmed(each)]
            elif named or not (affirms and Observation.NO_FINDING in observations(words)):
                kept.append(words)
        texts.append(" ".join(kept))
    still = {each.observation for each in findings(" ".join(texts)) if _affirmed(each)}
    again = {each: None for each in lost if each.observation not in still}
    added = [phrase(restrict(each)) for each in (*said, *again)]
    whole = " ".join(filter(None, (texts[0], *added)))
    return Report(whole, texts[1] or (_ELSEWHERE if affirms or still or again else _NORMAL))


def take_back(report: Report, error: InjectedError) -> Report:
    """The report with what it said of the finding before the error was put in."""
    known = error.before or error.after
    assert known is not None  # noqa: S101 - an error is about a finding
    name = known.observation
    said = [each for each in findings(report.text) if each.observation is name and _affirmed(each)]
    if error.before is None or not _affirmed(error.before):
        return say(report, name, ())
    if error.after in said:
        return say(report, name, [error.before if each == error.after else each for each in said])
    return say(report, name, [error.before])


def findings_of(report: Report, observation: Observation) -> list[Finding]:
    """What a report affirms or doubts of an observation."""
    return [each for each in findings(report.text) if each.observation is observation and _affirmed(each)]


def _affirmed(finding: Finding) -> bool:
    return finding.certainty is not Certainty.ABSENT
