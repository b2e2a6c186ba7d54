"""Composed reports: what is stated is said, nothing false is claimed, and they read as reports do."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.hints import read_hints
from clinicalblip.labeler import findings, observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.reports.compose import compose, unreadable_report
from research.mini.reports.draft_findings import affirms, affirms_any, sides_of
from research.mini.reports.sentences import REPORTED, collect_sentences, split_sentences
from research.mini.reports.statements import state_drawn, state_hint, state_observation
from research.mini.reports.voice import VOICES, Voice
from research.phantom.choosing import random_finding
from research.phantom.description import Kind
from research.phantom.reports.report import Change

NORMAL = (
    "Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax. Bony structures are intact.",
    "The heart is not enlarged. There is no focal consolidation. There is no pneumothorax. No pleural effusion seen.",
    "The mediastinum is unremarkable. No focal consolidation, pleural effusion or pneumothorax.",
)
voices = st.integers(0, VOICES - 1).map(Voice)


@pytest.fixture(scope="module")
def sentences():
    """The normal sentences of three reports, each dictated three times."""
    reports = [Report(text, "No acute disease.") for text in NORMAL * 3]
    return collect_sentences(Study(f"s{n}", f"p{n}", "train", reference=each) for n, each in enumerate(reports))


def present(text):
    """The observations of `REPORTED` that a text affirms."""
    return {what for what, how in observations(text).items() if how is Certainty.PRESENT and what in REPORTED}


@given(st.sets(st.sampled_from(REPORTED)), voices)
def test_a_report_affirms_what_is_stated_and_denies_nothing_of_it(sentences, stated, voice):
    """Findings and impression name what is there and nothing else."""
    report = compose([state_observation(what, voice) for what in stated], set(REPORTED) - stated, sentences, voice)
    assert present(report.findings) == stated
    assert present(report.impression) == stated
    said = observations(report.findings)
    assert not [what for what in stated if said[what] is Certainty.ABSENT]


@given(st.sets(st.sampled_from(REPORTED)), st.sets(st.sampled_from(REPORTED)), voices)
def test_what_is_not_known_is_not_spoken_of(sentences, stated, unknown, voice):
    """Neither affirmed nor denied: only what is absent is called absent."""
    absent = set(REPORTED) - stated - unknown
    report = compose([state_observation(what, voice) for what in stated], absent, sentences, voice)
    denied = {what for what, how in observations(report.findings).items() if how is Certainty.ABSENT}
    assert denied & set(REPORTED) <= absent


@given(st.sets(st.sampled_from(REPORTED), max_size=4), voices)
def test_no_sentence_is_a_single_word_or_said_twice(sentences, stated, voice):
    """The impression is no copy of the findings either."""
    report = compose([state_observation(what, voice) for what in stated], set(REPORTED) - stated, sentences, voice)
    lines = list(split_sentences(report.findings))
    assert len(lines) == len(set(lines))
    assert all(len(line.split()) > 1 and line[0].isupper() for line in (*lines, *split_sentences(report.impression)))
    assert not set(lines) & set(split_sentences(report.impression))


def test_organs_stand_in_the_order_of_reports(sentences):
    """Heart, then lungs, then pleura, whichever of them are normal."""
    report = compose([state_observation(Observation.ATELECTASIS, Voice(3))], set(REPORTED), sentences, Voice(3))
    places = [re.search(word, report.findings, re.I).start() for word in ("heart|mediast", "atelectasis", "pneumotho")]
    assert places == sorted(places)


def test_the_impression_is_ranked_by_urgency(sentences):
    """A pneumothorax comes before a large heart, whatever the order of the findings."""
    stated = [state_observation(what, Voice(5)) for what in (Observation.CARDIOMEGALY, Observation.PNEUMOTHORAX)]
    report = compose(stated, set(REPORTED), sentences, Voice(5))
    assert report.impression.lower().index("pneumothorax") < report.impression.lower().index("cardiomegaly")
    heart, pneumothorax = (re.search(word, report.findings) for word in ("eart|ardi", "neumothorax"))
    assert heart.start() < pneumothorax.start()


def test_voices_word_the_same_report_in_many_ways(sentences):
    """And each voice always in the same."""
    texts = [compose([], set(REPORTED), sentences, Voice(number)).text for number in range(VOICES)]
    assert len(set(texts)) > 4
    assert texts == [compose([], set(REPORTED), sentences, Voice(number)).text for number in range(VOICES)]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_drawn_finding_is_said_with_its_side(kind):
    """In every voice; denied, nothing of its kind is affirmed."""
    rng = np.random.default_rng(0)
    for number in range(VOICES):
        finding = random_finding(kind, rng)
        said = state_drawn(finding, graded=True)
        assert affirms(said.sentence(Voice(number)), kind)
        sides = {"left", "right"} if finding.side == "both" else {finding.side} - {""}
        assert sides_of(said.sentence(Voice(number)), kind) == sides
        assert not affirms(said.denied().sentence(Voice(number)), kind)


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("kind", list(Kind))
def test_a_change_affirms_its_finding_unless_it_is_gone(kind, change):
    """The finding's name comes before how it has changed."""
    rng = np.random.default_rng(1)
    for number in range(6):
        said = state_drawn(random_finding(kind, rng), True, change).sentence(Voice(number))
        assert affirms(said, kind) == (change is not Change.RESOLVED)
        assert said.startswith("The ")


@pytest.mark.parametrize(
    "hints",
    ["small effusion R", "mild cardiomegaly", "pneumonia LLL?", "no ptx", "severe edema", "2 nodules RUL", "port"],
)
def test_a_hint_is_said_first_with_all_that_it_says(sentences, hints):
    """The labeler reads from the report what it has read in the hint, in every voice."""
    (hint,) = read_hints(hints)[0]
    for number in range(VOICES):
        report = compose([state_hint(hint)], set(REPORTED), sentences, Voice(number))
        first = next(split_sentences(report.findings))
        assert hint.finding in findings(first)
        assert hint.words.removeprefix("no ").removeprefix("possible ").lower() in first.lower()


def test_an_unreadable_picture_affirms_nothing():
    """And is called neither normal nor abnormal."""
    for number in range(VOICES):
        report = unreadable_report(Voice(number))
        assert not affirms_any(report.text)
        assert not observations(report.text)
