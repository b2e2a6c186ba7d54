"""The whole of `mini`, tiny: every part runs, and what comes out is a base with an adapter that drafts."""

import io
import json
import shutil
import tarfile

import numpy as np
import pytest

from clinicalblip.errors import DatasetNotFound
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import load_base
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation.drafting import draft
from research.mini.evaluation.evaluate import ADAPTER, BASE
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.prepare_films import prepare_films
from research.mini.make import make_mini
from research.mini.recipe import TINY
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

pytestmark = pytest.mark.system

FINDINGS = (
    "The heart is enlarged. There is a small left pleural effusion. No pneumothorax.",
    "Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax. No focal infiltrate.",
    "Right lower lobe nodule. Heart size is normal. No nodules or masses. There is an infiltrate.",
)


@pytest.fixture(scope="module")
def data(tiny_data, tmp_path_factory):
    """The tiny films, and twelve reports as IU X-RAY publishes them with the split that names them."""
    copy = tmp_path_factory.mktemp("mini") / "data"
    shutil.copytree(tiny_data, copy)
    folder = copy / "iu"
    folder.mkdir()
    with tarfile.open(folder / "NLMCXR_reports.tgz", "w:gz") as archive:
        for number in range(12):
            text = (
                f'<eCitation><uId id="CXR{number}"/><MedlineCitation><Article><Abstract>'
                f'<AbstractText Label="INDICATION">cough</AbstractText>'
                f'<AbstractText Label="FINDINGS">{FINDINGS[number % 3]}</AbstractText>'
                f'<AbstractText Label="IMPRESSION">No acute disease.</AbstractText>'
                "</Abstract></Article></MedlineCitation><MeSH><major>normal</major></MeSH></eCitation>"
            ).encode()
            entry = tarfile.TarInfo(f"ecgen-radiology/{number}.xml")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    splits = {"train": range(8), "val": range(8, 10), "test": range(10, 12)}
    named = {split: [{"id": f"CXR{n}_IM-0001", "report": ""} for n in numbers] for split, numbers in splits.items()}
    (folder / "r2gen_annotation.json").write_text(json.dumps(named))
    return copy


def test_mini_runs_end_to_end_and_skips_what_is_finished(data, tmp_path, capsys):
    """One command makes a base and an adapter that load, and a second run trains nothing and gives the same."""
    output, run = tmp_path / "mini", tmp_path / "run"
    figures = make_mini(data, run, output, recipe=TINY)
    base = load_base(output / BASE, "fp32", "cpu")
    model, digest = load_adapter(base, output / ADAPTER)
    assert figures["adapter_digest"] == digest
    films = prepare_films(data, run, TINY)
    film = films.pictures(films.rows("validation")[:1])[0, 0].numpy()
    assert draft(base, model.eval(), [[film], [film, film]], [ClinicalContext()] * 2, TINY.evaluation_tokens)
    capsys.readouterr()
    assert make_mini(data, run, output, recipe=TINY) == figures
    assert "step" not in capsys.readouterr().err


def test_a_base_that_drafts_is_taken_as_finished(data, tmp_path):
    """Neither its language model nor its Q-Former is trained again, and its adapter is."""
    run, other = tmp_path / "run", tmp_path / "other"
    make_mini(data, run, tmp_path / "mini", recipe=TINY)
    finished = {"vision_init": run / "vision_init", "connected": tmp_path / "mini" / BASE}
    figures = make_mini(data, other, tmp_path / "from", recipe=TINY, **finished)
    assert not {"language", "qformer", "look", "connect"} & {folder.name for folder in other.iterdir()}
    assert load_base(tmp_path / "mini" / BASE, "fp32", "cpu").digest == figures["base_digest"]


def test_mini_made_twice_has_the_same_weights(data, tmp_path):
    """Seeds are fixed: two runs that know nothing of each other end with the same base and adapter."""
    first, second = (make_mini(data, tmp_path / n, tmp_path / f"mini-{n}", recipe=TINY) for n in ("one", "two"))
    assert (first["base_digest"], first["adapter_digest"]) == (second["base_digest"], second["adapter_digest"])


def test_mini_without_its_data_says_what_it_looked_for(tmp_path):
    """A folder without the films is refused before anything is trained."""
    with pytest.raises(DatasetNotFound, match="manifest"):
        make_mini(tmp_path, tmp_path / "run", tmp_path / "out", recipe=TINY)


def test_nodule_and_mass_are_one_observation():
    """A film with either label has a lung lesion; with neither label known, nothing is known."""
    labels = np.zeros((3, 14), dtype=np.float32)
    labels[0, NIH_LABELS.index("Mass")] = 1
    labels[2] = np.nan
    column = observation_table(labels)[:, REPORTED.index(Observation.LUNG_LESION)]
    assert column[0] == 1
    assert column[1] == 0
    assert np.isnan(column[2])
