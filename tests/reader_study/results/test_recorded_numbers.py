"""From the records of a study over its CSV files to its report: nothing is in one of them alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.reader_study.records.records import Choice, EventKind, PairwiseChoice, QuestionnaireAnswers
from clinicalblip.reader_study.results.study_data import read_study
from clinicalblip.reader_study.results.write_results import result_files
from clinicalblip.reader_study.study_folder import StudyFolder
from tests.fixtures.reader_study import PNEUMOTHORAX
from tests.fixtures.recomputed.columns import column_faults
from tests.fixtures.recomputed.export import ExportedStudy
from tests.fixtures.recomputed.records import record_faults
from tests.fixtures.recomputed.report import report_faults
from tests.reader_study.results.read_cases import OPENED, OWN, read_case


@pytest.fixture
def reviews(small_study: StudyFolder) -> Iterator[ReviewStore]:
    """The reviews of the study."""
    with ReviewStore(small_study.reviews) as store:
        yield store


def read_as_one_likes(folder: StudyFolder, reviews: ReviewStore, rng: Random) -> None:
    """All readings of all readers: drafts kept, corrected or rewritten, fast or slowly; then pairs and questions."""
    for each in [folder.records.enrol() for _ in range(folder.assignment.rows)]:
        for assigned in folder.of_reader(each.reader):
            draft = folder.drafts.get((assigned.case, assigned.arm))
            final = rng.choice((OWN, Report("There is a small left pleural effusion.", "Effusion.")))
            if draft is not None and rng.random() < 0.6:
                text = draft.draft.report.findings
                final = replace(draft.draft.report, findings=rng.choice((text, text.replace(PNEUMOTHORAX, "").strip())))
            seconds = rng.uniform(5, 90)
            how = Reading(seconds, rng.uniform(0.3, 1) * seconds, interrupted=rng.random() < 0.2)
            changes = {"verdict": rng.choice(list(Verdict)), "would_sign": rng.choice((True, False, None))}
            read_case(folder, reviews, each.reader, assigned, final, how, **changes)
        for pair in folder.assignment.pairs:
            if pair.row == each.row:
                sides = [folder.drafts[pair.case, side].id for side in (pair.left, pair.right)]
                said = rng.choice(list(Choice)), rng.choice(("", "shorter")), rng.uniform(3, 60)
                folder.records.add_choice(PairwiseChoice(each.reader, pair.position, pair.case, *sides, *said, OPENED))
        answers = {f"umux-lite-{number}": rng.randint(1, 7) for number in (1, 2)}
        folder.records.add_answers(QuestionnaireAnswers(each.reader, "umux-lite", answers, OPENED + timedelta(days=1)))
    folder.record(EventKind.ENDED)


@pytest.mark.parametrize("seed", range(4))
def test_records_files_and_report_say_the_same(small_study: StudyFolder, reviews: ReviewStore, seed: int) -> None:
    """Times, findings by the labeler, errors, choices and answers; then each number of the report."""
    read_as_one_likes(small_study, reviews, Random(seed))
    files = result_files(read_study(small_study, reviews))
    study = ExportedStudy.of(files, small_study.design, small_study.assignment, small_study.records.enrolments())
    assert record_faults(study, small_study, reviews) == []
    assert column_faults(study) == []
    assert report_faults(files["report.md"], study) == []
