"""What a reader is asked to look at once more before a report is saved."""

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from clinicalblip.proofreading import ReportContext, proofread
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report


def remarks(findings: str, impression: str = "", **given: Any) -> list[tuple[str, str]]:
    """What is asked about a report: the check, and the words or the key word that it is about."""
    context = ClinicalContext(**{name: given.pop(name) for name in SLOTS if name in given})
    found = proofread(Report(findings, impression), ReportContext(context, **given))
    texts = {"findings": findings, "impression": impression}
    return [(str(each.check), each.hint or texts[each.section][each.start : each.end]) for each in found]


def checks(findings: str, impression: str = "", **given: Any) -> list[str]:
    """The checks that a report fails."""
    return [check for check, _ in remarks(findings, impression, **given)]


@pytest.mark.parametrize(
    ("findings", "where"),
    [
        ("No pleural effusion. Small left effusion.", "effusion"),
        ("Lungs are clear. Right lower lobe pneumonia.", "pneumonia"),
        ("The heart is not enlarged. Moderate cardiomegaly.", "cardiomegaly"),
        ("No right pneumothorax. Large right apical pneumothorax.", "pneumothorax"),
        ("No large effusion. Massive left effusion.", "effusion"),
    ],
)
def test_a_finding_that_is_said_and_denied_is_noticed(findings: str, where: str) -> None:
    """At the second of the two places."""
    assert remarks(findings) == [("says_and_denies", where)]


@pytest.mark.parametrize(
    "findings",
    [
        "No left effusion. Small right effusion.",
        "No large effusion. Trace effusion on the right.",
        "No acute fracture. Old right rib fractures.",
        "Right lower lobe consolidation. The lungs are otherwise clear.",
        "No apical pneumothorax. Small basal pneumothorax on the left.",
        "No effusion. Possible small left effusion.",
        "The endotracheal tube has been removed. Right chest tube in place.",
    ],
)
def test_what_leaves_room_for_the_other_is_no_contradiction(findings: str) -> None:
    """Another side, zone, degree or kind; what is doubted; devices."""
    assert "says_and_denies" not in checks(findings, has_prior=True)


def test_findings_and_impression_that_disagree_are_noticed() -> None:
    """The impression's place is shown."""
    assert remarks("No pneumothorax.", "Left pneumothorax.") == [("findings_impression_disagree", "pneumothorax")]
    assert checks("Small effusion.", "No effusion.") == ["findings_impression_disagree"]


def test_a_side_that_changes_is_noticed() -> None:
    """Between the sections, from the indication, and from the prior report of what is called unchanged."""
    assert remarks("Small left effusion.", "Right effusion.") == [("side_conflict", "effusion")]
    assert checks("Left chest tube.", indication="right chest tube, follow-up") == ["side_conflict"]
    prior = {"prior_report": "Right upper lobe mass.", "has_prior": True}
    assert checks("Unchanged left upper lobe mass.", **prior) == ["side_conflict"]
    assert checks("New left upper lobe mass. The right upper lobe mass is unchanged.", **prior) == []
    assert checks("Small right effusion. No left effusion.", indication="left effusion?") == []


@pytest.mark.parametrize("findings", ["The effusion is unchanged.", "No change compared with the prior study."])
def test_a_comparison_with_nothing_is_noticed(findings: str) -> None:
    """It is none where there is a prior film or text, or where the report says that there is nothing."""
    assert checks(findings) == ["comparison_without_prior"]
    assert checks(findings, has_prior=True) == []
    assert checks(findings, comparison="Chest film of last week") == []
    assert checks("No prior study for comparison. Small effusion.") == []


def test_a_finding_of_the_impression_alone_is_noticed() -> None:
    """What explains a finding is no other finding."""
    assert remarks("The heart is enlarged.", "Left rib fracture.") == [("impression_only", "fracture")]
    assert checks("Right lower lobe consolidation.", "Pneumonia.") == []
    assert checks("", "Pneumonia.") == []


def test_words_that_were_left_or_pasted_are_noticed() -> None:
    """A sentence twice, a gap that was not filled, the reference's own sentences."""
    assert remarks("Lungs are clear. lungs are clear") == [("repeated_sentence", "lungs are clear")]
    assert remarks("Line tip in the XXXX. See ___ and [side].") == [
        ("placeholder_left", "XXXX"),
        ("placeholder_left", "___"),
        ("placeholder_left", "[side]"),
    ]
    reference = Report("Heart size is normal today. The bones are quite intact.", "No acute disease.")
    pasted = "Heart size is normal today. The bones are quite intact."
    assert checks(pasted, reference=reference) == ["reference_pasted"]
    assert checks(pasted, reference=reference, draft=Report(pasted)) == []
    assert checks("Heart size is normal today.", reference=reference) == []


def test_a_key_word_that_the_report_leaves_out_is_noticed() -> None:
    """By its finding, or by its words where the labeler does not know it; a denial takes it up."""
    hints = "big heart, effusion R, hilar nodes"
    assert remarks("Nothing to see here at all.", hints=hints) == [
        ("hint_missing", "big heart"),
        ("hint_missing", "effusion R"),
        ("hint_missing", "hilar nodes"),
    ]
    assert checks("Cardiomegaly. No pleural effusion. Enlarged hilar lymph nodes.", hints=hints) == []


@drawn(st.text(max_size=200), st.text(max_size=80), st.text(max_size=60))
def test_any_text_can_be_looked_at(findings: str, impression: str, hints: str) -> None:
    """Spans lie in their section; nothing raises."""
    texts = {"findings": findings, "impression": impression}
    for remark in proofread(
        Report(findings, impression), ReportContext(ClinicalContext(hints=hints, indication=impression))
    ):
        assert 0 <= remark.start <= remark.end <= len(texts[remark.section])
        assert remark.check in Check
