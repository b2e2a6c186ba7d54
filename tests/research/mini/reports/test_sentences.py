"""Normal sentences of the train reports: what each claims, and which are left out."""

import os
import subprocess
import sys

import pytest

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.reports.sentences import AIRSPACE, IN_LUNGS, Organ, collect_sentences

REPORTS = (
    Report("The heart is enlarged. There is a small left pleural effusion. No pneumothorax.", "Cardiomegaly."),
    Report("Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax.", "1. No acute disease."),
    Report("No focal airspace consolidation. XXXX are normal. Bony structures are intact.", "No acute disease."),
    Report("The lungs are clear without effusion. The lungs are free of focal airspace disease.", "Clear."),
    Report("Stable cardiomediastinal silhouette. Lungs clear. Normal.", "No acute disease. Stable chest."),
)


@pytest.fixture(scope="module")
def sentences():
    """What is usable of a few reports, each of them dictated three times."""
    studies = [Study(f"s{n}", f"p{n}", "train", reference=report) for n, report in enumerate(REPORTS * 3)]
    return collect_sentences(studies)


def test_a_sentence_claims_what_it_denies_and_what_its_words_mean(sentences):
    """Clear lungs have no finding of the lungs; who denies a consolidation denies an infiltrate as well."""
    claims = {each.text: each.claims for each in sentences.normal}
    assert claims["Heart size is normal."] == {Observation.CARDIOMEGALY}
    assert claims["The lungs are clear."] == IN_LUNGS
    assert claims["The lungs are clear without effusion."] == IN_LUNGS | {Observation.PLEURAL_EFFUSION}
    assert claims["The lungs are free of focal airspace disease."] == AIRSPACE
    assert claims["No focal airspace consolidation."] == AIRSPACE
    assert claims["No pleural effusion or pneumothorax."] == {Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX}
    assert claims["Bony structures are intact."] == {Observation.FRACTURE}


def test_each_sentence_stands_with_its_organ(sentences):
    """Heart, lungs, pleura and bones, in the order of reports."""
    organs = {each.text: each.organ for each in sentences.normal}
    assert organs["Heart size is normal."] is Organ.HEART
    assert organs["The lungs are clear."] is Organ.LUNGS
    assert organs["No pleural effusion or pneumothorax."] is Organ.PLEURA
    assert organs["Bony structures are intact."] is Organ.BONES


def test_what_affirms_compares_or_is_masked_is_left_out(sentences):
    """So is what is no sentence: a single word, or one without a verb."""
    texts = {each.text for each in sentences.normal}
    assert not any(word in text for text in texts for word in ("enlarged", "left", "XXXX", "Stable", "Lungs clear"))
    assert "Normal." not in texts


def test_only_whole_impressions_are_taken(sentences):
    """One that also compares is no normal impression."""
    assert [text for text, _ in sentences.impressions] == ["No acute disease."]


def test_words_that_one_report_alone_has_in_this_order_are_left_out():
    """They may be a slip, or say something of that report's patient."""
    studies = [Study("s", "p", "train", reference=REPORTS[1])]
    assert collect_sentences(studies).normal == ()


_COLLECT = """
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.reports.compose import compose
from research.mini.reports.sentences import REPORTED, collect_sentences
from research.mini.reports.voice import Voice
texts = ("Heart size is normal. No pleural effusion.", "The heart is normal. The lungs are clear. No pneumothorax.")
studies = [Study(f"s{n}", f"p{n}", "train", reference=Report(texts[n % 2], "No acute disease.")) for n in range(6)]
print(compose([], frozenset(REPORTED), collect_sentences(studies), Voice(1)).text)
"""


def test_a_composed_report_is_the_same_in_every_process():
    """Python orders sets by a seed of its own in each process: no lot may hang on that."""
    reports = {
        subprocess.run(
            [sys.executable, "-c", _COLLECT],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(reports) == 1
    assert "No pleural effusion." in reports.pop()
