"""A data folder of a few small films, and the films made of it."""

import csv
import gzip
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from research.mini.films.label_sources import CLASSES
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.prepare_films import prepare_films
from research.mini.recipe import TINY
from research.mini.reports.pseudo_labels import PseudoLabels, observation_table
from research.mini.reports.sentences import REPORTED

COLUMNS = ("file", "set", "patient", "view", "labels", "width", "height")


def write_label_sources(folder, files, rng):
    """A network's probabilities of every second of these films, and radiologists' classes of every third."""
    folder.mkdir()
    with gzip.open(folder / "densenet121_probabilities.csv.gz", "wt") as lines:
        table = csv.writer(lines)
        table.writerow(("file", *NIH_LABELS))
        table.writerows([file, *rng.uniform(0.01, 0.4, len(NIH_LABELS)).round(6)] for file in files[::2])
    with gzip.open(folder / "rsna_classes.csv.gz", "wt") as lines:
        table = csv.writer(lines)
        table.writerow(("file", "radiologists_class"))
        table.writerows((file, CLASSES[place % 3]) for place, file in enumerate(files[::3]))


@pytest.fixture(scope="session")
def tiny():
    """A recipe of seconds, one thread's worth."""
    return replace(TINY, phantoms=6)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory):
    """`data/radiographs` with 60 NIH films of 40 patients and one film of every case that needs care."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "radiographs").mkdir()
    rng = np.random.default_rng(5)
    kinds = ("No Finding", "Effusion", "Cardiomegaly;Effusion", "Nodule", "Mass", "Infiltration")
    rows = [("nih.zip", "nih", f"nih_{n % 40:04d}", "PA", kinds[n % 6]) for n in range(60)]
    rows += [
        ("other.zip", "kermany", "", "frontal", "Pneumonia;viral"),
        ("other.zip", "kermany", "", "frontal", "No Finding"),
        ("other.zip", "cohen_covid", "c1", "PA", "COVID-19;ARDS"),
        ("other.zip", "cohen_covid", "c1", "PA", ""),
        ("other.zip", "cohen_covid", "c2", "lateral", "COVID-19"),
        ("other.zip", "covid_radiography", "", "", "No Finding"),
        ("other.zip", "covid_radiography", "", "", "COVID-19"),
        ("other.zip", "nih_effusion_anon", "", "", "Effusion"),
    ]
    archives = {name: zipfile.ZipFile(folder / "radiographs" / name, "w") for name in ("nih.zip", "other.zip")}
    with (folder / "radiographs" / "manifest.csv").open("w", newline="") as lines:
        table = csv.DictWriter(lines, COLUMNS)
        table.writeheader()
        for number, (archive, set_name, patient, view, labels) in enumerate(rows):
            grey = rng.integers(0, 256, (30, 40)).astype(np.uint8)
            grey[: number + 1 if number < 30 else 30, :5] = 255
            packed = io.BytesIO()
            Image.fromarray(grey).resize((80, 64)).save(packed, "PNG")
            archives[archive].writestr(f"{number}.png", packed.getvalue())
            values = (f"{archive}/{number}.png", set_name, patient, view, labels, 80, 64)
            table.writerow(dict(zip(COLUMNS, values, strict=True)))
    for archive in archives.values():
        archive.close()
    write_label_sources(folder / "nih", [f"nih.zip/{number}.png" for number in range(60)], rng)
    return folder


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """A run folder that the parts of a test session share."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="session")
def tiny_films(tiny_data, tiny_run, tiny):
    """The films of the tiny data folder, prepared once."""
    return prepare_films(tiny_data, tiny_run, tiny)


@pytest.fixture(scope="session")
def films(tiny_data, tmp_path_factory):
    """The tiny films with forty drawn ones."""
    return prepare_films(tiny_data, tmp_path_factory.mktemp("films"), replace(TINY, phantoms=40))


@pytest.fixture(scope="session")
def pseudo_labels(films):
    """An encoder that reads exactly what the films are labelled with, and nothing where nothing is known."""
    return PseudoLabels(np.where(observation_table(films.labels) == 1, 3.0, -3.0), np.zeros(len(REPORTED)))
