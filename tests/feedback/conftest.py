"""Reviews to keep, as a page would make them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Review, ReviewTexts, Verdict

IDENTITY = ModelIdentity(
    base="base",
    base_digest="b" * 64,
    adapter="adapter",
    adapter_digest="a" * 64,
    precision="fp32",
    reason="it fits",
    device="cpu",
    prompt_version="1",
)
DRAFT = Draft(
    report=Report("Draftword heart normal.", "Draftend."),
    prompt="Promptword: cough.",
    radiographs=("f" * 64, "e" * 64),
    model=IDENTITY,
    generation=GenerationOptions(max_new_tokens=220),
    seed=7,
    tokens=12,
    seconds=0.5,
    stopped=True,
    warnings=("Warningword was cut.",),
)
TEXTS = ReviewTexts(
    context=ClinicalContext(
        "Indicationword", "Historyword", "Techniqueword", "Comparisonword", "Priorword", "Hintword"
    ),
    draft=DRAFT.report,
    final=Report("Finalword heart enlarged.", "Finalend."),
    reference=Report("Referenceword.", "Referenceend."),
    comment="Commentword",
)
WORDS = (
    *("Indicationword", "Historyword", "Techniqueword", "Comparisonword", "Priorword", "Hintword", "Draftword"),
    *("Draftend", "Finalword", "Finalend", "Referenceword", "Referenceend", "Commentword", "Promptword"),
    "Warningword",
)


def make_review(second: int = 0, *, consent: bool = True, **changes: Any) -> Review:
    """A review of 2026-11-24, the given number of seconds after eight."""
    review = Review(
        draft=DRAFT,
        verdict=Verdict.MINOR_EDITS,
        overall=4,
        created=datetime(2026, 11, 24, 8, second // 60, second % 60, 123456, tzinfo=UTC),
        words_added=2,
        words_removed=1,
        editing_seconds=30.25,
        texts=TEXTS if consent else None,
    )
    return replace(review, **changes)


@pytest.fixture
def review() -> Callable[..., Review]:
    """The maker of reviews."""
    return make_review


@pytest.fixture
def words() -> tuple[str, ...]:
    """One word of every text of a review, each found nowhere else."""
    return WORDS


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the store of this test lies."""
    return tmp_path / "reviews.sqlite3"


@pytest.fixture
def store(database: Path) -> Iterator[ReviewStore]:
    """An empty store."""
    with ReviewStore(database) as opened:
        yield opened
