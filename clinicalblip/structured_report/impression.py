"""The impression: what the findings come to, most urgent first; and whether one that is there still fits them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clinicalblip.labeler import findings as read_findings
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.languages import english_part
from clinicalblip.structured_report.phrasings import phrase
from clinicalblip.structured_report.table import place_of

O = Observation  # noqa: E741 - one letter keeps the table below a table

URGENCY: Final[Mapping[Observation, str]] = MappingProxyType(
    {
        O.PNEUMOTHORAX: "it can need a drain at once",
        O.ENLARGED_CARDIOMEDIASTINUM: "it can be the aorta's",
        O.EDEMA: "it is treated at once",
        O.PNEUMONIA: "it is treated today",
        O.CONSOLIDATION: "it can be a pneumonia",
        O.PLEURAL_EFFUSION: "it can need to be drained, and has a cause to look for",
        O.FRACTURE: "it can need to be set, and has a cause to look for",
        O.LUNG_LESION: "it has to be followed, and is easily forgotten",
        O.INFILTRATION: "it can be an infection",
        O.LUNG_OPACITY: "it has a cause to look for",
        O.ATELECTASIS: "it is often there after an operation or in bed",
        O.CARDIOMEGALY: "it changes slowly",
        O.PLEURAL_OTHER: "it changes slowly",
        O.HERNIA: "it is mostly known and seldom the reason for the film",
        O.EMPHYSEMA: "it stays",
        O.FIBROSIS: "it stays",
    }
)
"""What an impression is about, most urgent first, and why it stands where it does. Devices are no finding."""

URGENT: Final = tuple(URGENCY)[: tuple(URGENCY).index(O.LUNG_LESION) + 1]
"""What an impression has to have if it is there; the rest may be left to the findings."""

NORMAL_IMPRESSION: Final = "No acute cardiopulmonary abnormality."
_SENTENCES: Final = 5
_LISTED: Final = {
    Certainty.PRESENT: ("There is also {}.", "and"),
    Certainty.UNCERTAIN: ("Possible {}.", "or"),  # a doubt does not reach beyond "and" or an article
}


def make_impression(findings: Iterable[Finding]) -> str:
    """One to five sentences on what is there or doubted, most urgent first, in words that the labeler reads so.

    Where there are more than five findings, the least urgent are named together, without what else is said of them.
    """
    said = [
        finding
        for finding in dict.fromkeys(findings)
        if finding.certainty is not Certainty.ABSENT and finding.observation in URGENCY
    ]
    said.sort(key=lambda finding: (tuple(URGENCY).index(finding.observation), place_of(finding)))
    if not said:
        return NORMAL_IMPRESSION
    if len(said) <= _SENTENCES:
        return " ".join(phrase(finding) for finding in said)
    alone = _SENTENCES - 1
    if len({finding.certainty for finding in said[alone:]}) > 1:
        alone -= 1
    first, rest = said[:alone], said[alone:]
    named = {finding.observation for finding in first}
    sentences = [phrase(finding) for finding in first]
    for certainty, (sentence, conjunction) in _LISTED.items():
        names = [
            _name(observation, certainty)
            for observation in dict.fromkeys(each.observation for each in rest if each.certainty is certainty)
            if observation not in named
        ]
        named |= {each.observation for each in rest if each.certainty is certainty}
        if names:
            sentences.append(sentence.format(_listed(names, conjunction)))
    return " ".join(sentences)


def _name(observation: Observation, certainty: Certainty) -> str:
    """The bare name as it stands in its sentence, with its article where that is said to be there."""
    name = phrase(Finding(observation, Certainty.PRESENT)).removeprefix("There is ").removesuffix(".")
    return name if certainty is Certainty.PRESENT else name.removeprefix("an ").removeprefix("a ")


def _listed(names: list[str], conjunction: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


@dataclass(frozen=True)
class ImpressionMatch:
    """How an impression fits the findings; the observations are in the order of urgency.

    `missing`: urgent ones that are there and that it does not name. `otherwise`: those that it says otherwise than the
    findings do, or that they do not name.
    """

    missing: tuple[Observation, ...] = ()
    otherwise: tuple[Observation, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it still fits."""
        return not self.missing and not self.otherwise


def impression_matches(findings: str, impression: str) -> ImpressionMatch:
    """Whether an impression fits the text of the findings. One without a word has nothing that could not fit.

    It may say less: leave out a side, a degree or what is not urgent. It may not say more or something else.
    """
    if not impression.strip():
        return ImpressionMatch()
    found, concluded = (read_findings(english_part(text)) for text in (findings, impression))
    named = {finding.observation for finding in concluded}
    there = {finding.observation for finding in found if finding.certainty is Certainty.PRESENT}
    otherwise = {finding.observation for finding in concluded if not _is_borne_out(finding, found)}
    return ImpressionMatch(
        missing=tuple(name for name in URGENT if name in there - named),
        otherwise=tuple(name for name in URGENCY if name in otherwise),
    )


def _is_borne_out(concluded: Finding, found: Iterable[Finding]) -> bool:
    same = [finding for finding in found if finding.observation is concluded.observation]
    if concluded.certainty is Certainty.ABSENT:
        return all(
            finding.certainty is Certainty.ABSENT
            or (concluded.sides and finding.sides and not concluded.sides & finding.sides)
            or concluded.degree is not None  # "no large effusion"
            for finding in same
        )
    return any(_says_no_more(concluded, finding) for finding in same)


def _says_no_more(concluded: Finding, finding: Finding) -> bool:
    return (
        concluded.certainty is finding.certainty
        and concluded.sides <= finding.sides
        and concluded.zones <= finding.zones
        and concluded.degree in (None, finding.degree)
        and concluded.change in (None, finding.change)
    )
