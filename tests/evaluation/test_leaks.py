"""Leaks: references in prompts, hints taken from tags, studies trained on, and texts copied word for word."""

from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.datasets.files.studies import digest_study
from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.evaluation.leaks import (
    HintCounts,
    count_copies,
    count_hints,
    digest_text,
    find_references_in_prompts,
    find_trained_on,
    read_train_digests,
)
from clinicalblip.radiology.report import SLOTS
from tests.fixtures.scored_studies import NORMAL, study


@pytest.mark.parametrize("slot", [slot for slot in SLOTS if slot != "prior_report"])
def test_a_reference_in_its_own_prompt_is_found(slot: str) -> None:
    """Whichever slot it stands in, whatever its case, with words around it."""
    leaking = study(0, **{slot: f"Cough.\n{NORMAL.upper()} Thank you"})
    assert find_references_in_prompts([study(1), leaking]) == {slot: ["test0000"]}


def test_a_reference_in_its_own_prior_report_is_found() -> None:
    """A prior report that goes on after the reference's text is not the reference, and has it all the same."""
    leaking = study(0, prior_report=f"{NORMAL} Unchanged since.")
    assert find_references_in_prompts([leaking]) == {"prior_report": ["test0000"]}


def test_slots_that_were_left_empty_leak_nothing() -> None:
    """What did not reach the prompt is not looked at."""
    assert find_references_in_prompts([study(0, hints=NORMAL)], without=["hints"]) == {}


def test_a_few_common_words_are_no_leak() -> None:
    """A short section stands in many a prompt by chance, and half a word is no word."""
    assert find_references_in_prompts([study(0, findings="Normal chest.", indication="normal chest. before")]) == {}
    assert (
        find_references_in_prompts([study(0, findings="lung is clear now", indication="the lung is clear nowhere")])
        == {}
    )


def test_hints_that_are_nothing_but_tags_are_counted() -> None:
    """Hints in the tags' own words are told from a reader's own."""
    tagged = replace(study(0, hints="effusion, right"), tags=("Pleural Effusion/right", "normal"))
    own = replace(study(1, hints="effusion after the fall"), tags=("Pleural Effusion/right",))
    assert count_hints([tagged, own, study(2)]) == HintCounts(hinted=2, from_tags=1)


def test_scored_studies_that_were_trained_on_are_found(tmp_path: Path) -> None:
    """The digests of training-studies.txt are those of the studies file."""
    listed = tmp_path / "training-studies.txt"
    listed.write_text(f"{digest_study(study(1))}\n{digest_study(study(0, 'train'))}\n", encoding="utf-8")
    assert find_trained_on([study(0), study(1)], read_train_digests(listed)) == ["test0001"]


def test_a_broken_list_of_training_studies_is_refused_with_its_line(tmp_path: Path) -> None:
    """A line that is no digest is named; so is a list that is not there."""
    listed = tmp_path / "training-studies.txt"
    listed.write_text(f"{digest_study(study(1))}\nCXR1\n", encoding="utf-8")
    with pytest.raises(MalformedStudy, match="Line 2"):
        read_train_digests(listed)
    with pytest.raises(DatasetNotFound, match=r"training-studies\.txt"):
        read_train_digests(tmp_path / "none.txt")


def test_copies_are_counted_without_regard_to_case_and_white_space() -> None:
    """A draft is looked up among the train texts and beside its own reference; an empty one is no copy."""
    train = {digest_text("Lungs clear."), digest_text("")}
    found = count_copies(["lungs  CLEAR.", "Effusion.", ""], train, ["Normal.", "effusion.", ""])
    assert (found.texts, found.in_train, found.equal_reference) == (3, 1, 1)
    assert count_copies(["Lungs clear."], None).in_train is None


@pytest.mark.shared_data
def test_274_of_the_590_test_reports_stand_among_the_train_reports(shared_data: Path) -> None:
    """Nearly half of R2Gen's IU X-RAY test findings can be copied from its train split."""
    source = shared_data / "iu"
    split_file = source / "r2gen_annotation.json"
    studies = list(prepare_iu_xray(source, split_file=split_file, without_images=True).studies)
    train = {digest_text(each.reference.findings) for each in studies if each.split == "train"}
    test = [each.reference.findings for each in studies if each.split == "test"]
    assert (count_copies(test, train).in_train, len(test)) == (274, 590)
