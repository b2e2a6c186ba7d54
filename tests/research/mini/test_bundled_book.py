"""The book of drafts that comes with the bundled model."""

from pathlib import Path
from typing import Final

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.book.draft_book import DraftBook, digest_vocabulary, read_book
from clinicalblip.instructblip.collate import encode_text
from clinicalblip.instructblip.prompt import target_text
from research.mini.draft_book import BOOK
from research.mini.evaluation.evaluate import BASE, iu_studies

LONGEST: Final = 16
"""Tokens of a run that few patients' reports have: three short sentences of commonplaces."""

FEW: Final = 10
"""Patients; what as many reports have is a phrase of the field."""


@pytest.fixture(scope="module")
def base() -> Base:
    """The bundled base without its weights."""
    return load_base(ASSETS / "mini" / BASE, "fp32", "cpu", weights=False)


@pytest.fixture(scope="module")
def book(base: Base) -> DraftBook:
    """The bundled book, read for the bundled base's vocabulary."""
    return read_book(ASSETS / "mini" / BOOK, digest_vocabulary(base.tokenizer))


def test_it_is_made_of_drafts_alone(book: DraftBook) -> None:
    """Of nobody's reports, and of no data that asks for credentials."""
    assert (book.about.kinds, book.about.terms, book.about.credentialed) == (("drafts",), "", False)


@pytest.mark.shared_data
def test_no_training_reports_rare_words_can_be_rebuilt_from_it(base: Base, book: DraftBook, shared_data: Path) -> None:
    """Led through each report, it writes nothing longer than a phrase that not ten patients' reports have."""
    studies = [study for study in iu_studies(shared_data) if study.split == "train"]
    reports = [(study.patient_id, encode_text(base, target_text(study.reference))) for study in studies]
    texts = [(patient, f" {' '.join(map(str, tokens))} ") for patient, tokens in reports]
    runs = {run for _, tokens in reports for run in _rebuilt(book, tokens) if len(run) > LONGEST}
    for run in runs:
        words = f" {' '.join(map(str, run))} "
        patients = {patient for patient, text in texts if words in text}
        assert len(patients) >= FEW, base.tokenizer.decode(list(run))


def _rebuilt(book: DraftBook, tokens: list[int]) -> list[tuple[int, ...]]:
    """The runs of a text that the book writes by itself, given what stands before."""
    runs: list[tuple[int, ...]] = []
    run: list[int] = []
    for at, token in enumerate(tokens):
        found = book.next(tokens[:at])
        if found is not None and found.token_id == token:
            run.append(token)
            continue
        runs.append(tuple(run))
        run = []
    return [*runs, tuple(run)]
