"""The views and files of MIMIC's films."""

from pathlib import Path

import pytest

from clinicalblip.datasets.mimic_cxr.films import find_film, parse_view, view_order
from clinicalblip.radiology.radiograph import View


@pytest.mark.parametrize(
    ("position", "meaning", "view"),
    [
        ("PA", "", View.PA),
        ("AP", "lateral", View.AP),
        ("LATERAL", "", View.LATERAL),
        ("LL", "", View.LATERAL),
        ("XTABLE LATERAL", "", View.LATERAL),
        ("AP LLD", "", View.AP),
        ("LAO", "", View.UNKNOWN),
        ("", "postero-anterior", View.PA),
        (" ", "antero-posterior", View.AP),
        ("", "lateral", View.LATERAL),
        ("", "left lateral", View.LATERAL),
        ("", "", View.UNKNOWN),
        ("", "Recumbent", View.UNKNOWN),
    ],
)
def test_views(position: str, meaning: str, view: View) -> None:
    """ViewPosition decides; only where it is empty does the code's meaning."""
    assert parse_view(position, meaning) is view


def test_the_order_is_the_models() -> None:
    """Frontal, lateral, then what is not known."""
    views = [View.UNKNOWN, View.LATERAL, View.AP]
    assert sorted(views, key=view_order) == [View.AP, View.LATERAL, View.UNKNOWN]


def test_the_original_comes_before_the_picture_made_of_it(tmp_path: Path) -> None:
    """DICOM where both are there, none where neither is."""
    assert find_film(tmp_path, "a") is None
    (tmp_path / "a.jpg").write_bytes(b"film")
    assert find_film(tmp_path, "a") == tmp_path / "a.jpg"
    (tmp_path / "a.dcm").write_bytes(b"film")
    assert find_film(tmp_path, "a") == tmp_path / "a.dcm"
