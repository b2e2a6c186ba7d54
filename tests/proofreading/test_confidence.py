"""How sure a model is of what a report says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.proofreading.confidence import Confidence, doubted, unmentioned, weigh_sentences
from clinicalblip.radiology.observation import CHEXPERT, Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.settings import ScoreSettings

LIMITS = ScoreSettings(likely=0.5, unlikely=0.1)
EFFUSION, PNEUMOTHORAX, PNEUMONIA = Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX, Observation.PNEUMONIA


@pytest.mark.parametrize(
    ("text", "probability", "said", "confidence"),
    [
        ("Small left pleural effusion.", 0.5, 0.5, Confidence.AGREES),
        ("Small left pleural effusion.", 0.3, 0.3, Confidence.UNSURE),
        ("Small left pleural effusion.", 0.09, 0.09, Confidence.DOUBTS),
        ("Possible pleural effusion.", 0.7, 0.7, Confidence.AGREES),
        ("No pleural effusion.", 0.7, 0.3, Confidence.DOUBTS),
        ("No pleural effusion.", 0.3, 0.7, Confidence.UNSURE),
        ("No pleural effusion.", 0.05, 0.95, Confidence.AGREES),
    ],
)
def test_a_denial_is_as_likely_as_the_finding_is_not(
    text: str, probability: float, said: float, confidence: Confidence
) -> None:
    """What is affirmed, or possible, is as likely as the finding; the same two limits hold for both."""
    (sentence,) = weigh_sentences(text, {EFFUSION: probability}, LIMITS)
    assert sentence.confidence is confidence
    assert sentence.findings[0].probability == pytest.approx(said)


def test_a_sentence_is_as_sure_as_the_least_sure_thing_that_it_says() -> None:
    """Each finding once, however often it is named; where a sentence starts tells which it is."""
    text = "The heart is fine. No effusion or pneumothorax, no left effusion."
    (sentence,) = weigh_sentences(text, {EFFUSION: 0.6, PNEUMOTHORAX: 0.01}, LIMITS)
    assert sentence.start == text.index("No effusion")
    assert [each.observation for each in sentence.findings] == [EFFUSION, PNEUMOTHORAX]
    assert sentence.confidence is Confidence.DOUBTS


def test_what_has_no_probability_is_not_weighed() -> None:
    """No sentence is sure of what the model was never measured on."""
    assert not list(weigh_sentences("There is emphysema. The chest is normal.", {EFFUSION: 0.6}, LIMITS))


def test_what_is_likely_and_said_nowhere_is_offered_until_the_reader_speaks_of_it() -> None:
    """In whatever way, and in either section; the most likely first. What the draft denies is no gap in it."""
    scores = {EFFUSION: 0.6, PNEUMOTHORAX: 0.7, Observation.EDEMA: 0.4}
    draft = Report("The heart is enlarged.")
    offered = unmentioned(draft, draft, scores, LIMITS)
    assert [(each.observation, each.certainty) for each in offered] == [
        (PNEUMOTHORAX, Certainty.PRESENT),
        (EFFUSION, Certainty.PRESENT),
    ]
    assert unmentioned(draft, Report("", "No effusion. Pneumothorax."), scores, LIMITS) == []
    assert unmentioned(Report("No effusion. No pneumothorax."), Report(), scores, LIMITS) == []


def test_another_name_of_a_finding_says_it_where_it_is_affirmed() -> None:
    """A pneumonia may be called a consolidation; that there is no consolidation says nothing of a pneumonia."""
    scores = {PNEUMONIA: 0.8}
    assert unmentioned(Report("Consolidation at the left base."), Report(), scores, LIMITS) == []
    assert [each.observation for each in unmentioned(Report("No consolidation."), Report(), scores, LIMITS)] == [
        PNEUMONIA
    ]


def test_what_the_model_doubts_is_offered_as_long_as_the_report_says_it() -> None:
    """Both what it affirms and what it denies; it goes with the sentence, or once that says otherwise."""
    scores = {EFFUSION: 0.02, PNEUMOTHORAX: 0.9}
    draft = Report("Left pleural effusion.", "No pneumothorax.")
    for final in (Report(), draft):
        found = doubted(draft, final, scores, LIMITS)
        assert [(each.observation, each.certainty) for each in found] == [
            (EFFUSION, Certainty.PRESENT),
            (PNEUMOTHORAX, Certainty.ABSENT),
        ]
    assert doubted(draft, Report("No effusion. There is a pneumothorax."), scores, LIMITS) == []


@given(
    text=st.text(max_size=300),
    scores=st.dictionaries(st.sampled_from(CHEXPERT), st.floats(0, 1), max_size=14),
)
def test_any_text_is_weighed(text: str, scores: dict[Observation, float]) -> None:
    """Probabilities stay probabilities, a sentence starts inside its text, and what is offered keeps to the limits."""
    for sentence in weigh_sentences(text, scores, LIMITS):
        assert 0 <= sentence.start < len(text)
        assert all(0 <= finding.probability <= 1 for finding in sentence.findings)
    report = Report(text)
    assert all(each.probability >= LIMITS.likely for each in unmentioned(report, report, scores, LIMITS))
    assert all(each.confidence is Confidence.DOUBTS for each in doubted(report, report, scores, LIMITS))
