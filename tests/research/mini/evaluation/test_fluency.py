"""Perplexity, sentences that are none, and repeated content."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.report import Report, parse_sections
from research.mini.evaluation.fluency import fit_bigrams, measure_fluency, not_sentences, perplexity, repeats, split

TRAIN = [
    Report("The heart is normal. The lungs are clear.", "No acute disease."),
    Report("The heart is enlarged. There is a small left effusion.", "Small effusion."),
]
BIGRAMS = fit_bigrams(TRAIN)


def test_probabilities_of_all_words_sum_to_one():
    """Behind a known, an unknown and a last word."""
    for before in ("the", "never read", "clear", "."):
        words = [*BIGRAMS.words, "<unknown>"]
        assert sum(math.exp(BIGRAMS.log_probability(before, word)) for word in words) == pytest.approx(1.0)


def test_a_template_is_likelier_and_nonsense_less_likely_than_a_report():
    """What stands in the train reports, the same in another order, and words of nobody."""
    bigrams = fit_bigrams(TRAIN)
    known, turned, strange = (
        perplexity(bigrams, [Report(text)]).value()
        for text in ("The heart is normal.", "Heart the normal is.", "Zebras eat 12 apples.")
    )
    assert known < turned < strange


def test_numbers_are_one_word_and_blanks_are_none():
    """A size is as likely as another, and where a name was taken out nothing is counted."""
    bigrams = fit_bigrams([Report("A 12 mm nodule.")])
    one, other = (perplexity(bigrams, [Report(text)]) for text in ("A 12 mm nodule.", "A 7 mm XXXX nodule."))
    assert one.terms.tolist() == other.terms.tolist()


def test_a_report_without_a_word_is_no_evidence():
    """An empty draft has no perplexity, and takes nothing from the others'."""
    bigrams = fit_bigrams(TRAIN)
    assert perplexity(bigrams, [TRAIN[0], Report()]).value() == perplexity(bigrams, [TRAIN[0]]).value()
    assert math.isnan(perplexity(bigrams, [Report()]).value())


@pytest.mark.parametrize(
    "sentence",
    [
        "Infiltrate.",
        "No pleural",
        "There is a small left.",
        "There is is an effusion.",
        "the lungs are clear.",
        "There is effusions.",
        "Edema are present.",
    ],
)
def test_what_is_no_sentence(sentence):
    """A single word, a cut, a small letter, a doubled word, a number that disagrees."""
    assert not_sentences(Report(f"The heart is normal. {sentence}")) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "No pneumothorax.",
        "Small left pleural effusion.",
        "Consolidation and atelectasis are seen in the right lower lobe.",
        "There is a small left effusion, and the heart is large.",
        "1. No acute disease.",
    ],
)
def test_what_radiologists_write_is_one(sentence):
    """Short forms without a verb are usual."""
    assert not_sentences(Report(sentence)) == []


def test_repeated_content():
    """A sentence twice in a section, or an impression that only copies the findings; one copied sentence is no copy."""
    assert repeats(Report("No effusion. The heart is large. No effusion."))
    assert repeats(Report("The heart is large. No effusion.", "The heart is large."))
    assert not repeats(Report("The heart is large. No effusion.", "Cardiomegaly. No effusion."))
    assert not repeats(Report("The heart is large."))


@given(st.text(max_size=200))
def test_whatever_a_model_writes_is_measured(text):
    """No text is too strange to be counted: its words have a probability, its sentences are some or none."""
    report = parse_sections(text)
    assert not perplexity(BIGRAMS, [report]).value() <= 1
    sentences = [*split(report.findings), *split(report.impression)]
    assert set(not_sentences(report)) <= set(sentences)


def test_drafts_without_a_word_have_no_perplexity():
    """A model of a few steps writes nothing; there is nothing to count."""
    found = measure_fluency(fit_bigrams(TRAIN), ["", "Findings:"], ["a", "b"])
    assert (found["perplexity"], found["sentences"]) == (None, 0)


def test_figures_of_drafts():
    """Perplexity with an interval over patients, and what is wrong with the sentences, counted."""
    drafts = ["Findings: The heart is normal. Infiltrate. Impression: Infiltrate.", "Findings: The lungs are clear."]
    found = measure_fluency(fit_bigrams(TRAIN), drafts, ["a", "b"])
    assert (found["sentences"], found["not_sentences"], found["repeating"], found["reports"]) == (4, 2, 1, 2)
    assert found["commonest_not_sentences"] == ["Infiltrate."]
    assert found["perplexity"]["low"] <= found["perplexity"]["value"] <= found["perplexity"]["high"]
