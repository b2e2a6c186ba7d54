"""A study refuses what no study can be."""

from pathlib import Path

import pytest

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import SPLITS, Study, StudyImage

REPORT = Report("The lungs are clear.", "Normal chest.")


def test_a_study_needs_an_id_and_a_split() -> None:
    """An empty id and an unknown split are refused."""
    with pytest.raises(ValueError, match="study_id"):
        Study("", "p1", "train")
    with pytest.raises(ValueError, match="'val'"):
        Study("s1", "p1", "val")


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_makes_a_study(split: str) -> None:
    """Texts may be empty, films may be absent."""
    study = Study("s1", "p1", split)
    assert study.reference.empty
    assert study.images == ()


@pytest.mark.parametrize(
    "prior", ["the  lungs are CLEAR.", REPORT.text, "The lungs are clear. Normal chest.", " the lungs are clear.\n"]
)
def test_a_study_is_not_its_own_prior(prior: str) -> None:
    """The report itself as prior report is refused, however it is spaced and written."""
    with pytest.raises(ValueError, match="its own report") as caught:
        Study("s1", "p1", "train", context=ClinicalContext(prior_report=prior), reference=REPORT)
    assert "clear" not in str(caught.value)


def test_another_report_is_a_prior() -> None:
    """A different earlier report is kept, and so is a short one that happens to be an impression."""
    context = ClinicalContext(prior_report="Small left effusion.")
    assert Study("s1", "p1", "train", context=context, reference=REPORT).context is context


PA, LATERAL = StudyImage(Path("pa"), View.PA), StudyImage(Path("lateral"), View.LATERAL)
AP, UNKNOWN = StudyImage(Path("ap"), View.AP), StudyImage(Path("unknown"))
OLD, OLD_LATERAL = StudyImage(Path("old"), View.PA, True), StudyImage(Path("old lateral"), View.LATERAL, True)


@pytest.mark.parametrize(
    ("images", "shown"),
    [
        ((PA,), (PA,)),
        ((PA, AP, LATERAL, OLD), (PA, LATERAL, OLD)),
        ((LATERAL, UNKNOWN), (UNKNOWN, LATERAL)),
        ((LATERAL,), (LATERAL,)),
        ((PA, OLD_LATERAL), (PA,)),
        ((PA, OLD), (PA, OLD)),
        ((OLD,), (OLD,)),
        ((), ()),
    ],
)
def test_a_model_is_shown_one_film_of_a_kind(images: tuple[StudyImage, ...], shown: tuple[StudyImage, ...]) -> None:
    """A frontal film, then a lateral and a prior one where there are any; of several of a kind the first."""
    assert Study("s1", "p1", "train", images).shown == shown
