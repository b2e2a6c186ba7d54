"""Drafts of normal films beside reports of other normal films."""

from clinicalblip.evaluation.baselines import NORMAL_FINDINGS, NORMAL_IMPRESSION
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.evaluation.normal_films import likeness_among, measure_normal_drafts, normal_reports

NORMAL = Report("The heart is normal in size. The lungs are clear.", "No acute disease.")
OTHER = Report("Heart size is normal. No focal consolidation is seen in the lungs.", "Normal chest.")


def test_the_same_report_is_as_like_as_can_be():
    """And one about something else shares little."""
    same = measure_normal_drafts(
        ["Findings: " + NORMAL.findings + " Impression: " + NORMAL.impression], ["a"], [NORMAL]
    )
    far = measure_normal_drafts(["Findings: A large mass."], ["a"], [NORMAL])
    assert same["bleu-4"]["value"] > 0.99
    assert same["rouge-l-coco"]["value"] > 0.99
    assert far["rouge-l-coco"]["value"] < 0.3


def test_no_report_is_compared_with_itself():
    """Two that share little are unlike each other, whatever is drawn."""
    assert likeness_among([NORMAL, OTHER])["bleu-4"]["value"] < 0.6
    assert (
        likeness_among([NORMAL, OTHER], seed=3)["bleu-4"]["value"] == likeness_among([NORMAL, OTHER])["bleu-4"]["value"]
    )


def test_a_study_is_normal_by_its_readers_tags():
    """A tag of a program does not count, and one finding beside "normal" does."""
    tags = (("normal",), ("normal", "automatic:effusion"), ("normal", "Opacity/lung"), ("Cardiomegaly",))
    report = Report(NORMAL_FINDINGS, NORMAL_IMPRESSION)
    studies = [
        Study(f"s{n}", f"p{n}", "validate", context=ClinicalContext(), reference=report, tags=each)
        for n, each in enumerate(tags)
    ]
    assert len(normal_reports(studies)) == 2
