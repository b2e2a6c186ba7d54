"""Drafts of every source: which report, from which prompt, under whose name, and gone on with after a stop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinicalblip.errors import ModelError, ModelUnavailable, ReaderStudyError
from clinicalblip.radiology.draft import Draft, Examination
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.assignment.assignment import CaseKind, StudyCase
from clinicalblip.reader_study.design.design import ArmPart, ReaderStudyDesign
from clinicalblip.reader_study.drafts.made_drafts import MadeDraft, MadeDrafts
from clinicalblip.reader_study.drafts.make_drafts import DraftMaker
from clinicalblip.reader_study.drafts.sources import find_sources
from clinicalblip.reader_study.drafts.study_films import digest_films
from clinicalblip.settings import LimitSettings
from tests.fixtures.reader_study import CONTEXT, DESIGN, PNEUMOTHORAX, put_in_pneumothorax, write_sources
from tests.fixtures.scripted_reporter import IDENTITY, ScriptedReporter

CASES = (StudyCase(1, "s2", CaseKind.MAIN, ""), StudyCase(2, "s4", CaseKind.GOLD, ""))
MODEL = {"name": "model", "draft": "model"}
REFERENCE = {"name": "offered", "draft": "reference"}
PREDICTED = {"name": "assisted", "draft": "predictions", "file": "predictions.jsonl"}


class StoppingReporter(ScriptedReporter):
    """Drafts so many examinations, and then fails."""

    left = 10**9

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """As it says."""
        self.left -= 1
        if self.left < 0:
            raise ModelError("The model stopped.")
        return super().draft_many(examinations, seed=seed)


@dataclass
class Workshop:
    """A folder with sources, in which drafts of designs are made."""

    folder: Path
    studies: Mapping[int, Study]
    films: Mapping[int, tuple[str, ...]]
    lines: list[str] = field(default_factory=list)

    def make(
        self, *arms: dict[str, Any], load: Callable[[ArmPart], ScriptedReporter] | None = None, **changes: Any
    ) -> dict[tuple[int, str], MadeDraft]:
        """The drafts of these arms, by case and arm."""
        values = {**yaml.safe_load(DESIGN), "pairwise": None, "arms": list(arms), **changes}
        design = ReaderStudyDesign.model_validate(values)
        sources = find_sources(
            design,
            self.studies,
            load or (lambda arm: ScriptedReporter()),
            folder=self.folder,
            studies_digest="d" * 64,
            limits=LimitSettings(),
        )
        maker = DraftMaker(design, self.studies, self.films, sources, put_in_pneumothorax)
        made = maker.make(CASES, MadeDrafts(self.folder / "made.jsonl"), log=self.lines.append)
        return {(each.prepared.case, each.prepared.arm): each for each in made}


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """The studies s2 and s4, with their films and predictions."""
    from clinicalblip.datasets.files.studies import read_studies

    write_sources(tmp_path)
    by_id = {study.study_id: study for study in read_studies(tmp_path / "studies.jsonl")}
    studies = {case.number: by_id[case.study_id] for case in CASES}
    return Workshop(tmp_path, studies, digest_films(studies, LimitSettings()))


def test_a_model_drafts_what_it_is_shown(workshop: Workshop) -> None:
    """It gets the films and the arm's slots, no prior report that is not shown, and the design's seed."""
    reporters = {name: ScriptedReporter() for name in ("model", "blind", "short")}
    blind = {"name": "blind", "draft": "model", "show": {"prior_report": False}}
    short = {"name": "short", "draft": "model", "slots": ["prior_report"]}
    made = workshop.make(MODEL, blind, short, load=lambda arm: reporters[arm.name])
    assert reporters["model"].contexts[0] == CONTEXT
    assert reporters["blind"].contexts[0] == replace(CONTEXT, prior_report="")
    assert reporters["short"].contexts[0] == ClinicalContext(prior_report=CONTEXT.prior_report)
    draft = made[1, "model"].prepared.draft
    assert (draft.model, draft.seed, draft.radiographs) == (IDENTITY, 7, workshop.films[1])
    assert len({each.prepared.id for each in made.values()}) == 6


def test_scores_are_made_where_the_arm_shows_them(workshop: Workshop) -> None:
    """Those that are calibrated, without No Finding; the others are not asked for."""
    reporter = ScriptedReporter(scores={Observation.EDEMA: 0.7, Observation.NO_FINDING: 0.1})
    marked = {"name": "marked", "draft": "model", "show": {"confidence": True}}
    made = workshop.make(MODEL, marked, load=lambda arm: reporter)
    assert made[1, "model"].prepared.scores is None
    assert made[1, "marked"].prepared.scores == {Observation.EDEMA: 0.7}
    assert reporter.scored == 2


def test_evidence_is_made_where_the_arm_shows_it(workshop: Workshop) -> None:
    """Of the report as it is shown: with the errors that were put into it."""
    reporter = ScriptedReporter()
    shown = {"name": "shown", "draft": "model", "show": {"evidence": True}}
    made = workshop.make(MODEL, shown, load=lambda arm: reporter)
    assert made[1, "model"].prepared.evidence is None
    for case in (1, 2):
        prepared = made[case, "shown"].prepared
        assert prepared.evidence is not None
        (all_of_it,) = prepared.evidence
        assert all_of_it.sentence == prepared.draft.report.text
        assert all_of_it.drops == (((0.0, 0.0), (0.0, 0.0)),)


def test_a_report_that_no_model_wrote_is_named_after_its_source(workshop: Workshop) -> None:
    """With the digest of its file, and the digests of the case's films."""
    made = workshop.make(REFERENCE, PREDICTED)
    offered, assisted = (made[1, arm].prepared.draft for arm in ("offered", "assisted"))
    assert offered.report == workshop.studies[1].reference
    assert (offered.model.base, offered.model.base_digest) == ("reference", "d" * 64)
    assert assisted.report.findings == "There is a small right pleural effusion."
    assert assisted.model.base == "predictions"
    assert len(assisted.model.base_digest) == 64
    assert offered.radiographs == assisted.radiographs == workshop.films[1]


def test_gold_cases_have_errors_whatever_the_arm(workshop: Workshop) -> None:
    """The same in each for the same report; the report without them is kept aside, and other cases have none."""
    made = workshop.make(MODEL, REFERENCE)
    for arm in ("model", "offered"):
        gold, main = made[2, arm], made[1, arm]
        assert gold.prepared.draft.report.findings == f"{gold.clean.findings} {PNEUMOTHORAX}"
        assert len(gold.errors) == 1
        assert gold.prepared.draft.model.base.endswith(", with errors put in")
        assert (main.errors, main.prepared.draft.report) == ((), main.clean)


def test_an_injected_arm_puts_errors_into_another_arms_reports(workshop: Workshop) -> None:
    """Once, also in gold cases, and without asking the model again; or into the reference."""
    reporter = ScriptedReporter()
    of_model = {"name": "wrong", "draft": "injected", "of": "model"}
    of_reference = {"name": "spoilt", "draft": "injected", "of": "reference"}
    made = workshop.make(of_model, of_reference, MODEL, load=lambda arm: reporter)
    assert len(reporter.contexts) == 2
    for case in (1, 2):
        wrong, spoilt = made[case, "wrong"].prepared.draft, made[case, "spoilt"].prepared.draft
        assert wrong.report.findings == f"{made[case, 'model'].clean.findings} {PNEUMOTHORAX}"
        assert spoilt.report.findings == f"{workshop.studies[case].reference.findings} {PNEUMOTHORAX}"
        assert (wrong.model.base, spoilt.model.base) == (
            "recited, with errors put in",
            "reference, with errors put in",
        )


def test_an_injected_arm_that_hides_the_prior_report_has_drafts_of_its_own(workshop: Workshop) -> None:
    """The model of the other arm is asked again, without it."""
    reporter = ScriptedReporter()
    hidden = {"name": "wrong", "draft": "injected", "of": "model", "show": {"prior_report": False}}
    workshop.make(hidden, MODEL, load=lambda arm: reporter)
    assert [bool(context.prior_report) for context in reporter.contexts] == [True, False, True, False]


def test_errors_that_fit_no_report_are_said_once_all_else_is_made(workshop: Workshop) -> None:
    """With how many, and which case and arm is the first."""
    gold = {"count": 1, "errors": {"kinds": ["side"]}}
    with pytest.raises(ReaderStudyError, match="fits 2 of the reports, the first is case 2 under arm offered; name"):
        workshop.make(REFERENCE, PREDICTED, gold=gold)
    assert len(MadeDrafts(workshop.folder / "made.jsonl").completed()) == 2


def test_a_model_that_does_not_load_is_refused_before_any_draft(workshop: Workshop) -> None:
    """The arm is named, and so is one whose predictions lack a case."""
    reporter = ScriptedReporter()

    def load(arm: ArmPart) -> ScriptedReporter:
        if arm.name == "broken":
            raise ModelUnavailable("The base is missing.")
        return reporter

    broken = {"name": "broken", "draft": "model"}
    with pytest.raises(ReaderStudyError, match=r"^The model of arm broken does not load: The base is missing\.$"):
        workshop.make(MODEL, broken, load=load)
    assert reporter.contexts == []
    lines = (workshop.folder / "predictions.jsonl").read_text().splitlines(keepends=True)
    (workshop.folder / "predictions.jsonl").write_text("".join(lines[:3]))
    with pytest.raises(ReaderStudyError, match="arm assisted lack 1 of 2 cases, the first is case 2"):
        workshop.make(PREDICTED)
    (workshop.folder / "predictions.jsonl").unlink()
    with pytest.raises(ReaderStudyError, match="arm assisted cannot be used: There is no predictions file"):
        workshop.make(PREDICTED)


def test_what_was_made_before_a_stop_is_not_made_again(workshop: Workshop) -> None:
    """The drafts keep their ids and words, also after half a line of a process that was killed."""
    reporter = StoppingReporter()
    reporter.left = 1
    with pytest.raises(ModelError, match="The model stopped"):
        workshop.make(MODEL, REFERENCE, load=lambda arm: reporter)
    file = MadeDrafts(workshop.folder / "made.jsonl")
    before = file.completed()
    assert sorted(before) == ["1 model", "1 offered"]
    with next(workshop.folder.glob(".made.jsonl.part-*")).open("a") as half:
        half.write('{"study_id": "2 model", "draft": {"id": "ab')
    again = StoppingReporter()
    made = workshop.make(MODEL, REFERENCE, load=lambda arm: again)
    assert len(again.contexts) == 1
    assert made[1, "model"] == before["1 model"]
    assert file.completed().keys() == {"1 model", "1 offered", "2 model", "2 offered"}


def test_an_empty_draft_is_kept_and_said(workshop: Workshop) -> None:
    """A model that writes nothing does so in the study too, and its owner is told before."""
    made = workshop.make(MODEL, load=lambda arm: ScriptedReporter(text=""))
    assert made[1, "model"].prepared.draft.report == Report()
    assert workshop.lines[0] == "Of case 1 the model of arm model wrote nothing; its draft is empty."


def test_films_that_cannot_be_read_are_said_before_anything_is_made(workshop: Workshop) -> None:
    """With how many cases, the first of them, and without a file's name."""
    (workshop.folder / "film-2.png").write_bytes(b"no film")
    with pytest.raises(ReaderStudyError, match=r"^1 cases have films .* the first is case 1: ") as said:
        digest_films(workshop.studies, LimitSettings())
    assert "film-2" not in str(said.value)
