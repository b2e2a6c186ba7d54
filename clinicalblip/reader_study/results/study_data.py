"""StudyData: all that a report is made of, read once from a study's folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.reader_study.assignment.assignment import Assignment, CaseKind
from clinicalblip.reader_study.design.design import ReaderStudyDesign
from clinicalblip.reader_study.records.records import (
    Choice,
    Enrolment,
    EventKind,
    PairwiseChoice,
    QuestionnaireAnswers,
    StudyEvent,
)
from clinicalblip.reader_study.results.reading_row import Flag, ReadingRow
from clinicalblip.reader_study.results.rows import reading_rows
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.reader_study.study_manifest import read_manifest

FIRST_LEFT_OUT: Final = 3
"""How many of a reader's first readings under an arm one sensitivity analysis leaves out."""


@dataclass(frozen=True)
class Maker:
    """Which model wrote an arm's drafts and how, and how many; what no model wrote is named after its source."""

    model: ModelIdentity
    generation: GenerationOptions
    seeds: tuple[int, ...]
    drafts: int


@dataclass(frozen=True)
class ChoiceRow:
    """A choice between two drafts, by arms; `chosen` is None for a tie and where neither was usable."""

    reader: str
    position: int
    case: int
    kind: CaseKind
    left: str
    right: str
    choice: Choice
    chosen: str | None
    why: str
    seconds: float


@dataclass(frozen=True)
class StudyData:
    """A study's design and records.

    `saved`: when readings were saved, in UTC. `patients`: of how many the cases are. `digests`, `made` and `package`
    are of when the study was prepared.
    """

    design: ReaderStudyDesign
    assignment: Assignment
    rows: tuple[ReadingRow, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()
    answers: tuple[QuestionnaireAnswers, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    events: tuple[StudyEvent, ...] = ()
    makers: Mapping[str, tuple[Maker, ...]] = field(default_factory=dict)
    saved: tuple[datetime, ...] = ()
    patients: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    made: str = ""
    package: str = ""

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms by name, in the design's order."""
        return tuple(arm.name for arm in self.design.arms)

    @property
    def drafted(self) -> tuple[str, ...]:
        """The arms that show a draft."""
        return tuple(arm.name for arm in self.design.arms if arm.shows_draft)

    @property
    def undrafted(self) -> tuple[str, ...]:
        """The arms that show none."""
        return tuple(arm.name for arm in self.design.arms if not arm.shows_draft)

    @property
    def baseline(self) -> str:
        """The arm that others are set against where the design names none: one without a draft, or the first."""
        return (*self.undrafted, *self.arms)[0]

    @property
    def compared(self) -> tuple[ReadingRow, ...]:
        """The readings that go into comparisons of arms."""
        return tuple(row for row in self.rows if row.compared)

    @property
    def unflagged(self) -> tuple[ReadingRow, ...]:
        """Those of them without a flag."""
        return tuple(row for row in self.compared if not row.flags)

    @property
    def practised(self) -> tuple[ReadingRow, ...]:
        """Those of them that are not among the first of their reader under their arm."""
        seen: dict[tuple[str, str], int] = {}
        later = []
        for row in sorted(self.compared, key=lambda row: (row.reader, row.period, row.position)):
            seen[row.reader, row.arm] = seen.get((row.reader, row.arm), 0) + 1
            if seen[row.reader, row.arm] > FIRST_LEFT_OUT:
                later.append(row)
        return tuple(later)

    @property
    def ended(self) -> bool:
        """Whether the study is over: it was ended, and not extended since; events are in the order of saving."""
        last = [event.kind for event in self.events if event.kind in (EventKind.ENDED, EventKind.EXTENDED)]
        return last[-1:] == [EventKind.ENDED]

    @property
    def readers(self) -> tuple[str, ...]:
        """Everybody who read or chose anything."""
        return tuple(sorted({row.reader for row in self.rows} | {choice.reader for choice in self.choices}))

    def flagged(self, flag: Flag, arm: str) -> int:
        """How many compared readings of an arm have this flag."""
        return sum(flag in row.flags for row in self.compared if row.arm == arm)


def read_study(folder: StudyFolder, reviews: ReviewStore) -> StudyData:
    """Read all of it. Raises ReviewNotSaved and ReaderStudyError where something cannot be read."""
    manifest = read_manifest(folder.path)
    return StudyData(
        design=folder.design,
        assignment=folder.assignment,
        rows=reading_rows(folder, reviews),
        choices=tuple(_choice(choice, folder) for choice in _in_order(folder)),
        answers=tuple(sorted(folder.records.answers(), key=lambda each: (each.reader, each.questionnaire))),
        enrolments=tuple(sorted(folder.records.enrolments(), key=lambda each: each.reader)),
        events=tuple(folder.records.events()),
        makers=_makers(folder),
        saved=tuple(sorted(reading.saved for reading in folder.records.readings())),
        patients=len({study.patient_id for study in folder.studies.values()}),
        digests=dict(manifest.digests),
        made=manifest.made,
        package=manifest.package,
    )


def _in_order(folder: StudyFolder) -> list[PairwiseChoice]:
    return sorted(folder.records.choices(), key=lambda each: (each.reader, each.position))


def _choice(choice: PairwiseChoice, folder: StudyFolder) -> ChoiceRow:
    """A choice names drafts by their ids, which say nothing of the arms on the reader's page."""
    arms = {draft.id: draft.arm for draft in folder.drafts.values()}
    left, right = (arms.get(side, side) for side in (choice.left, choice.right))
    kinds = {case.number: case.kind for case in folder.assignment.cases}
    chosen = {Choice.LEFT: left, Choice.RIGHT: right}.get(choice.choice)
    return ChoiceRow(
        choice.reader,
        choice.position,
        choice.case,
        kinds[choice.case],
        left,
        right,
        choice.choice,
        chosen,
        choice.why,
        choice.seconds,
    )


def _makers(folder: StudyFolder) -> dict[str, tuple[Maker, ...]]:
    """Who wrote the drafts of each arm that has any."""
    found: dict[str, dict[tuple[ModelIdentity, GenerationOptions], list[Draft]]] = {}
    for (_, arm), draft in sorted(folder.drafts.items()):
        of_arm = found.setdefault(arm, {})
        of_arm.setdefault((draft.draft.model, draft.draft.generation), []).append(draft.draft)
    return {
        arm: tuple(
            Maker(model, how, tuple(sorted({draft.seed for draft in drafts})), len(drafts))
            for (model, how), drafts in made.items()
        )
        for arm, made in found.items()
    }
