"""Composed reports: what the labels say and nothing else."""

import os
import subprocess
import sys

import numpy as np
import pytest

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.reports.sentences import REPORTED, WORDINGS, collect_sentences, compose_report

REPORTS = (
    Report("The heart is enlarged. There is a small left pleural effusion. No pneumothorax.", "Cardiomegaly."),
    Report("Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax.", "No acute disease."),
    Report("Stable right upper lobe nodule. 2 cm mass in the left lung. Pacemaker in place, no effusion.", ""),
    Report("Bibasilar atelectasis. Patient has XXXX pneumonia since 2012. No pulmonary edema.", "Pneumonia."),
)


@pytest.fixture(scope="module")
def sentences():
    """What is usable of a few reports."""
    return collect_sentences(Study(f"s{n}", f"p{n}", "train", reference=report) for n, report in enumerate(REPORTS))


def texts(pool):
    """The sentences of a pool without their counts."""
    return {text for text, _ in pool}


def test_an_affirmation_loses_its_side_and_size(sentences):
    """No label says on which side an effusion is, or how large."""
    assert texts(sentences.affirming[Observation.PLEURAL_EFFUSION]) == {"There is a pleural effusion."}
    assert texts(sentences.affirming[Observation.ATELECTASIS]) == {"Atelectasis."}


def test_sentences_with_devices_numbers_or_comparison_are_left_out(sentences):
    """What no label says is in no pool: devices, sizes in centimetres, years, patients."""
    pools = [*sentences.affirming.values(), *sentences.denying.values(), sentences.normal]
    everything = " ".join(text for pool in pools for text, _ in pool)
    for word in ("Pacemaker", "2 cm", "2012", "Patient", "XXXX", "Stable"):
        assert word not in everything


def test_every_pool_says_what_it_is_filed_under(sentences):
    """The finding labeler reads each affirming sentence as present and each denying one as absent."""
    for what, pool in sentences.affirming.items():
        assert all(observations(text)[what] is Certainty.PRESENT for text, _ in pool)
    for what, pool in sentences.denying.items():
        assert all(observations(text)[what] is Certainty.ABSENT for text, _ in pool)


def test_a_denying_sentence_denies_one_finding(sentences):
    """What denies two in one breath, or calls the lungs clear, would deny a finding that the film may have."""
    assert texts(sentences.denying[Observation.CARDIOMEGALY]) == {"Heart size is normal."}
    everything = {text for pool in sentences.denying.values() for text, _ in pool}
    assert not {"No pleural effusion or pneumothorax.", "The lungs are clear."} & everything


def test_few_sentences_say_the_same():
    """A finding that can be affirmed in many ways is never the likeliest thing to be said: the commonest are kept."""
    ways = ("Pleural effusion.", "Pleural effusions.", "There is a pleural effusion.", "Pleural effusion is seen.")
    said = [*ways[:3], *ways]
    studies = [Study(f"s{n}", f"p{n}", "train", reference=Report(text)) for n, text in enumerate(said)]
    assert texts(collect_sentences(studies).affirming[Observation.PLEURAL_EFFUSION]) == set(ways[:WORDINGS])


def test_what_every_report_speaks_of_is_always_denied(sentences):
    """Heart, effusion and pneumothorax are never passed over; other absent findings may be."""
    report = compose_report(dict.fromkeys(REPORTED, False), sentences, np.random.default_rng(2), denied=0.0)
    assert {w for w, how in observations(report.findings).items() if how is Certainty.ABSENT} >= {
        Observation.CARDIOMEGALY
    }
    assert Observation.EDEMA not in observations(report.findings)


def test_a_composed_report_affirms_what_is_labelled_and_denies_only_what_is_known(sentences):
    """Present labels are affirmed, absent ones denied, and unknown ones not spoken of."""
    labels = {Observation.CARDIOMEGALY: True, Observation.PLEURAL_EFFUSION: False}
    for seed in range(20):
        said = observations(compose_report(labels, sentences, np.random.default_rng(seed)).text)
        assert said[Observation.CARDIOMEGALY] is Certainty.PRESENT
        assert said.get(Observation.PLEURAL_EFFUSION, Certainty.ABSENT) is Certainty.ABSENT
        assert Observation.PNEUMOTHORAX not in said
        assert Observation.PNEUMONIA not in said


def test_a_film_without_a_finding_gets_a_normal_impression(sentences):
    """All labels absent: nothing is affirmed anywhere."""
    report = compose_report(dict.fromkeys(REPORTED, False), sentences, np.random.default_rng(1))
    assert report.impression == "No acute disease."
    assert Certainty.PRESENT not in {how for what, how in observations(report.findings).items() if what in REPORTED}


def test_an_incompletely_read_film_is_not_called_normal(sentences):
    """Where a label is unknown, no impression says that all is well."""
    report = compose_report({Observation.CARDIOMEGALY: False}, sentences, np.random.default_rng(1))
    assert report.impression == ""


def test_a_finding_without_a_sentence_of_its_own_is_not_called_normal(sentences):
    """Where the reports have no sentence for a present finding, the report says neither that it is there nor that
    all is well."""
    assert Observation.HERNIA not in sentences.affirming
    labels = {**dict.fromkeys(REPORTED, False), Observation.HERNIA: True}
    assert compose_report(labels, sentences, np.random.default_rng(1)).impression == ""


_COMPOSE = """
import numpy as np
from research.mini.reports.sentences import REPORTED, Sentences, compose_report
denying = {what: ((f"No {what.value}.", 1),) for what in REPORTED}
labels = dict.fromkeys(REPORTED, False)
print(compose_report(labels, Sentences({}, denying, ()), np.random.default_rng(1), 0.5).findings)
"""


def test_a_composed_report_is_the_same_in_every_process():
    """Python orders sets by a seed of its own in each process: no lot may hang on that."""
    reports = {
        subprocess.run(
            [sys.executable, "-c", _COMPOSE],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(reports) == 1
    assert reports.pop().startswith("No ")
