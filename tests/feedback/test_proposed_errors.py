"""What an edit says that is wrong with a draft."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.feedback.draft_edit import DraftEdit
from clinicalblip.feedback.proposed_errors import EditKinds, count_edits_by_kind, propose_errors
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import ErrorOrigin, ErrorState


def proposed(draft: str, final: str) -> list[tuple[str, str | None]]:
    """The categories that are proposed for a draft's findings, and the words that are wrong."""
    return [
        (str(each.category), None if each.start is None else draft[each.start : each.end])
        for each in propose_errors(DraftEdit(Report(draft), Report(final)))
    ]


@pytest.mark.parametrize(
    ("draft", "final", "category", "passage"),
    [
        ("Left pleural effusion. Clear lungs.", "Clear lungs.", "false finding", "Left pleural effusion."),
        ("Effusion and cardiomegaly.", "No effusion, but cardiomegaly.", "false finding", "Effusion"),
        ("There is cardiomegaly.", "There is no cardiomegaly.", "false finding", "There is cardiomegaly."),
        ("Lungs are clear.", "Lungs are clear. Small right pneumothorax.", "missing finding", None),
        ("No pleural effusion.", "Small left pleural effusion.", "missing finding", None),
        ("Heart normal.", "Heart normal. Nasogastric tube in the stomach.", "missing finding", None),
        ("Small left effusion.", "Small right effusion.", "location", "Small left effusion."),
        ("Small left effusion.", "Small bilateral effusions.", "location", "Small left effusion."),
        ("Left upper lobe mass.", "Left lower lobe mass.", "location", "Left upper lobe mass."),
        ("Fracture of the left sixth rib.", "Fracture of the left eighth rib.", "location", "sixth"),
        ("Left hemidiaphragm elevated.", "Right hemidiaphragm elevated.", "location", "Left hemidiaphragm elevated."),
        ("Large right effusion.", "Small right effusion.", "severity", "Large right effusion."),
        ("A calcified nodule in the left lung.", "A spiculated nodule in the left lung.", "descriptor", "calcified"),
        ("A 12 mm nodule.", "A 1.8 cm nodule.", "measurement", "12 mm"),
        ("Possible right pneumonia.", "Right pneumonia.", "certainty", "Possible right pneumonia."),
        ("No pneumothorax.", "No definite pneumothorax.", "certainty", "No pneumothorax."),
        ("Right basal opacity.", "Right basal consolidation.", "unspecific", "Right basal opacity."),
        ("Abnormality of the lung.", "A mass in the right lung.", "unspecific", "Abnormality of the lung."),
        ("A line is in place.", "A right internal jugular line.", "unspecific", "A line is in place."),
        ("Right basal pneumonia.", "Right basal consolidation.", "overinterpretation", "Right basal pneumonia."),
        ("Sarcoidosis.", "Hilar adenopathy.", "overinterpretation", "Sarcoidosis."),
        ("The left effusion is new.", "The left effusion is unchanged.", "temporal", "The left effusion is new."),
        ("Unchanged cardiomegaly.", "Cardiomegaly.", "temporal", "Unchanged cardiomegaly."),
        ("Improving edema.", "The edema has resolved.", "temporal", "Improving edema."),
        ("Severe scoliosis. Clear lungs.", "Clear lungs.", "false finding", "Severe scoliosis."),
    ],
)
def test_an_edit_points_to_one_kind_of_error(draft: str, final: str, category: str, passage: str | None) -> None:
    """CRIMSON's categories, with the passage of the draft that is wrong: a sentence, or the word in it."""
    assert proposed(draft, final) == [(category, passage)]


@pytest.mark.parametrize(
    ("draft", "final"),
    [
        ("There is no pleural effusion.", "No pleural effusion."),
        ("The heart is enlarged.", "Cardiomegaly."),
        ("A 12 mm nodule is seen.", "A nodule of 1.2 cm is seen."),
        ("Clear lungs. No effusion.", "No effusion. Clear lungs."),
        ("No effusion. No pneumothorax.", "No effusion or pneumothorax."),
    ],
)
def test_other_words_for_the_same_are_no_error(draft: str, final: str) -> None:
    """An edit of the style is counted as one, and nothing is proposed."""
    assert proposed(draft, final) == []
    assert count_edits_by_kind(DraftEdit(Report(draft), Report(final))).content == 0


def test_a_finding_that_is_wrong_in_both_sections_is_one_error() -> None:
    """It is shown where the draft says it first."""
    draft = Report("Small left effusion.", "Left effusion.")
    (error,) = propose_errors(DraftEdit(draft, Report("Small right effusion.", "Right effusion.")))
    assert (error.section, error.observation) == (Section.FINDINGS, Observation.PLEURAL_EFFUSION)
    assert (error.origin, error.state) == (ErrorOrigin.PROPOSED, ErrorState.IGNORED)


def test_edits_of_content_and_style_are_told_apart() -> None:
    """A finding turned round is content, another wording style."""
    draft = Report("There is no effusion. The heart is enlarged. Scattered words.")
    final = Report("No effusion. The heart is not enlarged. Other words.")
    assert count_edits_by_kind(DraftEdit(draft, final)) == EditKinds(content=1, style=2)


@given(st.text(max_size=120), st.text(max_size=120))
def test_any_two_texts_can_be_compared(draft: str, final: str) -> None:
    """Passages lie in the draft; equal texts have nothing wrong."""
    for error in propose_errors(DraftEdit(Report(draft, final), Report(final, draft))):
        assert error.start is None or draft[error.start : error.end] or final[error.start : error.end]
    assert propose_errors(DraftEdit(Report(draft, final), Report(draft, final))) == ()
