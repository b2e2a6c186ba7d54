"""Phantom-IU: tags become findings, and everything that is written says that it is synthetic."""

import json
from pathlib import Path

import pytest
from PIL import Image

from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.errors import DatasetError, DatasetNotFound
from clinicalblip.radiology.radiograph import View
from research.phantom.__main__ import main
from research.phantom.description import Finding, Kind
from research.phantom.mesh_tags import findings_of
from research.phantom.phantom_iu import PHANTOMS_FILE, PREFIX, STUDIES_FILE, SYNTHETIC_TAG, write_phantom_iu

REPORT = """<eCitation><uId id="{uid}"/><MedlineCitation><Article><Abstract>
<AbstractText Label="INDICATION">cough</AbstractText><AbstractText Label="FINDINGS">{findings}</AbstractText>
<AbstractText Label="IMPRESSION">see above</AbstractText></Abstract></Article></MedlineCitation>
<MeSH>{tags}</MeSH></eCitation>"""
STUDIES = {
    "CXR1": ("train", ["normal"]),
    "CXR2": ("train", ["Pleural Effusion/left/large", "Calcinosis/aorta"]),
    "CXR3": ("val", ["Cardiomegaly/mild", "Tube, Inserted/trachea"]),
    "CXR4": ("test", ["Nodule/lung/upper lobe/right"]),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four invented reports in IU's format, and a split file."""
    folder = tmp_path / "source"
    folder.mkdir()
    split: dict[str, list[dict[str, str]]] = {"train": [], "val": [], "test": []}
    for uid, (part, tags) in STUDIES.items():
        majors = "".join(f"<major>{tag}</major>" for tag in tags)
        text = REPORT.format(uid=uid, findings=f"Findings of {uid}.", tags=majors)
        (folder / f"{uid[3:]}.xml").write_text(text, encoding="utf-8")
        split[part].append({"id": f"{uid}_IM-0001"})
    (folder / "annotation.json").write_text(json.dumps(split), encoding="utf-8")
    return folder


def write(source: Path, output: Path, **options):
    """Phantom-IU of the invented reports, small."""
    return write_phantom_iu(source, source / "annotation.json", output, size=64, **options)


@pytest.mark.parametrize(
    ("tag", "kind", "side", "zone"),
    [
        ("Cardiomegaly/mild", Kind.CARDIOMEGALY, "", ""),
        ("Pleural Effusion/bilateral/small", Kind.EFFUSION, "both", ""),
        ("Opacity/lung/base/left", Kind.CONSOLIDATION, "left", "lower"),
        ("Opacity/lung/base/left/streaky", Kind.ATELECTASIS, "left", "lower"),
        ("Opacity/lung/lingula", Kind.CONSOLIDATION, "left", "middle"),
        ("Airspace Disease/lung/middle lobe/right", Kind.CONSOLIDATION, "right", "middle"),
        ("Nodule/lung/apex/right", Kind.NODULE, "right", "upper"),
        ("Calcified Granuloma/lung/upper lobe/left", Kind.GRANULOMA, "left", "upper"),
        ("Lung/hyperdistention", Kind.HYPERINFLATION, "", ""),
        ("Scoliosis/thoracic vertebrae/right/mild", Kind.SCOLIOSIS, "right", ""),
        ("Pulmonary Edema/interstitial", Kind.EDEMA, "", ""),
        ("Catheters, Indwelling/right", Kind.CENTRAL_LINE, "right", ""),
    ],
)
def test_a_tag_is_drawn_where_it_says(tag, kind, side, zone):
    """Term, side and lobe of a tag decide what is drawn and where."""
    (finding,) = findings_of([tag], 1).findings
    assert (finding.kind, finding.side) == (kind, side)
    assert finding.zone == zone


@pytest.mark.parametrize(
    "tag",
    [
        "Mass/breast/large",
        "Scoliosis/lumbar vertebrae",
        "Fractures, Bone/clavicle/left",
        "Cardiomegaly/borderline",
        "Calcinosis/aorta",
        "Tube, Inserted/abdomen",
        "Spondylosis",
    ],
)
def test_what_cannot_be_drawn_is_said(tag):
    """A tag of another organ, or of what no phantom has, is handed back."""
    drawn = findings_of([tag], 1)
    assert not drawn.findings
    assert drawn.left_out == (tag,)


def test_tags_of_one_kind_are_one_finding():
    """Two sides become both; a normal and an automatic tag are nothing; the same seed draws the same."""
    tags = ["normal", "automatic:Pneumothorax", "Pleural Effusion/left/small", "Pleural Effusion/right/small"]
    drawn = findings_of(tags, 5)
    assert drawn.findings == {Finding(Kind.EFFUSION, "both", severity=0.2)}
    assert not drawn.left_out
    both = findings_of(["Mass/lung/right", "Nodule/lung/left"], 5)
    assert {finding.kind for finding in both.findings} == {Kind.MASS}
    assert both.left_out == ("Nodule/lung/left",)
    assert findings_of(["Pneumothorax"], 5) == findings_of(["Pneumothorax"], 5)


def test_studies_keep_their_split_and_are_labelled_synthetic(source, tmp_path):
    """Ids, paths, tags and the films' own text say it; split, report and indication are the data set's."""
    output = tmp_path / "out"
    counts = write(source, output)
    studies = {study.study_id: study for study in read_studies(output / STUDIES_FILE)}
    assert set(studies) == {f"{PREFIX}{name}" for name in STUDIES}
    assert dict(counts.studies) == {"train": 2, "validate": 1, "test": 1}
    assert counts.findings["endotracheal tube"] == 1
    assert counts.left_out == {"Calcinosis": 1}
    assert "synthetic" in counts.table
    for study in studies.values():
        assert SYNTHETIC_TAG in study.tags
        assert study.patient_id.startswith(PREFIX)
        assert study.reference.findings == f"Findings of {study.study_id.removeprefix(PREFIX)}."
        assert study.context.indication == "cough"
        assert [image.view for image in study.images][1] is View.LATERAL
        for image in study.images:
            assert image.path.name.startswith(PREFIX)
            with Image.open(image.path) as film:
                assert film.size == (64, 64)
                assert film.text["Description"].startswith("Synthetic.")
    assert studies[f"{PREFIX}CXR3"].images[0].view is View.AP  # intubated


def test_each_studys_phantom_is_written_down(source, tmp_path):
    """Findings with side, zone and severity stand beside the studies, so that masks can be drawn again."""
    write(source, tmp_path / "out", lateral=False)
    lines = (tmp_path / "out" / PHANTOMS_FILE).read_text("utf-8").splitlines()
    found = {record["study_id"]: record["findings"] for record in map(json.loads, lines)}
    assert found[f"{PREFIX}CXR1"] == []
    (effusion,) = found[f"{PREFIX}CXR2"]
    assert effusion == {"kind": "pleural effusion", "side": "left", "zone": "", "severity": 0.9}


def test_composed_reports_say_what_is_drawn(source, tmp_path):
    """With composed reports nothing is said that the film does not show."""
    write(source, tmp_path / "out", composed=True, lateral=False)
    studies = {study.study_id: study for study in read_studies(tmp_path / "out" / STUDIES_FILE)}
    assert "effusion" in studies[f"{PREFIX}CXR2"].reference.findings
    assert "Findings of" not in studies[f"{PREFIX}CXR2"].reference.findings


def test_a_second_run_draws_only_what_is_missing(source, tmp_path):
    """Films that are there are kept as they are, and one that was taken away comes back the same."""
    output = tmp_path / "out"
    write(source, output, lateral=False)
    films = sorted((output / "films").iterdir())
    before = {film.name: film.read_bytes() for film in films}
    films[0].unlink()
    marked = films[1].stat().st_mtime_ns
    write(source, output, lateral=False)
    assert {film.name: film.read_bytes() for film in sorted((output / "films").iterdir())} == before
    assert films[1].stat().st_mtime_ns == marked


def test_bad_input_is_one_sentence(source, tmp_path):
    """No reports, and a folder that cannot be written to."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetNotFound, match="neither"):
        write_phantom_iu(tmp_path / "empty", source / "annotation.json", tmp_path / "out")
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be written"):
        write(source, file)


def test_the_command_draws_and_prints_what_it_drew(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`iu` writes the same folder, frontal films only where asked, and ends with the counts."""
    output = tmp_path / "phantom-iu"
    arguments = ["--source", str(source), "--split-file", str(source / "annotation.json"), "--output", str(output)]
    main(["iu", *arguments, "--size", "64", "--frontal-only", "--workers", "1"])
    assert "studies drawn (synthetic)" in capsys.readouterr().out
    studies = list(read_studies(output / STUDIES_FILE))
    assert len(studies) == len(STUDIES)
    assert all(len(study.images) == 1 for study in studies)
