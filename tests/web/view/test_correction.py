"""What became of a draft, as the page shows it."""

import pytest

from clinicalblip.feedback.finding_comparison import compare_findings
from clinicalblip.proofreading import ReportContext, proofread
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import (
    ErrorCategory,
    ErrorOrigin,
    ErrorState,
    ReportError,
    Significance,
)
from clinicalblip.web import wording
from clinicalblip.web.correction import Correction, correct
from clinicalblip.web.view.correction import errors_of, finding_changes, marked_sentences, remark_words, remarks

DRAFT = Report("Small left effusion. <b>The heart</b> is enlarged.", "")


def test_sentences_say_what_became_of_them_in_a_word() -> None:
    """Not by looks alone; what is between sentences stays, and markup in a draft is text."""
    corrected = correct(DRAFT, Report("Small right effusion."), ReportContext(), Correction())
    marked = marked_sentences(DRAFT.findings, Section.FINDINGS, corrected.sentences)
    assert 'data-key="findings:0" data-fate="edited" data-final="0,21"' in marked
    assert f'<small class="cb-fate">{wording.FATES["dropped"]}</small>' in marked
    assert "&lt;b&gt;The heart" in marked


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Clear.", "Small left pleural effusion.", "added: pleural effusion, left, small"),
        ("Effusion.", "Clear heart.", "removed: pleural effusion"),
        ("No effusion.", "Small effusion.", "turned round: no pleural effusion → pleural effusion, small"),
        ("Left effusion.", "Right effusion.", "other side: pleural effusion, left → pleural effusion, right"),
        ("Effusion.", "Possible effusion.", "made doubtful: possible pleural effusion"),
        (
            "Small effusions on both sides.",
            "Large effusions on both sides.",
            "other degree: pleural effusion, both sides",
        ),
        ("Left upper lobe nodule.", "Left lower lobe nodule.", "other place: lung lesion, left, upper zone"),
        (
            "New effusion.",
            "Unchanged effusion.",
            "other comparison: pleural effusion, new → pleural effusion, unchanged",
        ),
    ],
)
def test_findings_that_differ_are_said_in_words(before: str, after: str, said: str) -> None:
    """One a line."""
    assert said in finding_changes(compare_findings(before, after).different)


def test_a_proposed_error_is_asked_about_with_its_words() -> None:
    """Two answers and how much it matters; nothing where nothing is proposed."""
    corrected = correct(DRAFT, Report("Small right effusion."), ReportContext(), Correction())
    asked = errors_of(corrected, DRAFT)
    assert "Wrong place: “Small left effusion.”" in asked
    assert 'data-answer="confirmed"' in asked
    assert wording.SIGNIFICANCES["negligible"] in asked
    assert errors_of(correct(DRAFT, DRAFT, ReportContext(), Correction()), DRAFT) == ""


def test_an_error_that_was_named_by_hand_can_be_removed() -> None:
    """It stands below those that are proposed, and says who named it."""
    named = ReportError(
        ErrorCategory.SEVERITY,
        Section.FINDINGS,
        0,
        5,
        ErrorOrigin.BY_HAND,
        ErrorState.CONFIRMED,
        Significance.SIGNIFICANT,
    )
    shown = errors_of(correct(DRAFT, DRAFT, ReportContext(), Correction(named=(named,))), DRAFT)
    assert "Wrong degree: “Small” (matters)" in shown
    assert wording.NAMED_ERROR in shown
    assert 'data-named="0"' in shown


def test_a_remark_that_was_put_aside_is_shown_no_more() -> None:
    """The others stay."""
    final = Report("No effusion. Small left effusion. XXXX")
    found = correct(DRAFT, final, ReportContext(), Correction()).remarks
    assert "Pleural effusion is said and denied." in remarks(found, final, [])
    shown = remarks(found, final, ["says_and_denies:findings:Pleural Effusion:1"])
    assert "said and denied" not in shown
    assert "XXXX" in shown
    assert remarks([], final, []) == ""


def test_a_remark_on_a_side_names_what_has_it() -> None:
    """A finding by its name, and what is none by the report's own words."""
    report = Report("Right mastectomy.")
    found = proofread(report, ReportContext(ClinicalContext(indication="Left mastectomy, nodules?")))
    said = [remark_words(remark, report) for remark in found]
    assert len(said) == 1
    assert said[0].startswith("The side of “")
    assert "mastectomy" in said[0]
