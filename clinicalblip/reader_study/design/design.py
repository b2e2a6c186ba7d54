"""ReaderStudyDesign: what a study is, as its owner writes it down before the first reading."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from clinicalblip.reader_study.injection.injected_error import InjectedKind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""What arms and questions are called in files and tables."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class DraftSource(StrEnum):
    """Where the report comes from that a reader of an arm begins with."""

    NONE = "none"
    MODEL = "model"
    PREDICTIONS = "predictions"
    REFERENCE = "reference"
    INJECTED = "injected"


class StudiesPart(_Part):
    """Which studies are read. `file` is a studies.jsonl, relative to the design.

    `strata`: the share of `normal` studies, whose reference names no finding, and of observations by their names; what
    is left over is drawn from all. `training` cases come first, in the first period, and do not count. `repeated` cases
    come again at the end of each period, under the same arm, to see how far a reader agrees with themselves.
    """

    file: Path
    split: Literal["train", "validate", "test"] | None = None
    count: Annotated[int, Field(ge=1, le=5000)]
    strata: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    training: Annotated[int, Field(ge=0, le=50)] = 0
    repeated: Annotated[int, Field(ge=0, le=200)] = 0


class ErrorsPart(_Part):
    """Which errors are put into a report: from `least` to `most` of them, of these `kinds`."""

    least: Annotated[int, Field(ge=1, le=3)] = 1
    most: Annotated[int, Field(ge=1, le=3)] = 1
    kinds: tuple[InjectedKind, ...] = tuple(InjectedKind)


class GoldPart(_Part):
    """Cases whose draft has errors that are known, whatever the arm, as long as it shows a draft.

    They are among the `count` of the studies and are left out of estimates that compare arms. They go through the arms
    like any other case: read without a draft, they say what readers find on their own.
    """

    count: Annotated[int, Field(ge=0, le=500)] = 0
    errors: ErrorsPart = ErrorsPart()


class DisplayPart(_Part):
    """What a reader of an arm is shown beside the film: each switch needs a draft, but for the prior report.

    `confidence`: how sure the model is, at its sentences; `not_mentioned`: findings that it leaves out; `evidence`:
    where a sentence came from; `ticks`: the report opens as ticks; `prior_report`: that of the earlier film; `model`:
    which model wrote, which unblinds and is refused where two arms show a draft.
    """

    confidence: bool = False
    not_mentioned: bool = False
    evidence: bool = False
    ticks: bool = False
    prior_report: bool = True
    model: bool = False


class ArmPart(_Part):
    """One way in which a case is read.

    `base`, `adapter` and `precision` are those of the settings where a `model` arm does not name them; `slots`: what it
    is told of what is known before, all of it by default. `file`: of a `predictions` arm. `of`: an `injected` arm's
    reports are those of this arm, or the reference, with `errors` put in.
    """

    name: Name
    draft: DraftSource
    base: str | None = None
    adapter: str | None = None
    precision: str | None = None
    slots: tuple[str, ...] | None = None
    file: Path | None = None
    of: str | None = None
    errors: ErrorsPart = ErrorsPart()
    show: DisplayPart = DisplayPart()

    @property
    def shows_draft(self) -> bool:
        """Whether a reader begins with a report."""
        return self.draft is not DraftSource.NONE


class ReadingPart(_Part):
    """Who reads what, and how.

    `crossover`: every reader reads every case once a period, its arm by a Latin square; `parallel`: every reader has
    one arm. A second period comes at least `washout_days` after the first, with other arms. `reader_first`: an
    impression is committed before the draft appears. `read_again`: a case that is done can be opened again, without
    changing it. A break is proposed after `break_minutes` of reading.
    """

    kind: Literal["crossover", "parallel"] = "crossover"
    readers: Annotated[int, Field(ge=1, le=500)]
    periods: Literal[1, 2] = 1
    washout_days: Annotated[int, Field(ge=0, le=365)] = 28
    shuffled: bool = True
    reader_first: bool = False
    read_again: bool = False
    break_minutes: Annotated[int, Field(ge=5, le=240)] = 45


class QuestionPart(_Part):
    """One question: with `choices` one of them is picked, otherwise a whole number from `least` to `most`."""

    name: Name
    text: Annotated[str, Field(min_length=3, max_length=300)]
    choices: tuple[str, ...] = ()
    least: int = 1
    most: Annotated[int, Field(le=10)] = 5
    least_means: str = ""
    most_means: str = ""


class QuestionnaireName(StrEnum):
    """Questionnaires that are known by name."""

    SUS = "sus"
    UMUX_LITE = "umux-lite"
    NASA_TLX = "nasa-tlx"


class QuestionsPart(_Part):
    """What is asked after each case, and at the end."""

    case: Annotated[tuple[QuestionPart, ...], Field(max_length=5)] = ()
    end: tuple[QuestionnaireName | QuestionPart, ...] = ()


class PairwisePart(_Part):
    """Two arms' drafts of one film side by side, for `cases` of the studies; `alone`: nothing else is read."""

    arms: tuple[Name, Name]
    cases: Annotated[int, Field(ge=1, le=500)]
    alone: bool = False


class OutcomeName(StrEnum):
    """What arms are compared by."""

    READING_SECONDS = "reading seconds"
    EDIT_DISTANCE = "edit distance"
    DECISION = "decision"
    CONTENT_ERRORS = "content errors"
    CAUGHT_ERRORS = "caught errors"
    AGREEMENT_WITH_REFERENCE = "agreement with the reference"
    PREFERENCE = "preference"


class ComparisonPart(_Part):
    """One comparison that is named before the study: of an arm with the `against` one, by an outcome.

    `margin`: without it superiority is looked at; with it, non-inferiority by so much, in the outcome's own unit: a
    ratio above 1 for times and decisions, a difference above 0 for the others, whichever side is the better one.
    """

    outcome: OutcomeName
    arm: Name
    against: Name
    margin: float | None = None


class AnalysisPart(_Part):
    """How results are made. The first of the `comparisons` is the primary one; Holm's method holds all together."""

    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    comparisons: tuple[ComparisonPart, ...] = ()
    bootstrap: Annotated[int, Field(ge=200, le=20000)] = 2000


class OwnerPart(_Part):
    """What the owner may see: outcomes by arm before the end only with `unblinded_before_end`, and on record."""

    unblinded_before_end: bool = False


class ReaderStudyDesign(_Part):
    """A reader study. Paths are relative to the file's folder. Cross-field rules are those of `check_design`."""

    version: Literal[1] = 1
    title: Annotated[str, Field(min_length=3, max_length=120)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    studies: StudiesPart
    gold: GoldPart = GoldPart()
    arms: Annotated[tuple[ArmPart, ...], Field(min_length=1, max_length=12)]
    reading: ReadingPart
    questions: QuestionsPart = QuestionsPart()
    pairwise: PairwisePart | None = None
    consent: Annotated[str, Field(min_length=20)]
    kept: Annotated[str, Field(min_length=20)]
    analysis: AnalysisPart = AnalysisPart()
    owner: OwnerPart = OwnerPart()

    @property
    def main_count(self) -> int:
        """How many cases are compared between arms: those that are neither gold nor training."""
        return self.studies.count - self.gold.count

    def arm(self, name: str) -> ArmPart:
        """The arm of this name. Raises KeyError for another."""
        return {arm.name: arm for arm in self.arms}[name]
