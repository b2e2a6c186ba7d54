"""Which of two drafts readers would rather start from."""

from collections import Counter

from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of, spread
from clinicalblip.reader_study.results.study_data import ChoiceRow, StudyData

PICTURE = "preference.svg"


def main_choices(data: StudyData) -> list[ChoiceRow]:
    """The choices between drafts of main cases."""
    return [choice for choice in data.choices if choice.kind is CaseKind.MAIN]


def preference(data: StudyData, ask: Estimates) -> Section:
    """The section on choices between drafts."""
    title = "Preference"
    if data.design.pairwise is None:
        return Section(title, ("The design has no choices between two drafts.",))
    choices = main_choices(data)
    if not choices:
        return Section(title, ("No choice was made.",))
    arms = data.design.pairwise.arms
    odds = ask.preference(choices, *arms)
    chosen = Counter(choice.chosen for choice in choices)
    kinds = Counter(choice.choice for choice in choices)
    found = (estimate(odds), "(compared with)")
    lines = [(arm, str(len(choices)), str(chosen[arm]), beside) for arm, beside in zip(arms, found, strict=True)]
    reasons = sum(bool(choice.why.strip()) for choice in choices)
    return Section(
        title,
        (
            f"{len(choices)} choices by {len({choice.reader for choice in choices})} readers on "
            f"{len({choice.case for choice in choices})} cases; {kinds[Choice.TIE]} ties, and "
            f"{kinds[Choice.NEITHER]} in which neither draft was usable. The left draft was chosen "
            f"{kinds[Choice.LEFT]} times, the right one {kinds[Choice.RIGHT]} times; sides were by lot. Seconds for a "
            f"choice: {spread([choice.seconds for choice in choices])}. Reasons were given with {reasons} of them, and "
            "stand in choices.csv in the readers' words.",
        ),
        (
            Table(
                "Choices by arm",
                ("arm", "choices", "chosen", f"odds of being preferred to {arms[1]}"),
                tuple(lines),
                (
                    "By Bradley and Terry's model; a tie is half a win, and where neither draft was usable nothing is.",
                    *notes_of((odds,)),
                ),
            ),
        ),
        ((PICTURE, "Choices between drafts"),),
    )
