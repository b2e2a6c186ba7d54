"""The report of a study as Markdown: its sections in order, with the pictures that there are."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from clinicalblip.reader_study.results.estimates import LEAST_IN_ARM, LEAST_READINGS, Estimates
from clinicalblip.reader_study.results.markdown import Section, percent, plain
from clinicalblip.reader_study.results.sections.automation import automation
from clinicalblip.reader_study.results.sections.comparisons import comparisons
from clinicalblip.reader_study.results.sections.conduct import conduct
from clinicalblip.reader_study.results.sections.drafts import content_errors, decisions, edits
from clinicalblip.reader_study.results.sections.flags import flags
from clinicalblip.reader_study.results.sections.injected import injected
from clinicalblip.reader_study.results.sections.order import order
from clinicalblip.reader_study.results.sections.preference import preference
from clinicalblip.reader_study.results.sections.questionnaires import questionnaires
from clinicalblip.reader_study.results.sections.readers import agreement_of_readers
from clinicalblip.reader_study.results.sections.reference import agreement_with_reference
from clinicalblip.reader_study.results.sections.times import times
from clinicalblip.reader_study.results.study_data import StudyData

_ASKING: Final = (
    comparisons,
    times,
    edits,
    decisions,
    content_errors,
    injected,
    agreement_with_reference,
    preference,
    questionnaires,
    agreement_of_readers,
    automation,
    order,
    flags,
)
"""The sections that estimate something, in the report's order."""

_NOTHING: Final = Section("Results", ("Nobody has read a case or chosen between two drafts, so there is no result.",))


def write_report(data: StudyData, ask: Estimates, pictures: Collection[str]) -> str:
    """The report; of its pictures those that are in `pictures`."""
    parts = [_with_pictures(section, pictures).markdown() for section in sections(data, ask)]
    return "\n\n".join((f"# {plain(data.design.title)}", _how_to_read(data), *parts)) + "\n"


def sections(data: StudyData, ask: Estimates) -> Sequence[Section]:
    """All sections; where nothing was read, who could have, and that there is no result."""
    if not data.rows and not data.choices:
        return (conduct(data), _NOTHING)
    return (conduct(data), *(section(data, ask) for section in _ASKING))


def _how_to_read(data: StudyData) -> str:
    return (
        f"Estimates have {percent(data.design.analysis.confidence)} intervals in brackets; a dash stands where there "
        f"is none, and a note below the table says why. With fewer than {LEAST_READINGS} values together, or "
        f"{LEAST_IN_ARM} in an arm, there are counts alone. Comparisons that the design names are in a table of their "
        "own; all others describe what was seen and test nothing. Differences and ratios are within readers and cases "
        "as far as the design allows. The methods are in methods.md, the readings in readings.csv, errors.csv, "
        "choices.csv and answers.csv, and what their columns mean in dictionary.md."
    )


def _with_pictures(section: Section, pictures: Collection[str]) -> Section:
    return replace(section, pictures=tuple(each for each in section.pictures if each[0] in pictures))
