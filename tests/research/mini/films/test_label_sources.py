"""The tables of better labels: what they say of each film, and what becomes of damaged ones."""

import gzip
import shutil

import numpy as np
import pytest

from clinicalblip.errors import DatasetNotFound, MalformedStudy
from research.mini.films.label_sources import CLASSES, read_label_sources
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.prepare_films import prepare_films


def test_every_row_is_read(tiny_data):
    """Fourteen probabilities a film of the one table, one of three classes a film of the other."""
    found = read_label_sources(tiny_data)
    assert len(found.probabilities) == 30
    assert all(len(values) == len(NIH_LABELS) for values in found.probabilities.values())
    assert len(found.classes) == 20
    assert set(found.classes.values()) == set(CLASSES)


def test_the_table_of_films_keeps_them(tiny_films):
    """A film that neither table names has unknown probabilities and no class; a drawn one never has any."""
    read = ~np.isnan(tiny_films.probabilities[:, 0])
    assert [row for row in range(len(read)) if read[row]] == list(range(0, 60, 2))
    assert [row for row, name in enumerate(tiny_films.radiologists) if name] == list(range(0, 60, 3))


def test_a_film_in_two_classes_has_none(tiny_data, tmp_path):
    """Rows that contradict each other say nothing; one that is there twice is read once."""
    shutil.copytree(tiny_data / "nih", tmp_path / "nih")
    rows = [("a.jpg", CLASSES[0]), ("a.jpg", CLASSES[1]), ("b.jpg", CLASSES[1]), ("b.jpg", CLASSES[1])]
    text = "\n".join(["file,radiologists_class", *(",".join(row) for row in rows)])
    (tmp_path / "nih" / "rsna_classes.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert read_label_sources(tmp_path).classes == {"b.jpg": CLASSES[1]}


@pytest.mark.parametrize("name", ["densenet121_probabilities.csv.gz", "rsna_classes.csv.gz"])
def test_a_missing_table_is_one_sentence(tiny_data, tiny, tmp_path, name):
    """It is named as it stands in the data folder, before any film is resized."""
    shutil.copytree(tiny_data, tmp_path / "data")
    (tmp_path / "data" / "nih" / name).unlink()
    with pytest.raises(DatasetNotFound, match=f"no nih/{name}"):
        prepare_films(tmp_path / "data", tmp_path / "run", tiny)
    assert not (tmp_path / "run").exists()


HEADER = ",".join(("file", *NIH_LABELS))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("densenet121_probabilities.csv.gz", "", "no column `file`"),
        ("densenet121_probabilities.csv.gz", f"{HEADER}\na.jpg,0.5\n", "without fourteen numbers"),
        ("densenet121_probabilities.csv.gz", f"{HEADER}\na.jpg{',none' * 14}\n", "without fourteen numbers"),
        ("densenet121_probabilities.csv.gz", f"{HEADER}\na.jpg{',0.5' * 13},1.5\n", "not between 0 and 1"),
        ("densenet121_probabilities.csv.gz", f"{HEADER}\na.jpg{',nan' * 14}\n", "not between 0 and 1"),
        ("rsna_classes.csv.gz", "file,radiologists_class\na.jpg,Unsure\n", "none of the three"),
        ("rsna_classes.csv.gz", "file\na.jpg\n", "none of the three"),
    ],
)
def test_a_damaged_table_is_one_sentence(tiny_data, tmp_path, name, text, said):
    """What was found in which table."""
    shutil.copytree(tiny_data / "nih", tmp_path / "nih")
    (tmp_path / "nih" / name).write_bytes(gzip.compress(text.encode()))
    with pytest.raises(MalformedStudy, match=f"nih/{name} has .*{said}"):
        read_label_sources(tmp_path)


def test_a_table_that_is_no_gzip_is_one_sentence(tiny_data, tmp_path):
    """A plain or cut file is no table."""
    shutil.copytree(tiny_data / "nih", tmp_path / "nih")
    file = tmp_path / "nih" / "rsna_classes.csv.gz"
    for content in (b"file,radiologists_class\n", file.read_bytes()[:40]):
        file.write_bytes(content)
        with pytest.raises(MalformedStudy, match="no table in gzip"):
            read_label_sources(tmp_path)
