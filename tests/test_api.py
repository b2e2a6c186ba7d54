"""What `import clinicalblip` offers a notebook."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import clinicalblip
from clinicalblip.errors import BurnedInAnnotation, UnreadableRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.screening.wording import LATERAL_AS_FRONTAL
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import ScriptedReporter

ROOT = Path(__file__).parents[1]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A DICOM file of a plain ramp."""
    path = tmp_path / "FILM.dcm"
    path.write_bytes(write_dicom(np.add.outer(np.arange(128), np.arange(128)).astype(np.uint16) * 16))
    return path


@pytest.fixture
def reporter() -> ScriptedReporter:
    """One that recites."""
    return ScriptedReporter(text="FINDINGS: Seen.")


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Neither torch nor gradio, until a model is loaded; comparing needs neither."""
    code = (
        "import sys, clinicalblip; assert 'numpy' not in sys.modules\n"
        "clinicalblip.compare('Clear.', 'Not clear.'); clinicalblip.ClinicalContext(); clinicalblip.load_reporter\n"
        "assert not {'torch', 'gradio', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_all_that_is_offered_is_there() -> None:
    """Every name can be had, is listed, and what is not offered is missed as usual."""
    assert set(clinicalblip.__all__) <= set(dir(clinicalblip))
    assert all(getattr(clinicalblip, name) for name in clinicalblip.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        clinicalblip.nonsense  # noqa: B018


def test_a_film_is_read_from_a_path_or_from_bytes(film: Path) -> None:
    """Both are the same film; options go along."""
    read = clinicalblip.read_radiograph(str(film), ReadOptions(view=View.LATERAL))
    assert read.view is View.LATERAL
    assert clinicalblip.read_radiograph(film.read_bytes()).digest == clinicalblip.read_radiograph(film).digest


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """Without the path, which may name a patient."""
    with pytest.raises(UnreadableRadiograph, match=r"^The radiograph cannot be opened: no such file or directory\.$"):
        clinicalblip.read_radiograph(tmp_path / "Doe-Jane.dcm")


def test_films_reach_the_reporter_in_their_order(film: Path, reporter: ScriptedReporter) -> None:
    """Frontal, lateral, prior, whatever the order of the arguments; a path's lateral film is one."""
    prior = clinicalblip.read_radiograph(film)
    drafted = clinicalblip.draft(reporter, film, prior=prior, lateral=str(film), phi="ignore")
    assert drafted.report == Report("Seen.")
    (seen,) = reporter.radiographs
    assert [each.view for each in seen] == [View.FRONTAL, View.LATERAL, prior.view]


def test_what_names_somebody_is_warned_of_masked_or_ignored(reporter: ScriptedReporter) -> None:
    """Text in the film and names in the context, as the caller says."""
    named = clinicalblip.ClinicalContext(indication="cough, seen by Dr. Zebraname")
    burned = clinicalblip.read_radiograph(burned_film())
    warned = clinicalblip.draft(reporter, burned, named).warnings
    assert sum('phi="mask"' in each for each in warned) == 2
    assert not any('phi="mask"' in each for each in clinicalblip.draft(reporter, burned, named, phi="ignore").warnings)
    assert not any('phi="mask"' in each for each in clinicalblip.draft(reporter, burned, named, phi="mask").warnings)
    as_it_is, ignored, masked = (films[0] for films in reporter.radiographs)
    assert as_it_is.digest == ignored.digest == burned.digest
    assert masked.digest != burned.digest
    assert [context.indication for context in reporter.contexts] == [named.indication] * 2 + [
        "cough, seen by Dr. [name]"
    ]


def test_a_film_whose_tags_warn_of_text_is_refused_unless_allowed(film: Path, reporter: ScriptedReporter) -> None:
    """By its path; read with that allowed it is drafted from."""
    film.write_bytes(burned_film(BurnedInAnnotation="YES"))
    with pytest.raises(BurnedInAnnotation):
        clinicalblip.draft(reporter, film)
    allowed = clinicalblip.read_radiograph(film, ReadOptions(allow_burned_in=True))
    assert clinicalblip.draft(reporter, allowed, phi="mask").report.findings == "Seen."


def test_another_word_for_phi_is_refused(film: Path, reporter: ScriptedReporter) -> None:
    """Before anything is read."""
    with pytest.raises(ValueError, match="phi is"):
        clinicalblip.draft(reporter, film, phi="hide")  # type: ignore[arg-type]


def test_reports_and_texts_are_compared() -> None:
    """Words counted, findings told apart."""
    comparison = clinicalblip.compare(
        Report("Clear lungs.", "Normal."), Report("Clear lungs. Small effusion.", "Normal.")
    )
    assert (comparison.words_added, comparison.words_removed) == (2, 0)
    assert "".join(change.after for change in comparison.words).startswith("FINDINGS:\nClear lungs. Small effusion.")
    assert "Pleural Effusion" in [change.observation.value for change in comparison.findings.different]
    assert clinicalblip.compare("same", "same").words_added == 0


@pytest.mark.parametrize("door", ["path", "film"])
def test_a_lateral_film_given_as_frontal_is_drafted_from_as_frontal(
    film: Path, reporter: ScriptedReporter, door: str
) -> None:
    """As on the page: whoever says so is believed, and warned."""
    film.write_bytes(write_dicom(np.tile(np.arange(128, dtype=np.uint16) * 16, (128, 1)), ViewPosition="LL"))
    given = film if door == "path" else clinicalblip.read_radiograph(film)
    draft = clinicalblip.draft(reporter, given, phi="ignore")
    ((seen,),) = reporter.radiographs
    assert seen.view is View.FRONTAL
    assert draft.warnings == (LATERAL_AS_FRONTAL,)
